"""Words that are nearly the same."""

from collections.abc import Iterable
from heapq import nsmallest


def nearest_words(word: str, vocabulary: Iterable[str], edits: int, limit: int) -> list[str]:
    """Return the words of a vocabulary that are nearest to a word, nearest first.

    Parameters
    ----------
    word
        The word to look for.
    vocabulary
        The words to choose from.
    edits
        The largest number of insertions, deletions and substitutions.
    limit
        The largest number of words; among equally near ones the alphabetically first are kept.

    References
    ----------
    Lucene's ``FuzzyQuery``, which ranks by ``1 - edits / length of the shorter word``.

    Examples
    --------
    >>> nearest_words("colour", ["colors", "colon", "color", "colour"], edits=2, limit=3)
    ['colour', 'color', 'colors']
    """
    letters = set(word)
    # An edit changes the length by one at most, and the set of letters by two: that leaves out most words.
    similar = (
        other
        for other in vocabulary
        if abs(len(other) - len(word)) <= edits and len(letters.symmetric_difference(other)) <= 2 * edits
    )
    distances = {other: _distance(word, other, edits) for other in similar}
    found = {other: distance for other, distance in distances.items() if distance <= edits}
    return nsmallest(limit, found, key=lambda other: (found[other] / min(len(word), len(other)), other))


def _distance(first: str, second: str, limit: int) -> int:
    """Return the Levenshtein distance, or any larger number than `limit` as soon as it is beyond it."""
    previous = list(range(len(second) + 1))
    for row, a in enumerate(first, start=1):
        current = [row]
        for column, b in enumerate(second, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b)))
        if min(current) > limit:
            return limit + 1
        previous = current
    return previous[-1]
