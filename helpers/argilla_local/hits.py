"""The records that a search finds, from a `DatasetIndex`. Runs in the server's environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from argilla_server.search_engine.base import Filter, TextQuery

from helpers.argilla_local.conditions import Sql, condition
from helpers.argilla_local.index import DatasetIndex


class Hits:
    """The records that match a query and a filter, with their scores: without a query, 1.0 each.

    Parameters
    ----------
    index
        The dataset's index.
    query, filter
        What to look for; None finds all.
    """

    def __init__(self, index: DatasetIndex, query: TextQuery | str | None, filter: Filter | None) -> None:
        self._index = index
        self._are_all = query is None and filter is None
        where, values = condition(index, filter, is_rare=query is not None) if filter else ("1", ())
        if query is None:
            hits = f"SELECT r.doc, 1.0 FROM {index.records} r WHERE {where}"
            self._parameters = values
        else:
            text, field = (query.q, query.field) if isinstance(query, TextQuery) else (query, None)
            if field is not None and field not in index.mapping.fields:
                text, field = "", None  # an image: nothing is found in it
            matches = index.full_text.matches(text, field)
            hits = (
                f"SELECT r.doc, {matches.score} FROM {matches.source} "
                f"CROSS JOIN {index.records} r ON r.doc = {matches.row} WHERE {matches.condition} AND {where}"
            )
            self._parameters = (matches.parameter, *values)
        # Hits are found once, for their number and for the page. Where all are hits, only the page is read.
        kind = "NOT MATERIALIZED" if self._are_all else "MATERIALIZED"
        self._with = f"WITH hit (doc, score) AS {kind} ({hits})"

    def page(self, terms: Sequence[Sql], offset: int, limit: int) -> tuple[int, list[tuple[str, float]]]:
        """Return the number of all hits, and the ids and scores of one page of them in an order."""
        order = ", ".join([*(sql for sql, _ in terms), "hit.doc"])
        (_, total), *page = self._index.db.execute(
            f"{self._with} SELECT NULL, count(*) FROM hit UNION ALL "
            f"SELECT * FROM (SELECT doc, score FROM hit ORDER BY {order} LIMIT ? OFFSET ?)",
            (*self._parameters, *(value for _, values in terms for value in values), limit, offset),
        )
        return total, [(self._index.id(doc), score) for doc, score in page]

    def vectors(self, settings: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the packed vectors of these settings that the hits have, with their row numbers."""
        vectors = f"{self._index.vectors} v"
        if self._are_all:
            sql = f"SELECT v.doc, v.value FROM {vectors} WHERE v.settings = ?"
            yield from self._index.db.execute(sql, (settings,))
        else:
            sql = f"SELECT v.doc, v.value FROM hit CROSS JOIN {vectors} ON v.doc = hit.doc AND v.settings = ?"
            yield from self._index.db.execute(f"{self._with} {sql}", (*self._parameters, settings))
