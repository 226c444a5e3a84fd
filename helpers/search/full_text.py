"""Full-text search on SQLite's FTS5, with words cut by `helpers.search.tokens`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from helpers.search.evaluation import EVERY_WORD, INNER_PUNCTUATION, Evaluation, fits_fts5
from helpers.search.query import parse
from helpers.search.tokens import tokenize

# Words are joined by spaces before they reach FTS5, whose fast ASCII tokenizer then cuts at the spaces alone:
# every ASCII character that may stand inside a word is declared part of it (other characters always are).
_TOKENIZER = "ascii tokenchars '{}'".format(INNER_PUNCTUATION.replace("'", "''"))


@dataclass(frozen=True)
class Matches:
    """The rows that a query finds, as parts of an SQL statement with one parameter.

    Attributes
    ----------
    source
        What to select from.
    row
        The number of a row.
    score
        Its relevance; SQLite computes it only where it is selected.
    condition
        What to put after WHERE.
    parameter
        The parameter of `source` or `condition`.
    """

    source: str
    row: str
    score: str
    condition: str
    parameter: str


class FullTextTable:
    """Texts by row number, in one or more fields.

    Parameters
    ----------
    connection
        The database; `":memory:"` or a file.
    name
        The table's name, an SQL identifier.
    fields
        The names of the text fields, in the order in which `insert` gets them.

    Examples
    --------
    >>> table = FullTextTable(apsw.Connection(":memory:"), "news", ["title", "body"])
    >>> table.create()
    >>> table.insert([(7, ("Oil prices", "The dollar fell")), (9, ("Cup final", None))])
    >>> table.rows("oil dollar"), table.rows("-oil"), table.rows("dollar", field="title")
    ([7], [9], [])
    """

    def __init__(self, connection: apsw.Connection, name: str, fields: Sequence[str]) -> None:
        self.name = name
        self.fields = tuple(fields)
        self._db = connection
        self._columns = {field: f"f{number}" for number, field in enumerate(fields)}

    def create(self) -> None:
        """Make the empty table."""
        columns = ", ".join(["every", *self._columns.values()])
        tokenizer = _TOKENIZER.replace("'", "''")
        self._db.execute(
            f"CREATE VIRTUAL TABLE {self.name} USING fts5({columns}, content='', contentless_delete=1, "
            f"tokenize='{tokenizer}')"
        )
        for detail in ("col", "instance"):
            self._db.execute(
                f"CREATE VIRTUAL TABLE {self.name}_{detail} USING fts5vocab({self.name}, {detail})"
            )

    def drop(self) -> None:
        """Remove the table."""
        for name in (f"{self.name}_col", f"{self.name}_instance", self.name):
            self._db.execute(f"DROP TABLE IF EXISTS {name}")

    def insert(self, rows: Iterable[tuple[int, Sequence[str | None]]]) -> None:
        """Add rows, or replace those that are there; a missing field is None."""
        slots = ", ".join("?" * (len(self._columns) + 2))
        columns = ", ".join(["rowid", "every", *self._columns.values()])
        # one transaction, because FTS5 writes its postings out at the end of each
        with self._db:
            self._db.executemany(
                f"INSERT OR REPLACE INTO {self.name}({columns}) VALUES ({slots})",
                (
                    (row, EVERY_WORD, *(" ".join(tokenize(text or "")) for text in texts))
                    for row, texts in rows
                ),
            )

    def delete(self, rows: Iterable[int]) -> None:
        """Remove rows; those that are not there are passed over."""
        with self._db:
            self._db.executemany(f"DELETE FROM {self.name} WHERE rowid = ?", ((row,) for row in rows))

    def rows(self, query: str, field: str | None = None) -> list[int]:
        """Return the numbers of the matching rows, ascending."""
        return sorted(self._evaluation(field).rows(parse(query)))

    def matches(self, query: str, field: str | None = None) -> Matches:
        """Return the matching rows as parts of an SQL statement, with scores above 0 (BM25)."""
        tree, evaluation = parse(query), self._evaluation(field)
        if not fits_fts5(tree):
            rows = json.dumps(sorted(evaluation.rows(tree)))
            return Matches("json_each(?)", "json_each.value", "1.0", "1", rows)
        return Matches(
            self.name,
            f"{self.name}.rowid",
            f"-bm25({self.name})",
            f"{self.name} MATCH ?",
            evaluation.expression(tree),
        )

    def _evaluation(self, field: str | None) -> Evaluation:
        columns = list(self._columns.values()) if field is None else [self._columns[field]]
        return Evaluation(self._db, self.name, columns)
