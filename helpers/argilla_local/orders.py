"""Argilla's sort orders, as SQL on a `DatasetIndex`. Runs in the server's environment."""

from __future__ import annotations

from random import Random

from argilla_server.enums import SortOrder
from argilla_server.search_engine.base import Order, RecordFilterScope, ResponseFilterScope

from helpers.argilla_local.conditions import Sql, of_user, value_key
from helpers.argilla_local.index import DatasetIndex
from helpers.argilla_local.mapping import ValueType

_PRIME = 2**31 - 1


def ordering(index: DatasetIndex, order: Order) -> Sql:
    """Return an SQL term to order the alias ``hit`` by: missing values come last in both directions."""
    direction = "DESC" if order.order == SortOrder.desc else "ASC"
    scope = order.scope
    if isinstance(scope, RecordFilterScope):
        column = f"SELECT r.{index.column(scope.property)} FROM {index.records} r WHERE r.doc = hit.doc"
        return f"({column}) {direction} NULLS LAST", ()
    key = value_key(scope)
    # Elasticsearch takes the end of a list that comes first; of ratings, the mean, rounded to a whole number
    end = "max" if direction == "DESC" else "min"
    is_mean = isinstance(scope, ResponseFilterScope) and index.mapping.types.get(key) is ValueType.INTEGER
    taken = "round(avg(+v.value))" if is_mean else f"{end}(+v.value)"
    user_sql, user = of_user(scope)
    # The plus signs keep SQLite from looking for an extreme among the values of all records, for each record.
    value = f"SELECT {taken} FROM {index.values} v WHERE v.doc = hit.doc AND v.key = ?{user_sql}"
    return f"({value}) {direction} NULLS LAST", (key, *user)


def shuffled(seed: str) -> Sql:
    """Return an SQL term for a random order, the same for each use of a seed.

    As with Elasticsearch's ``random_score``, a random number multiplies the relevance. It is the product of
    two linear functions of the row number, modulo a prime: SQLite computes it for every record in no time.
    """
    random = Random(seed)
    factors = [random.randrange(1, _PRIME) for _ in range(4)]
    number = f"(hit.doc * ? + ?) % {_PRIME} * ((hit.doc * ? + ?) % {_PRIME}) % {_PRIME}"
    return f"hit.score * ({number}) DESC", tuple(factors)
