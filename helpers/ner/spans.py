"""Named groups of spans of a document, checked: what records and tables of spans are made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from helpers.ner.errors import OverlappingSpansError, UnknownEntityLabelError
from helpers.values import as_list

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

GOLD = "gold"
"""The name under which the entities of a document, its ``ents``, go."""


def entity_labels(labels: Iterable[str]) -> list[str]:
    """Return the labels of a schema in their order, each once.

    Raises
    ------
    UnknownEntityLabelError
        One is no text, or blank, or there are none.

    Examples
    --------
    >>> entity_labels(["PER", "B-PER", "PER"])
    ['PER', 'B-PER']
    """
    found = list(dict.fromkeys(map(_named, as_list(labels, "labels"))))
    if not found:
        raise UnknownEntityLabelError("There are no labels. Give at least one, such as 'PER'.")
    return found


def _named(label: object) -> str:
    if not isinstance(label, str) or not label.strip():
        raise UnknownEntityLabelError(f"{label!r} is no label of an entity. Give a text, such as 'PER'.")
    return label


def has_gold(doc: Doc) -> bool:
    """Tell whether a document's entities are known, be it that there are none."""
    return bool(doc.has_annotation("ENT_IOB"))


def spans_of(index: int, doc: Doc, name: str, labels: Sequence[str]) -> list[Span]:
    """Return the spans of one name in a document, in order.

    Parameters
    ----------
    index
        The position of the document, for messages.
    doc
        The document, in whose ``spans`` skweak keeps what functions and aggregators found.
    name
        A function or aggregator, whose group may be missing, or `GOLD` for the entities.
    labels
        The schema.

    Raises
    ------
    UnknownEntityLabelError
        A span has a label outside the schema.
    OverlappingSpansError
        Two spans share a token.
    """
    labels = as_list(labels, "labels")
    group = doc.ents if name == GOLD else doc.spans.get(name, [])
    spans = sorted(group, key=lambda span: (span.start, span.end))
    for span in spans:
        if span.label_ not in labels:
            raise UnknownEntityLabelError(
                f"Document {index}: {name!r} labels {span.text!r} as {span.label_!r}, which is not one of"
                f" {list(labels)}."
            )
    refuse_overlaps(index, spans, name)
    return spans


def refuse_overlaps(index: int, spans: Sequence[Span], name: str) -> None:
    """Raise an error if two of these spans, given in order, share a token.

    Raises
    ------
    OverlappingSpansError
        Two do.
    """
    for first, second in pairwise(spans):
        if second.start < first.end:
            raise OverlappingSpansError(
                f"Document {index}: the spans {first.text!r} ({first.label_}) and {second.text!r}"
                f" ({second.label_}) of {name!r} overlap. Keep one of them."
            )
