"""Phrases whose words may be moved."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence


def occurs(words: Sequence[str], positions: Mapping[str, Sequence[int]], slop: int) -> bool:
    """Tell whether a phrase occurs in a text within a slop.

    Subtract from each word's position in the text its position in the phrase: the spread of these
    differences may be at most `slop`. So a gap of one word costs 1, and two words swapped cost 2.

    Parameters
    ----------
    words
        The phrase.
    positions
        The ascending positions in the text of each word that is there.
    slop
        The largest spread, in positions.

    References
    ----------
    Lucene's ``PhraseQuery.setSlop``.

    Examples
    --------
    >>> occurs(["net", "profit"], {"net": [4], "profit": [6]}, slop=1)  # net quarterly profit
    True
    >>> occurs(["net", "profit"], {"net": [5], "profit": [4]}, slop=1)  # profit net
    False
    """
    if any(word not in positions for word in words):
        return False
    starts = {position - place for place, word in enumerate(words) for position in positions[word]}
    return any(_fits(words, positions, start, slop) for start in starts)


def _fits(words: Sequence[str], positions: Mapping[str, Sequence[int]], start: int, slop: int) -> bool:
    """Give each word the first position left for it; no choice of another could help a later word."""
    taken: dict[str, int] = {}
    for place, word in enumerate(words):
        here = positions[word]
        earliest = start + place if word not in taken else max(start + place, taken[word] + 1)
        first = bisect_left(here, earliest)
        if first == len(here) or here[first] > start + place + slop:
            return False
        taken[word] = here[first]
    return True
