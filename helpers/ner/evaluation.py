"""Exact spans: precision, recall and F1, and functions that are too often wrong."""

from collections.abc import Sequence

import pandas as pd
from spacy.tokens import Doc

from helpers.ner.errors import NoDocumentsError, UnknownEntityLabelError
from helpers.ner.spans import GOLD, entity_labels, has_gold, spans_of

ALL = "all"


def score(docs: Sequence[Doc], sources: str | Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Compare spans with the gold entities of the documents that have them.

    Parameters
    ----------
    docs
        Documents with gold entities as ``ents``.
    sources
        A key of ``doc.spans``, such as an aggregator or a model; or several, whose spans are put together.
    labels
        The schema.

    Returns
    -------
    DataFrame
        Columns ``precision``, ``recall`` and ``f1``, 0 where there is nothing to divide by; a row a label,
        then ``all`` (the micro average). A span counts if both ends and the label are right.

    Raises
    ------
    NoDocumentsError
        No document has gold.
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two of a source or of gold share a token. A label of the
        schema is no text, or is ``all``.

    References
    ----------
    E. F. Tjong Kim Sang, F. De Meulder. Introduction to the CoNLL-2003 Shared Task. CoNLL 2003.
    """
    names = [sources] if isinstance(sources, str) else list(sources)
    labels = entity_labels(labels)
    if ALL in labels:
        raise UnknownEntityLabelError(
            f"A label is called {ALL!r}, as is the row of the micro average. Give it another name."
        )
    judged = [(index, doc) for index, doc in enumerate(docs) if has_gold(doc)]
    if not judged:
        raise NoDocumentsError(f"None of the {len(docs)} documents has gold entities to compare with.")
    found, gold = set(), set()
    for index, doc in judged:
        for name in names:
            found |= {(index, s.start, s.end, s.label_) for s in spans_of(index, doc, name, labels)}
        gold |= {(index, s.start, s.end, s.label_) for s in spans_of(index, doc, GOLD, labels)}
    rows = {}
    for row in (*labels, ALL):
        n_found, n_gold, n_right = (
            sum(row in (ALL, span[-1]) for span in spans) for spans in (found, gold, found & gold)
        )
        rows[row] = (
            n_right / n_found if n_found else 0.0,
            n_right / n_gold if n_gold else 0.0,
            2 * n_right / (n_found + n_gold) if n_right else 0.0,
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["precision", "recall", "f1"])


def imprecise(
    docs: Sequence[Doc],
    sources: Sequence[str],
    labels: Sequence[str],
    *,
    below: float = 0.5,
    at_least: int = 3,
) -> list[str]:
    """Return the functions whose spans are right less often than `below`, on documents with gold.

    Parameters
    ----------
    docs
        Documents with gold entities, such as the declared sample.
    sources
        The functions' names.
    labels
        The schema.
    below
        The smallest share of right spans that a function may have.
    at_least
        A function with fewer spans than this is not judged.

    Raises
    ------
    UnknownEntityLabelError, OverlappingSpansError
        As `score`.
    """
    table = []
    for name in sources:
        n_spans = sum(len(doc.spans.get(name, ())) for doc in docs if has_gold(doc))
        if n_spans >= at_least and score(docs, name, labels).loc[ALL, "precision"] < below:
            table.append(name)
    return table
