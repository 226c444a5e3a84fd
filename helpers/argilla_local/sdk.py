"""Clients of Argilla's SDK, of which one fault is mended."""

from functools import cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argilla


def sdk_client(url: str, key: str, **options: Any) -> "argilla.Argilla":
    """Return a client, as ``argilla.Argilla`` makes it.

    The SDK 2.8 cannot read a record with a response that has no values, such as one that was discarded in the
    web UI before anything was chosen. From now on it reads the record without that response.
    """
    import argilla

    _mend()
    return argilla.Argilla(api_url=url, api_key=key, **options)


@cache
def _mend() -> None:
    from argilla.records._resource import RecordResponses

    stock = RecordResponses.from_models

    @wraps(stock)
    def from_models(self: RecordResponses, responses: list[Any]) -> None:
        stock(self, [each for each in responses if each.values])

    RecordResponses.from_models = from_models
