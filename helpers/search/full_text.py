"""Full-text search on SQLite's FTS5, with words cut by `helpers.search.tokens`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import apsw

from helpers.search.fuzzy import nearest_words
from helpers.search.query import And, Fuzzy, Node, Not, Nothing, Or, Phrase, Prefix, Words, leaves, parse
from helpers.search.slop import occurs
from helpers.search.tokens import tokenize

# Words are joined by spaces before they reach FTS5, whose fast ASCII tokenizer then cuts at the spaces alone:
# every ASCII character that may stand inside a word is declared part of it (other characters always are).
_TOKENIZER = "ascii tokenchars '_.:,;''\"'"
_INNER_PUNCTUATION = frozenset("_.:,;'\"")
# Every row holds this word in a column of its own, because FTS5 can only subtract from something.
_EVERY_ROW = 'every : "_"'
_NO_ROW = 'every : "__"'
# Elasticsearch's setting `fuzzy_max_expansions`, as Argilla sends it.
_FUZZY_EXPANSIONS = 10


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
                ((row, "_", *(" ".join(tokenize(text or "")) for text in texts)) for row, texts in rows),
            )

    def delete(self, rows: Iterable[int]) -> None:
        """Remove rows; those that are not there are passed over."""
        with self._db:
            self._db.executemany(f"DELETE FROM {self.name} WHERE rowid = ?", ((row,) for row in rows))

    def rows(self, query: str, field: str | None = None) -> list[int]:
        """Return the numbers of the matching rows, ascending."""
        return sorted(self._rows(parse(query), self._searched(field)))

    def matches(self, query: str, field: str | None = None) -> Matches:
        """Return the matching rows as parts of an SQL statement, with scores above 0 (BM25)."""
        tree, columns = parse(query), self._searched(field)
        if _has_slop(tree):
            rows = json.dumps(sorted(self._rows(tree, columns)))
            return Matches("json_each(?)", "json_each.value", "1.0", "1", rows)
        expression = self._expression(tree, columns)
        return Matches(
            self.name, f"{self.name}.rowid", f"-bm25({self.name})", f"{self.name} MATCH ?", expression
        )

    def _searched(self, field: str | None) -> list[str]:
        return list(self._columns.values()) if field is None else [self._columns[field]]

    def _rows(self, node: Node, columns: list[str]) -> set[int]:
        """Evaluate a tree; FTS5 does all that has no slop, for which it has no operator."""
        if not _has_slop(node):
            sql = f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH ?"
            return {row for (row,) in self._db.execute(sql, (self._expression(node, columns),))}
        match node:
            case And(children):
                return set.intersection(*(self._rows(child, columns) for child in children))
            case Or(children):
                return set.union(*(self._rows(child, columns) for child in children))
            case Not(child):
                return self._rows(Not(Nothing()), columns) - self._rows(child, columns)
            case Phrase(words, slop):
                return set(self._sloppy_rows(words, slop, columns))
            case _:
                raise AssertionError(f"{node} has no slop")

    def _sloppy_rows(self, words: tuple[str, ...], slop: int, columns: list[str]) -> Iterator[int]:
        positions: dict[tuple[int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        sql = f"SELECT doc, col, offset FROM {self.name}_instance WHERE term = ?"
        for word in set(words):
            for row, column, offset in self._db.execute(sql, (word,)):
                positions[row, column][word].append(offset)
        for (row, column), found in positions.items():
            if column in columns and occurs(words, found, slop):
                yield row

    def _expression(self, node: Node, columns: list[str]) -> str:
        """Write a tree as an FTS5 query."""
        match node:
            case Nothing():
                return _NO_ROW
            case Words() | Phrase() | Prefix() | Fuzzy() if not columns:
                return _NO_ROW
            case Words(words):
                return " OR ".join(f"{{{column}}} : ({_joined(words, ' AND ')})" for column in columns)
            case Phrase(words):
                return f"{{{' '.join(columns)}}} : {_quoted(' '.join(words))}"
            case Prefix(text):
                # FTS5 would cut this text into a phrase, where Elasticsearch looks for it as it is
                whole = all(not c.isascii() or c.isalnum() or c in _INNER_PUNCTUATION for c in text)
                return f"{{{' '.join(columns)}}} : {_quoted(text)}*" if whole else _NO_ROW
            case Fuzzy():
                return " OR ".join(self._fuzzy_expression(node, column) for column in columns)
            case Not(child):
                return f"{_EVERY_ROW} NOT ({self._expression(child, columns)})"
            case Or(children):
                return " OR ".join(f"({self._expression(child, columns)})" for child in children)
            case And(children):
                wanted: list[Node] = [child for child in children if not isinstance(child, Not)]
                unwanted = [child.child for child in children if isinstance(child, Not)]
                conjunction = " AND ".join(
                    f"({self._expression(child, columns)})" for child in wanted or [Not(Nothing())]
                )
                exclusions = (f" NOT ({self._expression(child, columns)})" for child in unwanted)
                return f"({conjunction})" + "".join(exclusions)

    def _fuzzy_expression(self, node: Fuzzy, column: str) -> str:
        vocabulary = self._db.execute(f"SELECT term FROM {self.name}_col WHERE col = ?", (column,))
        words = nearest_words(node.text, (word for (word,) in vocabulary), node.edits, _FUZZY_EXPANSIONS)
        return f"{{{column}}} : ({_joined(words, ' OR ')})" if words else _NO_ROW


def _has_slop(tree: Node) -> bool:
    return any(isinstance(leaf, Phrase) and leaf.slop for leaf in leaves(tree))


def _joined(words: Iterable[str], operator: str) -> str:
    return operator.join(_quoted(word) for word in words)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
