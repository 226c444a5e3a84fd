"""The arithmetic of weak labels: votes as integers, and the table that judges rules by them.

A row may be a text, or any other thing that rules vote on, such as a token or a candidate span.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.weak_supervision.errors import MissingLabelError

ABSTAIN = -1
# Two bytes per vote: 120,000 texts and 150 rules then take 36 MB.
Votes: TypeAlias = npt.NDArray[np.int16]


def encode(values: Iterable[Any], labels: Sequence[str]) -> Votes:
    """Turn labels into their positions in the schema, and missing ones (None, NaN) into -1.

    Raises
    ------
    MissingLabelError
        If a label is not in the schema.

    Examples
    --------
    >>> encode(["Sports", None, "World"], labels=["World", "Sports"]).tolist()
    [1, -1, 0]
    """
    position = {label: index for index, label in enumerate(labels)}
    codes = []
    for row, value in enumerate(values):
        if value is None or value != value:
            codes.append(ABSTAIN)
        elif value in position:
            codes.append(position[value])
        else:
            raise MissingLabelError(
                f"The label {value!r} at index {row} is not one of {list(labels)}. "
                "Correct it, or add it to `labels`."
            )
    return np.array(codes, dtype=np.int16)


def rule_table(
    matrix: Votes, gold: Votes | None, names: Sequence[str], labels: Sequence[str]
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
        One row per rule, then ``total``. Of all rows of the matrix, ``coverage`` is the fraction on which
        the rule votes, ``overlaps`` that on which another rule votes too, ``conflicts`` that on which
        another votes differently. With gold there are also ``annotated_coverage`` (the coverage of the rows
        that have a gold label), the numbers of ``correct`` and ``incorrect`` votes on these, and their
        ``precision`` (NaN without votes). In the total, coverage, overlaps and conflicts are the fractions of
        rows with at least one vote, with two, and with two different ones; correct and incorrect are sums.

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
    votes = matrix != ABSTAIN
    n_votes = votes.sum(axis=1)
    overlapping = n_votes > 1
    lowest = np.where(votes, matrix, len(labels)).min(axis=1)
    # Where a row has two different votes, each of its votes conflicts with some other.
    conflicting = matrix.max(axis=1) > lowest

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


def _labels_in(votes: Votes, labels: Sequence[str]) -> str:
    return ", ".join(labels[code] for code in np.unique(votes) if code != ABSTAIN)


def _fractions(cells: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_]) -> list[float]:
    """Return the fraction of true cells per column, then that of true rows."""
    # Without rows there is no fraction: NaN, not a division by zero.
    n_rows = len(rows) or np.nan
    return [*(cells.sum(axis=0) / n_rows).tolist(), float(rows.sum() / n_rows)]
