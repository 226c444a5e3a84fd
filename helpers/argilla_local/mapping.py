"""What the search engine knows of a dataset: its text fields, and how each value is compared.

Elasticsearch calls this a mapping, and its types mean here what they mean there.
"""

from __future__ import annotations

import array
import json
import math
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

# What SQLite's integers hold, as Elasticsearch's `long` does.
_INTEGERS = range(-(2**63), 2**63)


class ValueType(Enum):
    """How values are kept and compared: as texts, whole numbers or 32-bit floating-point numbers."""

    KEYWORD = "keyword"
    INTEGER = "long"
    FLOAT = "float"

    def stored(self, value: object) -> str | float | None:
        """Return a value as the index keeps it, None where it is none of this type.

        >>> ValueType.INTEGER.stored("00003"), ValueType.FLOAT.stored(0.1), ValueType.INTEGER.stored("x")
        (3, 0.10000000149011612, None)
        """
        kept = self.sought(value)
        if kept is None or isinstance(kept, str):
            return kept
        if not math.isfinite(kept):
            return None
        return kept if self is ValueType.FLOAT else _whole(int(kept))

    def sought(self, value: object) -> str | float | None:
        """Return a value of a filter as the stored ones are compared with it, None where it matches none.

        >>> ValueType.INTEGER.sought("2"), ValueType.INTEGER.sought(2.5), ValueType.KEYWORD.sought(2)
        (2, 2.5, '2')
        """
        text = str(value.value if isinstance(value, Enum) else value)
        if self is ValueType.KEYWORD:
            # As JSON writes it, which is what Elasticsearch keeps.
            return text.lower() if isinstance(value, bool) else text
        number = _number(text)
        return array.array("f", [number])[0] if self is ValueType.FLOAT and number is not None else number


@dataclass(frozen=True)
class Mapping:
    """The text fields of a dataset, and the types of its values by their keys.

    A key is what a value says of a record: ``metadata/NAME``, ``suggestion/QUESTION/PROPERTY`` or
    ``response/QUESTION``.
    """

    fields: tuple[str, ...] = ()
    types: Dictionary[str, ValueType] = field(default_factory=dict)

    def with_metadata(self, name: str, type: str) -> Mapping:
        """Return a mapping that knows one more metadata property."""
        types = {"terms": ValueType.KEYWORD, "integer": ValueType.INTEGER, "float": ValueType.FLOAT}
        return replace(self, types={**self.types, metadata_key(name): types[type]})

    def with_question(self, name: str, type: str) -> Mapping:
        """Return a mapping that knows one more question; texts, spans and rankings are not compared."""
        types = {suggestion_key(name, part): ValueType.KEYWORD for part in ("agent", "type")}
        types[suggestion_key(name, "score")] = ValueType.FLOAT
        if type in ("label_selection", "multi_label_selection", "rating"):
            value = ValueType.INTEGER if type == "rating" else ValueType.KEYWORD
            types |= {suggestion_key(name, "value"): value, response_key(name): value}
        return replace(self, types={**self.types, **types})

    def to_json(self) -> str:
        """Write the mapping as JSON."""
        types = {key: type.value for key, type in self.types.items()}
        return json.dumps({"fields": self.fields, "types": types}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Mapping:
        """Read what `to_json` wrote.

        >>> mapping = Mapping(("text",)).with_metadata("size", "integer").with_question("stars", "rating")
        >>> Mapping.from_json(mapping.to_json()) == mapping
        True
        """
        content: dict[str, Any] = json.loads(text)
        types = {key: ValueType(type) for key, type in content["types"].items()}
        return cls(tuple(content["fields"]), types)


def metadata_key(name: str) -> str:
    """Return the key of a metadata property's values."""
    return f"metadata/{name}"


def suggestion_key(question: str, part: str) -> str:
    """Return the key of a part of the suggestions to a question."""
    return f"suggestion/{question}/{part}"


def response_key(question: str) -> str:
    """Return the key of the answers to a question."""
    return f"response/{question}"


def _whole(number: int) -> int | None:
    return number if number in _INTEGERS else None


def _number(text: str) -> float | None:
    try:
        whole = _whole(int(text))
    except ValueError:
        whole = None
    if whole is not None:
        return whole
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number
