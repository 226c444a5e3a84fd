r"""Refusing what no answer could carry, before it is stored. Runs in the server's environment.

Python reads a lone half of a surrogate pair ("\ud83d") and numbers that are not finite from JSON, and cannot
write them as UTF-8 or JSON: a record that holds one breaks every answer, and every index, that it is part of.
"""

import array
import json
import math
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from argilla_server.database import async_engine, sync_engine
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.models import VectorSettings
from argilla_server.validators.vectors import VectorValidator
from fastapi import HTTPException, status
from sqlalchemy.exc import DontWrapMixin
from starlette.requests import Request

from helpers.argilla_local.faster.patching import replace_member

# How half of a surrogate pair can be written: as an escape, or as the bytes that it would have in UTF-8.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")

ReadJson = Callable[[Request], Awaitable[Any]]


class NotFiniteError(UnprocessableEntityError, DontWrapMixin):  # type: ignore[misc]  # argilla_server is not installed here
    """A number that JSON has no word for."""


def install() -> None:
    """Put our checks in place: of every JSON body, of every vector, and of every JSON column."""
    replace_member(Request, "json", _without_surrogates(Request.json))
    replace_member(VectorValidator, "validate", classmethod(_with_finite(VectorValidator.validate)))
    for engine in (async_engine, sync_engine):
        engine.dialect._json_serializer = write_json


def write_json(value: Any) -> str:
    """Write a value for the database.

    Raises
    ------
    NotFiniteError
        A number in it is not finite.
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError as error:
        for place, item in _items(value):
            if isinstance(item, float) and not math.isfinite(item):
                message = f"{item} at {place or 'its top'} of a value cannot be stored: send a finite number."
                raise NotFiniteError(message) from error
        raise


def _without_surrogates(stock: ReadJson) -> ReadJson:
    async def read_json(request: Request) -> Any:
        content = await stock(request)
        body = await request.body()
        # Other encodings than UTF-8 have a zero among the first bytes.
        if b"\0" in body[:4] or _SURROGATE.search(body):
            for place, item in _items(content):
                if isinstance(item, str) and not _is_unicode(item):
                    raise HTTPException(
                        status.HTTP_422_UNPROCESSABLE_ENTITY,
                        f"The text at {_printable(place) or 'the top'} of the body holds half of a surrogate "
                        "pair: send whole characters.",
                    )
        return content

    return read_json


def _with_finite(stock: Callable[[Sequence[float], VectorSettings], None]) -> Callable[..., None]:
    def validate(cls: type, value: Sequence[float], vector_settings: VectorSettings) -> None:
        stock(value, vector_settings)
        for number, kept in zip(value, array.array("f", value), strict=True):
            if not math.isfinite(kept):
                raise ValueError(
                    f"vector value for vector name={vector_settings.name} must have finite 32-bit elements, "
                    f"got {number}"
                )

    return validate


def _items(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield all keys and values inside of a JSON value, each with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            inner = f"{place}.{key}".lstrip(".")
            yield inner, key
            yield from _items(item, inner)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _items(item, f"{place}[{number}]")
    else:
        yield place, value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
