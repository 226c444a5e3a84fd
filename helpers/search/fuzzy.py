"""Words that are nearly the same."""

from collections import defaultdict
from collections.abc import Iterable
from heapq import nsmallest


class Vocabulary:
    """Words to choose from, by their lengths.

    Parameters
    ----------
    words
        The words.

    Examples
    --------
    >>> Vocabulary(["colors", "colon", "color", "colour"]).nearest("colour", edits=2, limit=3)
    ['colour', 'color', 'colors']
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._of_length: dict[int, list[str]] = defaultdict(list)
        for word in words:
            self._of_length[len(word)].append(word)

    def nearest(self, word: str, edits: int, limit: int) -> list[str]:
        """Return the words that are nearest to a word, nearest first.

        Parameters
        ----------
        word
            The word to look for.
        edits
            The largest number of insertions, deletions and substitutions.
        limit
            The largest number of words; among equally near ones the alphabetically first are kept.

        References
        ----------
        Lucene's ``FuzzyQuery``, which ranks by ``1 - edits / length of the shorter word``.
        """
        letters = set(word)
        # An edit changes the length by one at most, and the set of letters by two: few words are left.
        similar = (
            other
            for length in range(len(word) - edits, len(word) + edits + 1)
            for other in self._of_length.get(length, ())
            if len(letters.symmetric_difference(other)) <= 2 * edits
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
