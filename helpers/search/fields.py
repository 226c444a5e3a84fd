"""What is searched of a record's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import apsw

from helpers.search.full_text import FullTextTable


def field_text(value: Any) -> str | None:
    r"""Return what is searched of a field: of a chat what was said, of a custom field all of it.

    Parameters
    ----------
    value
        A text, a list of messages, any other value, or None where the field is optional and empty.

    Examples
    --------
    >>> field_text([{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Yes?"}])
    'Hello\nYes?'
    """
    if isinstance(value, list):
        return "\n".join(map(_said, value))
    return None if value is None else str(value)


def finds(query: str, fields: Iterable[Any]) -> bool:
    """Tell whether a query finds a record with these fields, as the server's search does.

    Examples
    --------
    >>> finds("late goal", ["It is late", "A goal"]), finds('"late goal"', ["It is late", "A goal"])
    (True, False)
    """
    texts = [field_text(value) for value in fields]
    table = FullTextTable(apsw.Connection(":memory:"), "texts", [f"field{i}" for i in range(len(texts))])
    table.create()
    table.insert([(0, texts)])
    return bool(table.rows(query))


def _said(message: Any) -> str:
    # A message is a dictionary in the server's words, and an object in those of Argilla's SDK.
    if isinstance(message, Mapping):
        return str(message.get("content", ""))
    return str(getattr(message, "content", message))
