"""How good labeling functions for spans are: the table of rules, and precision and recall by label.

The table asks of whole spans, as the final score does: a row of its votes is a candidate, a place from token
to token that some function marks, or that is gold and that all have missed. Votes for another place, be it
one token longer, are votes on another candidate. skweak's analysis asks of tokens instead: there a function
that finds half of a name is half right. A function with good tokens and bad spans has the wrong boundaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.ner.errors import NoDocumentsError
from helpers.ner.spans import GOLD, entity_labels, has_gold, spans_of
from helpers.weak_supervision import ABSTAIN, rule_table
from helpers.weak_supervision.table import Votes

if TYPE_CHECKING:
    from spacy.tokens import Doc


def span_votes(
    docs: Sequence[Doc], functions: Sequence[str], labels: Sequence[str]
) -> tuple[Votes, Votes | None]:
    """Return what functions vote on candidate spans, and what is right.

    Parameters
    ----------
    docs
        Documents with the spans of each function in ``doc.spans``.
    functions
        The functions' names.
    labels
        The schema.

    Returns
    -------
    ndarray of int, shape (n_candidates, n_functions)
        Votes as positions in `labels`, -1 where a function does not mark the candidate.
    ndarray of int, shape (n_candidates,), or None
        The gold labels as positions in `labels`; ``len(labels)`` for a candidate that is no entity, -1 in
        documents without gold. None if no document has gold.

    Raises
    ------
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two of one function share a token.
    """
    labels = entity_labels(labels)
    code = {label: position for position, label in enumerate(labels)}
    rows: list[list[int]] = []
    gold: list[int] = []
    for index, doc in enumerate(docs):
        known = has_gold(doc)
        # One column more than functions: that of gold.
        candidates: dict[tuple[int, int], list[int]] = {}
        for column, name in enumerate([*functions, GOLD]):
            if name == GOLD and not known:
                continue
            for span in spans_of(index, doc, name, labels):
                votes = candidates.setdefault((span.start, span.end), [ABSTAIN] * (len(functions) + 1))
                votes[column] = code[span.label_]
        for *votes, right in candidates.values():
            rows.append(votes)
            gold.append(len(labels) if known and right == ABSTAIN else right)
    matrix = np.array(rows, dtype=np.int16).reshape(-1, len(functions))
    return matrix, np.array(gold, dtype=np.int16) if any(map(has_gold, docs)) else None


def span_rule_table(docs: Sequence[Doc], functions: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Judge functions by the table that text rules have.

    Parameters
    ----------
    docs
        Documents with the spans of each function in ``doc.spans``. Those with gold are judged.
    functions
        The functions' names.
    labels
        The schema.

    Returns
    -------
    DataFrame
        As :func:`helpers.weak_supervision.rule_table`, whose rows are here the candidates of `span_votes`.
        So ``overlaps`` is the fraction of candidates that another function marks too, ``conflicts`` that to
        which another gives another label, and a span is ``correct`` if place and label are gold.

    Raises
    ------
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two of one function share a token.
    """
    matrix, gold = span_votes(docs, functions, labels)
    return rule_table(matrix, gold, names=functions, labels=entity_labels(labels))


def token_scores(docs: Sequence[Doc], functions: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Return precision, recall and F1 on tokens, by function and label, on the documents that have gold.

    Parameters
    ----------
    docs
        Documents with the spans of each function in ``doc.spans``.
    functions
        The functions' names.
    labels
        The schema.

    Returns
    -------
    DataFrame
        Columns ``precision``, ``recall`` and ``f1``; a row per function and label it gives, in the given
        order.

    Raises
    ------
    NoDocumentsError
        No document has gold.
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two of one function share a token.

    References
    ----------
    `LFAnalysis` of P. Lison, J. Barnes, A. Hubin. skweak: Weak Supervision Made Easy for NLP. ACL 2021. There
    gold is one source among the others, with a precision of 1; here it is none.
    """
    from skweak.analysis import LFAnalysis
    from spacy.tokens import Doc, Span

    labels, functions = entity_labels(labels), list(functions)
    # The analysis takes what stands before a hyphen for a tag, so it gets numbers for labels.
    code = {label: str(position) for position, label in enumerate(labels)}
    copies = []
    for index, doc in enumerate(docs):
        if has_gold(doc):
            copy = Doc(doc.vocab, words=[token.text for token in doc])
            for name in (*functions, GOLD):
                spans = spans_of(index, doc, name, labels)
                copy.spans[name] = [Span(copy, each.start, each.end, code[each.label_]) for each in spans]
            copies.append(copy)
    if not copies:
        raise NoDocumentsError(f"None of the {len(docs)} documents has gold entities to judge functions by.")
    # The analysis changes the list of labels that it is given.
    analysis = LFAnalysis(copies, list(code.values()), sources=functions)
    by_function: dict[str, dict[str, Any]] = analysis.lf_empirical_scores(
        copies, GOLD, list(code.values()), print_warnings=False
    )
    rows = {
        (name, label): by_function[name][code[label]]
        for name in functions
        for label in labels
        if code[label] in by_function.get(name, {})
    }
    index = pd.MultiIndex.from_tuples(rows, names=["function", "label"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["precision", "recall", "f1"]).astype(float)
