"""Requests to Argilla whose failures have a name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from helpers.active_learning.errors import DatasetDeletedError, ServerGoneError
from helpers.annotation import permitted, update_records
from helpers.annotation.updates import Change

if TYPE_CHECKING:
    import argilla as rg

PAGE = 1000
"""Records a request; the server allows no more."""

PATIENCE_S = 120.0
RETRY_S = 0.5
_GATEWAY = (502, 503, 504)

Answer = TypeVar("Answer")


def request(dataset: rg.Dataset, path: str = "", **parameters: Any) -> Any:
    """Ask the server something about a dataset, once, and return its answer.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    path
        What follows the dataset's own address.
    parameters
        Of the request.

    Raises
    ------
    DatasetDeletedError
        If the dataset is gone.
    NotPermittedError
        If the key may not do this.
    httpx.TransportError
        If the server is out of reach, be it that one in front of it says so.
    """
    with _named_failures(dataset):
        answer = dataset._client.http_client.get(f"/api/v1/datasets/{dataset.id}{path}", params=parameters)
        return answer.raise_for_status().json()


def patiently(dataset: rg.Dataset, do: Callable[[], Answer]) -> Answer:
    """Return what this returns, done again and again while the server is out of reach, as when it restarts.

    Raises
    ------
    ServerGoneError
        If it is still out of reach after two minutes.
    """
    import httpx

    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return do()
        except httpx.TransportError as error:
            if time.monotonic() > deadline:
                raise ServerGoneError(
                    f"The server at {dataset._client.api_url} is out of reach ({error}). Nothing is lost: "
                    "start it, and run this again."
                ) from error
            time.sleep(RETRY_S)


def write(dataset: rg.Dataset, changes: Sequence[Change]) -> None:
    """Change records as `update_records` does, patiently; a suggestion that is there stays.

    Raises
    ------
    RecordRefusedError
        If the server does not take a record.
    DatasetDeletedError, NotPermittedError, ServerGoneError
        As `request` and `patiently`.

    Warns
    -----
    RecordsGoneWarning
        If records have been deleted meanwhile.
    """

    def update() -> int:
        with _named_failures(dataset):
            return update_records(dataset, changes, keep_suggestions=True)

    patiently(dataset, update)


@contextmanager
def _named_failures(dataset: rg.Dataset) -> Iterator[None]:
    import httpx
    from argilla._exceptions._api import ArgillaAPIError

    try:
        with permitted(dataset):
            yield
    except (ArgillaAPIError, httpx.HTTPStatusError) as error:
        status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else error.status_code
        if status == httpx.codes.NOT_FOUND:
            raise DatasetDeletedError(
                f"The dataset {dataset.name!r} is no longer there: somebody has deleted it. "
                "Its labels are gone with it; log the records again to start anew."
            ) from error
        if status in _GATEWAY:
            raise httpx.NetworkError(f"Status {status}") from error
        raise


def list_records(dataset: rg.Dataset, *include: str, patient: bool = False) -> Iterator[dict[str, Any]]:
    """Return all records as the server's database has them.

    The search engine is not asked: where the server dies, its index may lack the last response.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    include
        "responses", "suggestions".
    patient
        Whether to wait for a server that is out of reach.
    """
    offset, total = 0, 1
    while offset < total:
        ask = partial(request, dataset, "/records", include=list(include), offset=offset, limit=PAGE)
        page = patiently(dataset, ask) if patient else ask()
        yield from page["items"]
        offset, total = offset + PAGE, page["total"]
