"""Evaluating the tree of a query on the tables of a `FullTextTable`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import apsw

from helpers.search.fuzzy import Vocabulary
from helpers.search.query import And, Fuzzy, Node, Not, Nothing, Or, Phrase, Prefix, Words, depth, leaves
from helpers.search.slop import occurs

# Every row holds this word in a column of its own, because FTS5 can only subtract from something.
EVERY_WORD = "_"
# The ASCII characters that are no letters or digits, and that FTS5 is told to keep inside a word.
INNER_PUNCTUATION = "_.:,;'\""
_EVERY_ROW = f'every : "{EVERY_WORD}"'
_NO_ROW = 'every : "__"'
# Elasticsearch's setting `fuzzy_max_expansions`, as Argilla sends it.
_FUZZY_EXPANSIONS = 10
# FTS5's parser takes 27 levels of the trees that are worst for it (SQLite 3.54), and raises beyond.
_FTS5_LEVELS = 12


class Evaluation:
    """One query on some columns of a table.

    Parameters
    ----------
    connection
        The database.
    table
        The name of the `FullTextTable`.
    columns
        The columns in which the words are looked for.
    """

    def __init__(self, connection: apsw.Connection, table: str, columns: Sequence[str]) -> None:
        self._db = connection
        self._table = table
        self._columns = columns

    def rows(self, node: Node) -> set[int]:
        """Return the numbers of the rows that match a tree: what FTS5 cannot do is done with sets."""
        if fits_fts5(node):
            sql = f"SELECT rowid FROM {self._table} WHERE {self._table} MATCH ?"
            return {row for (row,) in self._db.execute(sql, (self.expression(node),))}
        match node:
            case And(children):
                return set.intersection(*map(self.rows, _gathered(And, children)))
            case Or(children):
                return set.union(*map(self.rows, _gathered(Or, children)))
            case Not(child):
                return self.rows(Not(Nothing())) - self.rows(child)
            case Phrase(words, slop):
                return set(self._sloppy_rows(words, slop))
            case _:
                raise AssertionError(f"FTS5 can do {node}")

    def expression(self, node: Node) -> str:
        """Write a tree that fits FTS5 as its query."""
        match node:
            case Nothing():
                return _NO_ROW
            case Words() | Phrase() | Prefix() | Fuzzy() if not self._columns:
                return _NO_ROW
            case Words(words):
                return " OR ".join(f"{{{column}}} : ({_joined(words, ' AND ')})" for column in self._columns)
            case Phrase(words):
                return f"{{{' '.join(self._columns)}}} : {_quoted(' '.join(words))}"
            case Prefix(text):
                # FTS5 would cut this text into a phrase, where Elasticsearch looks for it as it is
                whole = all(not c.isascii() or c.isalnum() or c in INNER_PUNCTUATION for c in text)
                return f"{{{' '.join(self._columns)}}} : {_quoted(text)}*" if whole else _NO_ROW
            case Fuzzy():
                return " OR ".join(self._fuzzy_expression(node, column) for column in self._columns)
            case Not(child):
                return f"{_EVERY_ROW} NOT ({self.expression(child)})"
            case Or(children):
                return " OR ".join(f"({self.expression(child)})" for child in children)
            case And(children):
                wanted = [child for child in children if not isinstance(child, Not)]
                unwanted = tuple(child.child for child in children if isinstance(child, Not))
                conjunction = " AND ".join(f"({self.expression(child)})" for child in wanted) or _EVERY_ROW
                # one exclusion of them all: each of its own would be one more level for FTS5
                return f"({conjunction}) NOT ({self.expression(Or(unwanted))})" if unwanted else conjunction

    def _fuzzy_expression(self, node: Fuzzy, column: str) -> str:
        words = self._vocabularies[column].nearest(node.text, node.edits, _FUZZY_EXPANSIONS)
        return f"{{{column}}} : ({_joined(words, ' OR ')})" if words else _NO_ROW

    @cached_property
    def _vocabularies(self) -> dict[str, Vocabulary]:
        """The words of each column."""
        words: dict[str, list[str]] = {column: [] for column in self._columns}
        for word, column in self._db.execute(f"SELECT term, col FROM {self._table}_col"):
            if column in words:
                words[column].append(word)
        return {column: Vocabulary(found) for column, found in words.items()}

    def _sloppy_rows(self, words: tuple[str, ...], slop: int) -> Iterator[int]:
        positions: dict[tuple[int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        sql = f"SELECT doc, col, offset FROM {self._table}_instance WHERE term = ?"
        for word in set(words):
            for row, column, offset in self._db.execute(sql, (word,)):
                positions[row, column][word].append(offset)
        for (row, column), found in positions.items():
            if column in self._columns and occurs(words, found, slop):
                yield row


def fits_fts5(tree: Node, levels: int = _FTS5_LEVELS) -> bool:
    """Tell whether FTS5 can do a tree: it has no slop, and takes so many levels alone."""
    return depth(tree) <= levels and not any(isinstance(leaf, Phrase) and leaf.slop for leaf in leaves(tree))


def _gathered(kind: type[And | Or], children: Sequence[Node]) -> list[Node]:
    """Return children with those that FTS5 can do gathered in one, as it does all of them at once."""
    others = [child for child in children if not fits_fts5(child, _FTS5_LEVELS - 1)]
    fitting = tuple(child for child in children if fits_fts5(child, _FTS5_LEVELS - 1))
    return [kind(fitting), *others] if fitting else others


def _joined(words: Iterable[str], operator: str) -> str:
    return operator.join(_quoted(word) for word in words)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
