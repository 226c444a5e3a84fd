"""Sentences with named entities as plain text that a person can read and correct.

A sentence is a line, its tokens are parted by single spaces, and an entity stands in square brackets with its
label first: ``[PER Ines Calado] won in [LOC Lisbon] .``
"""

from collections.abc import Sequence
from typing import NamedTuple

from helpers.data.errors import BracketError


class Entity(NamedTuple):
    """A labeled run of tokens: from token `start` up to, not including, token `end`."""

    start: int
    end: int
    label: str


def parse(line: str) -> tuple[list[str], list[Entity]]:
    """Read a line.

    Returns
    -------
    list of str
        The tokens.
    list of Entity
        The entities, in order.

    Raises
    ------
    BracketError
        A bracket is not closed, not opened or inside another, an entity has no label or no tokens, or
        tokens are parted by more than one space.

    Examples
    --------
    >>> parse("[PER Ines Calado] won .")
    (['Ines', 'Calado', 'won', '.'], [Entity(start=0, end=2, label='PER')])
    """
    tokens: list[str] = []
    entities: list[Entity] = []
    label, start = "", 0
    for chunk in line.split(" ") if line else []:
        token = chunk
        if chunk.startswith("["):
            if label:
                raise BracketError(
                    f"The entity {chunk!r} starts inside another, in {line!r}: close that first."
                )
            label, start = chunk[1:], len(tokens)
            if not _is_word(label):
                raise BracketError(f"{chunk!r} is not '[' and a label, in {line!r}: write '[PER Ann]'.")
            continue
        closes = chunk.endswith("]")
        if closes:
            token = chunk[:-1]
        if not _is_word(token):
            raise BracketError(f"{chunk!r} is not a token, in {line!r}: part tokens by one space each.")
        tokens.append(token)
        if closes:
            if not label:
                raise BracketError(f"{chunk!r} closes a bracket that was not opened, in {line!r}.")
            entities.append(Entity(start, len(tokens), label))
            label = ""
    if label:
        raise BracketError(f"The bracket of '[{label}' is not closed, in {line!r}.")
    return tokens, entities


def write(tokens: Sequence[str], entities: Sequence[Entity] = ()) -> str:
    """Write a line, such that `parse` returns what was written.

    Raises
    ------
    BracketError
        A token or label holds a bracket or white space or is empty, or an entity overlaps the one before it
        or goes beyond the tokens.

    Examples
    --------
    >>> write(["Ines", "Calado", "won", "."], [Entity(0, 2, "PER")])
    '[PER Ines Calado] won .'
    """
    for word in [*tokens, *(entity.label for entity in entities)]:
        if not _is_word(word):
            raise BracketError(f"{word!r} cannot be written: it is empty, or holds a bracket or white space.")
    chunks = list(tokens)
    written = 0
    for entity in entities:
        if not written <= entity.start < entity.end <= len(tokens):
            raise BracketError(
                f"{entity} is out of order, overlaps or is out of range: of {len(tokens)} tokens those from"
                f" {written} on are free."
            )
        chunks[entity.start] = f"[{entity.label} {chunks[entity.start]}"
        chunks[entity.end - 1] += "]"
        written = entity.end
    return " ".join(chunks)


def _is_word(text: str) -> bool:
    return text.split() == [text] and not set(text) & set("[]")
