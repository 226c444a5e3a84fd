"""Search over a list of texts."""

from collections.abc import Iterable

import apsw

from helpers.search.full_text import FullTextTable


class TextIndex:
    """The texts of a list, indexed in memory.

    Parameters
    ----------
    texts
        The texts; a text is known by its position in the list, from 0, whatever the index of a table.

    Raises
    ------
    ValuesError
        If they are one text or no column, or one of them is missing or no text.

    Examples
    --------
    >>> index = TextIndex(["Dollar falls again", "The cup final", "A fall in the dollar's value"])
    >>> index.search("dollar*")
    [0, 2]
    >>> index.search('fall* -"cup final"')
    [0, 2]
    """

    def __init__(self, texts: Iterable[str]) -> None:
        # The server's environment, which imports this module and makes no such index, has no pandas.
        from helpers.values import as_texts

        found = as_texts(texts)
        self._table = FullTextTable(apsw.Connection(":memory:"), "texts", ["text"])
        self._table.create()
        self._table.insert((position, (text,)) for position, text in enumerate(found))
        self._length = len(found)

    def __len__(self) -> int:
        return self._length

    def search(self, query: str) -> list[int]:
        """Return the positions of the matching texts, ascending; none for a query without a term."""
        return self._table.rows(query)
