"""The arithmetic of weak labels: votes as integers, and the table that judges rules by them.

A row may be a text, or any other thing that rules vote on, such as a token or a candidate span.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.values import as_list
from helpers.weak_supervision.errors import LengthMismatchError
from helpers.weak_supervision.labels import ABSTAIN, Label, Positions, label_of, schema

# Two bytes per vote: 120,000 texts and 150 rules then take 36 MB.
Votes: TypeAlias = npt.NDArray[np.int16]


def encode(values: Iterable[Any], labels: Iterable[Any]) -> Votes:
    """Turn labels into their positions in the schema, and what stands for none into -1.

    Parameters
    ----------
    values
        Labels, or missing values of any kind (None, NaN, pandas' NA, ...), or `ABSTAIN`.
    labels
        The schema; a label that stands there twice counts once.

    Raises
    ------
    MissingLabelError
        If a label is not in the schema, or cannot be one.

    Examples
    --------
    >>> encode(["Sports", None, "World"], labels=["World", "Sports"]).tolist()
    [1, -1, 0]
    """
    positions = Positions(schema(labels))
    codes = []
    for row, value in enumerate(as_list(values, "labels")):
        label = label_of(value, f"The label at index {row}")
        codes.append(ABSTAIN if label is None else positions.of(label, f" at index {row}"))
    return np.array(codes, dtype=np.int16)


def confusion(gold: Iterable[Any], predicted: Iterable[Any], labels: Iterable[Any]) -> pd.DataFrame:
    """Count which label was given instead of which.

    Parameters
    ----------
    gold, predicted
        One label a text each. Texts of which one is unknown, or none was predicted, are left out.
    labels
        The schema.

    Returns
    -------
    DataFrame
        Numbers of texts: a row for each gold label, a column for each predicted one, also for labels that
        never occur.

    Raises
    ------
    LengthMismatchError
        If there are more of one than of the other.
    MissingLabelError
        If a label is not in the schema.

    Examples
    --------
    >>> confusion(["a", "b", "b"], ["a", "a", None], labels=["a", "b", "c"]).to_numpy().tolist()
    [[1, 0, 0], [1, 0, 0], [0, 0, 0]]
    """
    known = schema(labels)
    truth, guess = encode(gold, known), encode(predicted, known)
    if len(truth) != len(guess):
        raise LengthMismatchError(f"There are {len(truth)} gold labels and {len(guess)} predicted ones.")
    counts = np.zeros((len(known), len(known)), dtype=int)
    both = (truth != ABSTAIN) & (guess != ABSTAIN)
    np.add.at(counts, (truth[both], guess[both]), 1)
    return pd.DataFrame(counts, label_index(known, "gold"), label_index(known, "predicted"))


def label_index(labels: Iterable[Label], name: str = "label") -> pd.Index:
    """Return labels as the index of a table; one that is a tuple stays one."""
    return pd.Index(list(labels), name=name, tupleize_cols=False)


def rule_table(
    matrix: Votes, gold: Votes | None, names: Sequence[str], labels: Sequence[Label]
) -> pd.DataFrame:
    """Judge rules by where they vote, where others vote too, and how often they are right.

    Parameters
    ----------
    matrix
        Votes, of shape (n_rows, n_rules): positions in `labels`, or -1 where a rule abstains.
    gold
        True labels, of shape (n_rows,), with -1 where unknown; or None.
    names
        The rules' names, in the order of the columns.
    labels
        The schema.

    Returns
    -------
    DataFrame
        One row per rule, then ``total``, the last row also where a rule has that name. Of all rows of the
        matrix, ``coverage`` is the fraction on which the rule votes, ``overlaps`` that on which another rule
        votes too, ``conflicts`` that on which another votes differently. With gold there are also
        ``annotated_coverage`` (the coverage of the rows that have a gold label), the numbers of ``correct``
        and ``incorrect`` votes on these, and their ``precision`` (NaN without votes). In the total, coverage,
        overlaps and conflicts are the fractions of rows with at least one vote, with two, and with two
        different ones; correct and incorrect are sums.

    Raises
    ------
    LengthMismatchError
        If there is not one name a column, or one gold label a row.

    References
    ----------
    The columns are those of `WeakLabels.summary` in Argilla 1.29. The fractions go back to A. Ratner et al.,
    "Snorkel: Rapid Training Data Creation with Weak Supervision", VLDB 2017.

    Examples
    --------
    >>> votes = np.array([[0, 1], [0, -1], [-1, -1], [1, 1]], dtype=np.int16)
    >>> table = rule_table(votes, None, names=["a", "b"], labels=["World", "Sports"])
    >>> table.loc["a"].to_dict()
    {'label': 'World, Sports', 'coverage': 0.75, 'overlaps': 0.5, 'conflicts': 0.25}
    """
    names, labels, matrix = as_list(names, "names"), as_list(labels, "labels"), np.asarray(matrix)
    gold = None if gold is None else np.asarray(as_list(gold, "gold labels"))
    for what, given, needed in (
        ("names", len(names), matrix.shape[1]),
        ("gold labels", len(matrix) if gold is None else len(gold), len(matrix)),
    ):
        if given != needed:
            raise LengthMismatchError(f"There are {given} {what} for votes of the shape {matrix.shape}.")
    votes = matrix != ABSTAIN
    n_votes = votes.sum(axis=1)
    overlapping = n_votes > 1
    lowest = np.where(votes, matrix, len(labels)).min(axis=1, initial=len(labels))
    # Where a row has two different votes, each of its votes conflicts with some other.
    conflicting = matrix.max(axis=1, initial=ABSTAIN) > lowest

    columns: dict[str, list[Any]] = {
        "label": [_labels_in(column, labels) for column in matrix.T] + [_labels_in(matrix, labels)],
        "coverage": _fractions(votes, n_votes > 0),
    }
    if gold is not None:
        known = gold != ABSTAIN
        columns["annotated_coverage"] = _fractions(votes[known], n_votes[known] > 0)
    columns["overlaps"] = _fractions(votes & overlapping[:, None], overlapping)
    columns["conflicts"] = _fractions(votes & conflicting[:, None], conflicting)
    if gold is not None:
        right = (votes & (matrix == gold[:, None])).sum(axis=0).tolist()
        judged = (votes & known[:, None]).sum(axis=0).tolist()
        columns["correct"] = correct = [*right, sum(right)]
        columns["incorrect"] = [n - k for n, k in zip([*judged, sum(judged)], correct, strict=True)]
    table = pd.DataFrame(columns, index=[*names, "total"])
    if gold is not None:
        table["precision"] = table["correct"] / (table["correct"] + table["incorrect"])
    return table


def _labels_in(votes: Votes, labels: Sequence[Label]) -> str:
    return ", ".join(str(labels[code]) for code in np.unique(votes) if code != ABSTAIN)


def _fractions(cells: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_]) -> list[float]:
    """Return the fraction of true cells per column, then that of true rows."""
    # Without rows there is no fraction: NaN, not a division by zero.
    n_rows = len(rows) or np.nan
    return [*(cells.sum(axis=0) / n_rows).tolist(), float(rows.sum() / n_rows)]
