"""The query language: Elasticsearch's ``simple_query_string`` with the settings that Argilla sends.

Terms are joined by AND unless a ``|`` stands between them. Operators bind from left to right, so that
``a | b c`` means ``(a | b) c``. A ``*`` that is all of the query matches every text. What cannot be read is
skipped, as Elasticsearch skips it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from helpers.search.tokens import lower, tokenize

MAX_EDITS = 2
# Further fuzzy terms count as plain ones: each is compared with much of the vocabulary.
MAX_FUZZY = 32
# Elasticsearch refuses larger queries; here they match nothing, because a search box must not raise.
MAX_CLAUSES = 1024
MAX_DEPTH = 100

# What a ``~`` without a number means.
_AUTOMATIC = 2
_WHITESPACE = " \t\n\r"
_DELIMITERS = '"|+()' + _WHITESPACE
# What Java's `trim` takes away.
_TRIMMED = "".join(map(chr, range(33)))


@dataclass(frozen=True)
class Nothing:
    """Matches no text."""


@dataclass(frozen=True)
class Words:
    """All of these words, in one field: what a single term of the query was cut into."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Prefix:
    """A word that begins with this text."""

    text: str


@dataclass(frozen=True)
class Fuzzy:
    """A word at most so many insertions, deletions and substitutions away."""

    text: str
    edits: int


@dataclass(frozen=True)
class Phrase:
    """These words in this order; `slop` is how many positions they may be moved in all."""

    words: tuple[str, ...]
    slop: int = 0


@dataclass(frozen=True)
class Not:
    """Every text that the child does not match."""

    child: Node


@dataclass(frozen=True)
class And:
    """Every child matches, each in any field."""

    children: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """At least one child matches."""

    children: tuple[Node, ...]


Leaf = Nothing | Words | Prefix | Fuzzy | Phrase
Node = Leaf | Not | And | Or


def parse(query: str) -> Node:
    r"""Read a query. Nothing that a person can type raises.

    Parameters
    ----------
    query
        Words (AND by default), ``|``, ``+``, ``-``, ``"phrase"``, ``prefix*``, ``( )``, ``word~N`` (edits),
        ``"phrase"~N`` (slop) and ``\`` before a character that shall lose its meaning.

    Returns
    -------
    Node
        The tree; `Nothing` for a query without a term.

    References
    ----------
    Lucene's ``SimpleQueryParser.parse``, and
    https://www.elastic.co/guide/en/elasticsearch/reference/current/query-dsl-simple-query-string-query.html

    Examples
    --------
    >>> parse("financ* -sport")
    And(children=(Prefix(text='financ'), Not(child=Words(words=('sport',)))))
    >>> parse('"')
    Nothing()
    """
    if _is_for_all(query):
        return Not(Nothing())
    parser = _Parser(query)
    tree = parser.parse(0, len(query))
    return tree if parser.clauses <= MAX_CLAUSES and depth(tree) <= MAX_DEPTH else Nothing()


def is_empty(query: str) -> bool:
    """Tell whether a query has no term to search for.

    >>> is_empty(" - "), is_empty("war"), is_empty("*")
    (True, False, False)
    """
    return not _is_for_all(query) and isinstance(_Parser(query).parse(0, len(query)), Nothing)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the leaves of a tree from left to right."""
    stack = [node]
    while stack:
        match stack.pop():
            case Not(child):
                stack.append(child)
            case And(children) | Or(children):
                stack.extend(reversed(children))
            case leaf:
                yield leaf


def depth(tree: Node) -> int:
    """Return the number of levels; iterative, because the tree may be too deep to recurse."""
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        match node:
            case Not(child):
                stack.append((child, level + 1))
            case And(children) | Or(children):
                stack.extend((child, level + 1) for child in children)
    return deepest


class _Operator(Enum):
    AND = And
    OR = Or


@dataclass
class _Group:
    """What has been read of one pair of parentheses."""

    end: int
    top: Node | None = None
    previous: _Operator | None = None
    current: _Operator | None = None
    negations: int = 0

    def add(self, branch: Node | None) -> None:
        if branch is not None:
            if self.negations % 2:
                branch = Not(branch)
            self._join(branch)
            # As in Lucene, a branch without a word leaves its operator to the next one.
            self.current = None

    def _join(self, branch: Node) -> None:
        if self.top is None:
            self.top = branch
            return
        operator = self.current or _Operator.AND
        if operator is self.previous and isinstance(self.top, And | Or):
            self.top = operator.value((*self.top.children, branch))
        else:
            self.top = operator.value((self.top, branch))
        self.previous = operator


class _Parser:
    """A cursor over the query text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.clauses = 0
        self.fuzzy = 0
        self.closing = _matching_parentheses(text)

    def parse(self, start: int, end: int, depth: int = 0) -> Node:
        group = _Group(end)
        self.at = start
        while self.at < end and self.clauses <= MAX_CLAUSES:
            character = self.text[self.at]
            if character == "-":
                group.negations += 1
                self.at += 1
                continue
            if character == "(":
                self._subquery(group, depth)
            elif character == '"':
                self._phrase(group)
            elif character in "+|":
                if group.current is None and group.top is not None:
                    group.current = _Operator.AND if character == "+" else _Operator.OR
                self.at += 1
            elif character == ")" or character in _WHITESPACE:
                self.at += 1
            else:
                self._term(group)
            group.negations = 0
        return group.top or Nothing()

    def _subquery(self, group: _Group, depth: int) -> None:
        start = self.at + 1
        close = self.closing.get(start - 1)
        if close is None or depth >= MAX_DEPTH:
            self.at = start
            return
        if close == start:
            group.current = None
        inner = self.parse(start, close, depth + 1)
        group.add(None if isinstance(inner, Nothing) else inner)
        self.at = close + 1

    def _phrase(self, group: _Group) -> None:
        start = self.at + 1
        characters: list[str] = []
        at = start
        while at < group.end and self.text[at] != '"':
            if self.text[at] == "\\" and at + 1 < group.end:
                at += 1
            characters.append(self.text[at])
            at += 1
        if at >= group.end:
            self.at = start
            return
        self.at = at + 1
        slop = 0
        if self.text.startswith("~", self.at, group.end):
            if self.at + 1 < group.end:
                slop = self._number(group.end)
            # As in Lucene, the character behind it goes with it, even where it is an operator.
            self.at += 1
        elif not characters:
            group.current = None
        self._add_words(group, "".join(characters), slop)

    def _term(self, group: _Group) -> None:
        characters: list[str] = []
        prefix = fuzzy = False
        while self.at < group.end and self.text[self.at] not in _DELIMITERS:
            character = self.text[self.at]
            if character == "~" and characters:
                fuzzy = True
                break
            prefix = character == "*" and bool(characters)
            if character == "\\" and self.at + 1 < group.end:
                self.at += 1
                character = self.text[self.at]
            characters.append(character)
            self.at += 1
        edits = min(self._number(group.end), MAX_EDITS) if fuzzy else 0
        text = "".join(characters)
        if edits and self.fuzzy < MAX_FUZZY:
            self.fuzzy += 1
            self._add(group, Fuzzy(lower(text), edits))
        elif prefix:
            self._add(group, Prefix(lower(text[:-1])))
        else:
            self._add_words(group, text)

    def _add_words(self, group: _Group, text: str, slop: int | None = None) -> None:
        """Add a phrase (where there is a slop) or a plain term, cut into words; without words, nothing."""
        words = tuple(tokenize(text))
        if len(words) > 1 and slop is not None:
            self._add(group, Phrase(words, slop), len(words))
        else:
            self._add(group, Words(words) if words else None, len(words))

    def _add(self, group: _Group, leaf: Leaf | None, clauses: int = 1) -> None:
        self.clauses += clauses
        group.add(leaf)

    def _number(self, end: int) -> int:
        """Read what follows a ``~``; anything but a number counts as 0, nothing at all as 2."""
        start = self.at = self.at + 1
        while self.at < end and self.text[self.at] not in _DELIMITERS:
            self.at += 1
        digits = self.text[start : self.at]
        if not digits:
            return _AUTOMATIC
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _is_for_all(query: str) -> bool:
    return query.strip(_TRIMMED) == "*"


def _matching_parentheses(text: str) -> dict[int, int]:
    """Map each opening parenthesis that is closed to its closing one."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"\\.|[()]", text, re.DOTALL):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and opened:
            closing[opened.pop()] = match.start()
    return closing
