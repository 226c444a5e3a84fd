"""What argilla_server 2.8.0 fails on with 500, and is the client's to correct. Runs in its environment."""

import errno
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

from argilla_server.api.routes import api_v1
from argilla_server.api.schemas.v1.questions import (
    LabelSelectionSettingsUpdate,
    MultiLabelSelectionQuestionSettingsUpdate,
    SpanQuestionSettingsUpdate,
)
from argilla_server.api.schemas.v1.records import RecordUpdate
from argilla_server.contexts import search
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.static_rewrite import RewriteStaticFiles
from argilla_server.validators.records import RecordValidatorBase
from argilla_server.validators.response_values import (
    ResponseValueValidator,
    SpanQuestionResponseValueValidator,
)
from fastapi import HTTPException, Request
from fastapi._compat import ModelField
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import IntegrityError

from helpers.argilla_local.faster.patching import replace, replace_member

TOLD_ERRORS = 100
# What may be left out of a change, but not be null: it would be stored, and never be told again.
_NOT_NULL = {
    LabelSelectionSettingsUpdate: {"options"},
    MultiLabelSelectionQuestionSettingsUpdate: {"options"},
    SpanQuestionSettingsUpdate: {"options", "allow_overlapping"},
    RecordUpdate: {"fields", "suggestions"},
}

Answer = Callable[[Request, Exception], Awaitable[JSONResponse]]
Check = Callable[..., Any]
GetResponse = Callable[..., Awaitable[Any]]


def install() -> None:
    """Have it refused."""
    api_v1.add_exception_handler(OverflowError, _answering(422, "a number is too large: stay below 2^63"))
    api_v1.add_exception_handler(RedisError, _answering(503, "the queue of jobs does not answer: try again"))
    api_v1.add_exception_handler(IntegrityError, _conflict)
    replace_member(ModelField, "validate", _catching(ModelField.validate))
    replace_member(RewriteStaticFiles, "get_response", _finding(RewriteStaticFiles.get_response))
    replace(search.validate_search_records_query, _with_filters(search.validate_search_records_query))
    replace_member(
        SpanQuestionResponseValueValidator, "_validate_values_are_not_overlapped", _validate_no_overlap
    )
    for owner, name in (
        (ResponseValueValidator, "validate"),
        (RecordValidatorBase, "_validate_image_field"),
    ):
        replace_member(owner, name, classmethod(_checked(getattr(owner, name))))
    for schema, names in _NOT_NULL.items():
        schema.__non_nullable_fields__ = names | (schema.__non_nullable_fields__ or set())


def _answering(status: int, detail: str) -> Answer:
    async def answer(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": detail}, status)

    return answer


async def _conflict(request: Request, error: IntegrityError) -> JSONResponse:
    return JSONResponse({"detail": f"this contradicts what is stored: {error.orig}"}, 409)


def _catching(stock: Check) -> Check:
    """Where argilla_server's checks fail on a value, as on a range from a number to a text, it is refused.

    Of many errors the first are told: a list of 20,000 spans has 100,000, as it is no list of anything else.
    """

    def validate(field: ModelField, value: Any, *rest: Any, loc: tuple[int | str, ...] = ()) -> Any:
        try:
            valid, errors = stock(field, value, *rest, loc=loc)
        except (TypeError, AttributeError, OverflowError, RecursionError) as error:
            return None, [_error(loc, f"Value error, {error}")]
        if errors and len(errors) > TOLD_ERRORS:
            errors = [*errors[:TOLD_ERRORS], _error(loc, f"and {len(errors) - TOLD_ERRORS:,} more errors")]
        return valid, errors

    return validate


def _error(loc: tuple[int | str, ...], message: str) -> dict[str, Any]:
    return {"type": "value_error", "loc": loc, "msg": message, "input": None}


def _checked(stock: Check) -> Check:
    """Refuse values of a type that a check does not expect."""

    def check(cls: type, *arguments: Any) -> None:
        try:
            stock(*arguments)
        except (TypeError, AttributeError) as error:
            raise UnprocessableEntityError(f"a value is not of the type that is expected: {error}") from error

    return check


def _validate_no_overlap(validator: SpanQuestionResponseValueValidator, settings: Any) -> None:
    """Refuse spans that overlap: the stock check compares each with each."""
    if settings.allow_overlapping:
        return
    spans = sorted(enumerate(validator._response_value), key=lambda span: span[1].start)
    for (one, before), (other, after) in pairwise(spans):
        if after.start < before.end:
            raise UnprocessableEntityError(
                f"overlapping values found between spans at index idx={min(one, other)} and "
                f"idx={max(one, other)}"
            )


def _with_filters(stock: Check) -> Check:
    async def validate(db: Any, query: Any, dataset: Any) -> None:
        if query.filters and query.filters.and_ is None:
            raise UnprocessableEntityError("`and` of the filters is null: make it a list, or leave it out")
        await stock(db, query, dataset)

    return validate


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
