"""Argilla's filters and sort orders, as SQL on a `DatasetIndex`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain

from argilla_server.search_engine.base import (
    AndFilter,
    Filter,
    FilterScope,
    MetadataFilterScope,
    Order,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
    TermsFilter,
)

from helpers.argilla_local.index import RESPONSE_STATUS, DatasetIndex

Sql = tuple[str, tuple[object, ...]]
Readings = Callable[[object], list[object]]

_PENDING = "pending"
_DATES = ("inserted_at", "updated_at")


def condition(index: DatasetIndex, filter: Filter) -> Sql:
    """Return an SQL condition on the alias ``r`` of the table of records, with its parameters."""
    if isinstance(filter, AndFilter):
        parts = [condition(index, part) for part in filter.filters]
        return " AND ".join(sql for sql, _ in parts) or "1", _chained(values for _, values in parts)
    scope = filter.scope
    if isinstance(scope, RecordFilterScope):
        readings = _date_reading if scope.property in _DATES else _text_reading
        return _comparison(f"r.{_record_column(scope.property)}", filter, readings)
    if isinstance(scope, ResponseFilterScope) and not scope.question:
        return _response_status(index, filter)
    sql, values = _comparison("v.value", filter, _any_reading)
    user_sql, user = _user(scope)
    return (
        f"r.doc IN (SELECT v.doc FROM {index.values} v WHERE v.key = ? AND {sql}{user_sql})",
        (_key(scope), *values, *user),
    )


def ordering(index: DatasetIndex, order: Order) -> Sql:
    """Return SQL terms to order by: missing values come last in both directions."""
    scope = order.scope
    direction = "DESC" if order.order == "desc" else "ASC"
    if isinstance(scope, RecordFilterScope):
        column = f"r.{_record_column(scope.property)}"
        return f"{column} IS NULL, {column} {direction}", ()
    # Elasticsearch takes the average of nested responses, else the end of a list that comes first
    chosen = "max" if direction == "DESC" else "min"
    aggregate = (
        "CASE WHEN typeof(min(v.value)) = 'text' THEN min(v.value) ELSE avg(v.value) END"
        if isinstance(scope, ResponseFilterScope)
        else f"{chosen}(v.value)"
    )
    user_sql, user = _user(scope)
    sql = f"(SELECT {aggregate} FROM {index.values} v WHERE v.doc = r.doc AND v.key = ?{user_sql})"
    parameters = (_key(scope), *user)
    return f"{sql} IS NULL, {sql} {direction}", parameters * 2


def _key(scope: FilterScope) -> str:
    if isinstance(scope, MetadataFilterScope):
        return f"metadata/{scope.metadata_property}"
    if isinstance(scope, SuggestionFilterScope):
        return f"suggestion/{scope.question}/{scope.property}"
    if isinstance(scope, ResponseFilterScope):
        return f"response/value/{scope.question}" if scope.question else RESPONSE_STATUS
    raise ValueError(f"no values are kept for the search scope {scope}")


def _user(scope: FilterScope) -> Sql:
    if isinstance(scope, ResponseFilterScope) and scope.user:
        return " AND v.user = ?", (str(scope.user.id),)
    return "", ()


def _record_column(name: str) -> str:
    if name not in DatasetIndex.COLUMNS:
        raise ValueError(f"records have no property {name!r}; there are {', '.join(DatasetIndex.COLUMNS)}")
    return name


def _comparison(operand: str, filter: Filter, readings: Readings) -> Sql:
    """Compare an SQL operand with the values of a filter, each read in every way it can be meant."""
    if isinstance(filter, TermsFilter):
        values = [reading for value in filter.values for reading in readings(value)]
        return f"{operand} IN ({', '.join('?' * len(values))})", tuple(values)
    if isinstance(filter, RangeFilter):
        bounds = [(">=", filter.ge), ("<=", filter.le)]
        given = [(sign, readings(bound)[-1]) for sign, bound in bounds if bound is not None]
        sql = "".join(f" AND {operand} {sign} ?" for sign, _ in given)
        return f"{operand} IS NOT NULL{sql}", tuple(bound for _, bound in given)
    raise ValueError(f"cannot process the filter {filter}")


def _any_reading(value: object) -> list[object]:
    """Read a value as text and, where it is one, as a number: filters send numbers as strings."""
    text = _text(value)
    try:
        return [text, float(text)]
    except ValueError:
        return [text]


def _text_reading(value: object) -> list[object]:
    return [_text(value)]


def _date_reading(value: object) -> list[object]:
    """Write a date as the index does, so that dates compare as texts; what is no date compares as it is."""
    try:
        return [date_text(datetime.fromisoformat(_text(value)))]
    except ValueError:
        return [_text(value)]


def _response_status(index: DatasetIndex, filter: Filter) -> Sql:
    """Any of the statuses; pending is the absence of a response, and an empty list restricts nothing."""
    if not isinstance(filter, TermsFilter):
        raise ValueError(f"cannot process the filter {filter}")
    statuses = [_text(value) for value in filter.values]
    user_sql, user = _user(filter.scope)
    responses = f"SELECT v.doc FROM {index.values} v WHERE v.key = '{RESPONSE_STATUS}'{user_sql}"
    given = [status for status in statuses if status != _PENDING]
    parts: list[Sql] = []
    if _PENDING in statuses:
        parts.append((f"r.doc NOT IN ({responses})", user))
    if given:
        slots = ", ".join("?" * len(given))
        parts.append((f"r.doc IN ({responses} AND v.value IN ({slots}))", (*user, *given)))
    return f"({' OR '.join(sql for sql, _ in parts) or '1'})", _chained(values for _, values in parts)


def _text(value: object) -> str:
    return str(getattr(value, "value", value))


def _chained(parameters: Iterable[tuple[object, ...]]) -> tuple[object, ...]:
    return tuple(chain.from_iterable(parameters))


def date_text(moment: datetime) -> str:
    """Write a moment in UTC to the microsecond; one without a time zone is taken as UTC.

    >>> date_text(datetime(2024, 5, 1, 12))
    '2024-05-01T12:00:00.000000'
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")
