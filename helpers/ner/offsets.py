"""Positions in a text as Python and as Argilla's web UI count them.

Python counts characters; a browser counts UTF-16 code units, of which a character beyond the Basic
Multilingual Plane, such as an emoji, has two. Spans in Argilla are in the UI's units.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

_LAST_OF_ONE_UNIT = "\uffff"


class Utf16Offsets:
    """Converts the positions in one text.

    Parameters
    ----------
    text
        The text.

    Examples
    --------
    >>> offsets = Utf16Offsets("🚀 Ann")
    >>> offsets.units(2), offsets.character(3)
    (3, 2)
    >>> offsets.character(1) is offsets.character(7) is None  # inside of the emoji, behind the end
    True
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._units = list(accumulate((1 + (each > _LAST_OF_ONE_UNIT) for each in text), initial=0))

    def units(self, character: int) -> int:
        """Return how many code units there are before a character."""
        return self._units[character]

    def character(self, units: int) -> int | None:
        """Return how many characters these code units are; None if they end inside of one."""
        position = bisect_left(self._units, units)
        return position if self._units[position : position + 1] == [units] else None

    def between(self, start: int, end: int) -> str:
        """Return the text between two positions in code units, be they inside of a character."""
        units = self._text.encode("utf-16-le", "surrogatepass")
        return units[2 * max(start, 0) : 2 * max(end, 0)].decode("utf-16-le", "replace")
