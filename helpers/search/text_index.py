"""Search over a list of texts."""

from collections.abc import Iterable

import apsw

from helpers.search.full_text import FullTextTable


class TextIndex:
    """The texts of a list, indexed in memory.

    Parameters
    ----------
    texts
        The texts; a text is known by its position in the list, from 0.

    Examples
    --------
    >>> index = TextIndex(["Dollar falls again", "The cup final", "A fall in the dollar's value"])
    >>> index.search("dollar*")
    [0, 2]
    >>> index.search('fall* -"cup final"')
    [0, 2]
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._table = FullTextTable(apsw.Connection(":memory:"), "texts", ["text"])
        self._table.create()
        self._length = 0
        self._table.insert(self._counted(texts))

    def __len__(self) -> int:
        return self._length

    def search(self, query: str) -> list[int]:
        """Return the positions of the matching texts, ascending; none for a query without a term."""
        return self._table.rows(query)

    def _counted(self, texts: Iterable[str]) -> Iterable[tuple[int, tuple[str]]]:
        for text in texts:
            yield self._length, (text,)
            self._length += 1
