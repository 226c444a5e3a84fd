"""What labeling functions are made of: regular expressions over tokens, and runs of capitalized words."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from typing import TypeAlias

from spacy.tokens import Doc

LabeledSpan: TypeAlias = tuple[int, int, str]
"""First token, one past the last token, label."""

LabelingFunction: TypeAlias = Callable[[Doc], Iterable[LabeledSpan]]

WORD = r"(?:[A-Z][\w'.&-]*)"
"""A capitalized token."""

SMALL = "[dD]e|van|der|von|da|al|di|la|el|bin|du|dos|ter"

NAME = rf"(?:{WORD}(?: (?:(?:{SMALL}|of the|of|and|&) )*{WORD})*)"
"""Capitalized tokens, with the small words that names may have inside."""

PERSON = rf"(?:{WORD}(?: (?:(?:{SMALL}) )*{WORD}){{0,3}})"
"""A person's name: up to four capitalized tokens."""

CONNECTORS = frozenset({"de", "van", "der", "von", "da", "al", "di", "la", "el", "bin", "du", "dos", "ter"})
"""Small words inside names."""


def words(doc: Doc) -> list[str]:
    """Return the texts of the tokens.

    Examples
    --------
    >>> import spacy
    >>> words(spacy.blank("en")("Sarnia won 3-1 ."))
    ['Sarnia', 'won', '3', '-', '1', '.']
    """
    return [token.text for token in doc]


def text_of(doc: Doc, start: int, end: int) -> str:
    """Return the tokens from `start` to `end`, joined by single spaces."""
    return " ".join(words(doc)[start:end])


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Only whole tokens match: what stands before and after is a space, or the end.
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


def matches(doc: Doc, pattern: str) -> Iterator[LabeledSpan]:
    r"""Find a regular expression in the tokens, joined by spaces: each of its named groups is a span.

    Parameters
    ----------
    doc
        Any document; no token may contain a space.
    pattern
        The groups' names are labels. As a name can be given only once, digits at its end do not count:
        ``PER`` and ``PER2`` are both people. Groups start and end where tokens do.

    Yields
    ------
    tuple of int, int and str
        The spans in their order.

    Examples
    --------
    >>> import spacy
    >>> doc = spacy.tokens.Doc(spacy.blank("en").vocab, words="1. Ines Calado ( Portugal ) 11.02".split())
    >>> list(matches(doc, r"1\. (?P<PER>[\w ]+) \( (?P<LOC>\w+) \)"))
    [(1, 3, 'PER'), (4, 5, 'LOC')]
    """
    text = " ".join(words(doc))
    for match in _compiled(pattern).finditer(text):
        for group, value in match.groupdict().items():
            if value:
                start = text.count(" ", 0, match.start(group))
                yield start, start + value.count(" ") + 1, group.rstrip("0123456789")


def pattern_function(name: str, pattern: str) -> LabelingFunction:
    r"""Return a labeling function that finds a regular expression, as `matches` does.

    Examples
    --------
    >>> import spacy
    >>> ports = pattern_function("ports", r"(?P<LOC>Port [A-Z][a-z]+)")
    >>> ports.__name__, list(ports(spacy.blank("en")("Ships leave Port Selma today")))
    ('ports', [(2, 4, 'LOC')])
    """

    def find_spans(doc: Doc) -> Iterator[LabeledSpan]:
        yield from matches(doc, pattern)

    find_spans.__name__ = name
    return find_spans


def in_mixed_case(doc: Doc) -> bool:
    """Whether capitals tell names from other words here: a headline in capitals has no such signal.

    Examples
    --------
    >>> import spacy
    >>> [in_mixed_case(spacy.blank("en")(text)) for text in ("Sarnia won .", "SARNIA WIN McTAVISH CUP .")]
    [True, False]
    """
    letters = [character for character in doc.text if character.isalpha()]
    return 4 * sum(map(str.islower, letters)) > len(letters)


def capitalized_runs(doc: Doc, not_names: Container[str] = ()) -> Iterator[tuple[int, int]]:
    """Find the longest runs of capitalized tokens, with small words such as "van der" inside.

    Parameters
    ----------
    doc
        Any document.
    not_names
        Tokens that end a run though they are capitalized.

    Examples
    --------
    >>> import spacy
    >>> doc = spacy.blank("en")("On Monday Ruud van der Berg met Ana .")
    >>> [doc[start:end].text for start, end in capitalized_runs(doc, not_names={"On", "Monday"})]
    ['Ruud van der Berg', 'Ana']
    """
    texts = words(doc)
    is_name = [text[:1].isupper() and text not in not_names for text in texts]
    i = 0
    while i < len(texts):
        if not is_name[i]:
            i += 1
            continue
        end = i + 1
        while True:
            ahead = end
            while ahead < len(texts) and texts[ahead] in CONNECTORS:
                ahead += 1
            if ahead == len(texts) or not is_name[ahead]:
                break
            end = ahead + 1
        yield i, end
        i = end


def phrases(doc: Doc, known: Container[str], longest: int = 4) -> Iterator[tuple[int, int]]:
    """Find known names, the longest first, in mixed case or in the capitals of a headline.

    Parameters
    ----------
    doc
        Any document.
    known
        Names, their tokens joined by single spaces, in upper case as well where they may stand in headlines.
    longest
        The greatest number of tokens.
    """
    texts = words(doc)
    i = 0
    while i < len(texts):
        for end in range(min(i + longest, len(texts)), i, -1):
            if texts[i][:1].isupper() and " ".join(texts[i:end]) in known:
                yield i, end
                i = end
                break
        else:
            i += 1
