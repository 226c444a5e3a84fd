"""Argilla's filters, as SQL on a `DatasetIndex`. Runs in the server's environment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum

from argilla_server.search_engine.base import (
    AndFilter,
    Filter,
    FilterScope,
    MetadataFilterScope,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
    TermsFilter,
)

from helpers.argilla_local.dates import span
from helpers.argilla_local.index import RESPONSE_STATUS, DatasetIndex
from helpers.argilla_local.mapping import ValueType, metadata_key, response_key, suggestion_key

Sql = tuple[str, tuple[object, ...]]

PENDING = "pending"
DATES = ("inserted_at", "updated_at")
_ALL: Sql = ("1", ())
_NONE: Sql = ("0", ())


def condition(index: DatasetIndex, filter: Filter, *, is_rare: bool) -> Sql:
    """Return an SQL condition on the alias ``r`` of the table of records, with its parameters.

    Parameters
    ----------
    index
        The dataset's index.
    filter
        What to test.
    is_rare
        Whether few records are tested: then the values of each are looked up, else all that fit are found.

    Raises
    ------
    ValueError
        There is no such filter, or it needs a date and has none.
    """
    if isinstance(filter, AndFilter):
        return _joined("AND", [condition(index, part, is_rare=is_rare) for part in filter.filters]) or _ALL
    if not isinstance(filter, TermsFilter | RangeFilter):
        raise ValueError(f"cannot process the filter {filter}")
    scope = filter.scope
    if isinstance(scope, RecordFilterScope):
        column = f"r.{index.column(scope.property)}"
        return _on_date(column, filter) if scope.property in DATES else _on_text(column, filter)
    key = value_key(scope)
    user_sql, user = of_user(scope)
    if key == RESPONSE_STATUS:
        return _on_response_status(index, filter, is_rare)
    type = index.mapping.types.get(key)
    if type is None:
        return _NONE
    sql, values = _compared(_operand(is_rare), filter, type)
    return _holding(index, f" AND {sql}{user_sql}", is_rare), (key, *values, *user)


def value_key(scope: FilterScope) -> str:
    """Return the key of the values that a scope means.

    Raises
    ------
    ValueError
        No values are kept for it.
    """
    if isinstance(scope, MetadataFilterScope):
        return metadata_key(scope.metadata_property)
    if isinstance(scope, SuggestionFilterScope):
        return suggestion_key(scope.question, scope.property)
    if isinstance(scope, ResponseFilterScope) and scope.question:
        return response_key(scope.question)
    if isinstance(scope, ResponseFilterScope) and scope.property == "status":
        return RESPONSE_STATUS
    raise ValueError(f"no values are kept for the search scope {scope}")


def of_user(scope: FilterScope) -> Sql:
    """Return what restricts the alias ``v`` of the table of values to the user of a scope, if it has one."""
    if isinstance(scope, ResponseFilterScope) and scope.user:
        return " AND v.source = ?", (scope.user.id.bytes,)
    return "", ()


def _compared(operand: str, filter: TermsFilter | RangeFilter, type: ValueType) -> Sql:
    if isinstance(filter, TermsFilter):
        terms = [term for value in filter.values if (term := type.sought(value)) is not None]
        return f"{operand} IN ({_slots(terms)})", tuple(terms)
    bounds = [
        (sign, type.sought(end)) for sign, end in ((">=", filter.ge), ("<=", filter.le)) if end is not None
    ]
    if any(bound is None for _, bound in bounds):
        return _NONE
    tests = " AND ".join([f"{operand} IS NOT NULL", *(f"{operand} {sign} ?" for sign, _ in bounds)])
    return tests, tuple(bound for _, bound in bounds)


def _on_text(column: str, filter: TermsFilter | RangeFilter) -> Sql:
    return _compared(column, filter, ValueType.KEYWORD)


def _on_date(column: str, filter: TermsFilter | RangeFilter) -> Sql:
    """Compare dates as Elasticsearch does: one without a time is the whole day, and so on."""
    now = datetime.now(UTC)
    if isinstance(filter, TermsFilter):
        spans = [span(str(value), now) for value in filter.values]
        return _joined("OR", [(f"{column} BETWEEN ? AND ?", ends) for ends in spans]) or _NONE
    ge = None if filter.ge is None else span(str(filter.ge), now)[0]
    le = None if filter.le is None else span(str(filter.le), now)[1]
    return _on_text(column, RangeFilter(filter.scope, ge, le))


def _on_response_status(index: DatasetIndex, filter: TermsFilter | RangeFilter, is_rare: bool) -> Sql:
    """Any of the statuses; pending is the absence of a response, and an empty list restricts nothing."""
    if not isinstance(filter, TermsFilter):
        raise ValueError(f"cannot process the filter {filter}")
    statuses = [str(value.value if isinstance(value, Enum) else value) for value in filter.values]
    user_sql, user = of_user(filter.scope)
    given = [status for status in statuses if status != PENDING]
    parts: list[Sql] = []
    if PENDING in statuses:
        parts.append((f"NOT {_holding(index, user_sql, is_rare)}", (RESPONSE_STATUS, *user)))
    if given:
        sql = f"{user_sql} AND {_operand(is_rare)} IN ({_slots(given)})"
        parts.append((_holding(index, sql, is_rare), (RESPONSE_STATUS, *user, *given)))
    return _joined("OR", parts) or _ALL


def _holding(index: DatasetIndex, sql: str, is_rare: bool) -> str:
    """Return the condition that a record has such a value; its key is the first parameter."""
    if is_rare:
        return f"EXISTS (SELECT 1 FROM {index.values} v WHERE v.doc = r.doc AND v.key = ?{sql})"
    return f"(r.doc IN (SELECT v.doc FROM {index.values} v WHERE v.key = ?{sql}))"


def _operand(is_rare: bool) -> str:
    # The plus sign keeps SQLite from the index of values, and so has it look up those of the record.
    return "+v.value" if is_rare else "v.value"


def _slots(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _joined(operator: str, conditions: Sequence[Sql]) -> Sql | None:
    if not conditions:
        return None
    sql = f" {operator} ".join(sql for sql, _ in conditions)
    return f"({sql})", tuple(value for _, values in conditions for value in values)
