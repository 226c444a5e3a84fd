"""What argilla_server 2.8.0 fails on with 500, and is the client's to correct. Runs in its environment."""

import errno
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

from argilla_server.api.routes import api_v1
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.static_rewrite import RewriteStaticFiles
from argilla_server.validators.response_values import (
    ResponseValueValidator,
    SpanQuestionResponseValueValidator,
)
from fastapi import HTTPException, Request
from fastapi._compat import ModelField
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from helpers.argilla_local.faster.patching import replace_member

Errors = list[dict[str, Any]]
GetResponse = Callable[..., Awaitable[Any]]
Validate = Callable[..., Any]


def install() -> None:
    """Have it refused."""
    api_v1.add_exception_handler(OverflowError, _answer(422, "a number is too large: it must be below 2^63"))
    api_v1.add_exception_handler(
        RedisError, _answer(503, "the queue of jobs does not answer: try again in a minute")
    )
    replace_member(ModelField, "validate", _catching(ModelField.validate))
    replace_member(ResponseValueValidator, "validate", classmethod(_validated(ResponseValueValidator.validate)))
    replace_member(
        SpanQuestionResponseValueValidator, "_validate_values_are_not_overlapped", _validate_no_overlap
    )
    replace_member(RewriteStaticFiles, "get_response", _finding(RewriteStaticFiles.get_response))


def _answer(status: int, detail: str) -> Callable[[Request, Exception], JSONResponse]:
    async def handle(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": detail}, status)

    return handle


def _catching(stock: Validate) -> Validate:
    """Where argilla_server's checks fail on a value, as on a range from a number to a text, it is refused."""

    def validate(field: ModelField, value: Any, *rest: Any, loc: tuple[int | str, ...] = ()) -> Any:
        try:
            return stock(field, value, *rest, loc=loc)
        except (TypeError, AttributeError, OverflowError, RecursionError) as error:
            return None, [{"type": "value_error", "loc": loc, "msg": f"Value error, {error}", "input": None}]

    return validate


def _validated(stock: Validate) -> Validate:
    def validate(cls: type, value: Any, settings: Any, *rest: Any) -> None:
        try:
            stock(value, settings, *rest)
        except (TypeError, AttributeError) as error:
            raise UnprocessableEntityError(
                f"the value is not of the form that a question of the type {settings.type} expects: {error}"
            ) from error

    return validate


def _validate_no_overlap(validator: SpanQuestionResponseValueValidator, settings: Any) -> None:
    """Refuse spans that overlap: the stock check compares each with each."""
    if settings.allow_overlapping:
        return
    spans = sorted(enumerate(validator._response_value), key=lambda span: span[1].start)
    for (first, before), (second, after) in pairwise(spans):
        if after.start < before.end:
            raise UnprocessableEntityError(
                f"overlapping values found between spans at index idx={first} and idx={second}"
            )


def _finding(stock: GetResponse) -> GetResponse:
    async def get_response(files: RewriteStaticFiles, path: str, scope: Any) -> Any:
        try:
            return await stock(files, path, scope)
        # No file can have a name with a null character, or a name that is too long.
        except ValueError:
            raise HTTPException(404) from None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise HTTPException(404) from None

    return get_response
