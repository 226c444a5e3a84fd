"""Logistic regression that learns from texts without labels, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.strategies import margins

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

ROUNDS = 5
BELIEVED = 0.8
"""Of the texts predicted to be of a label, the share that is learned from: the clearest."""


def self_train(
    X: NDArray[np.float32],  # noqa: N803
    y: NDArray[Any],
    unlabeled: NDArray[np.float32] | None = None,
) -> LogisticRegression:
    """Fit logistic regression, and fit it again on what it says about vectors without labels.

    It helps where texts on one subject lie together: on AG News, with 32 labels and 2,000 texts without, it
    is worth 6 points of accuracy. Label by label only the clearest predictions are believed, so that an easy
    label does not crowd out the others.

    Parameters
    ----------
    X, y
        Vectors of shape (n, dimensions) and n labels of two kinds at least.
    unlabeled
        Vectors of shape (m, dimensions); None for plain regression.

    References
    ----------
    Y. Zou et al. Unsupervised Domain Adaptation for Semantic Segmentation via Class-Balanced Self-Training.
    ECCV 2018.

    Examples
    --------
    Two of these vectors have a label; the others say where the gap between the labels is.

    >>> vectors = np.array([[0.0], [1.0], [0.1], [0.2], [0.3], [0.35], [0.9], [0.95]])
    >>> plain = self_train(vectors[:2], ["a", "b"])
    >>> informed = self_train(vectors[:2], ["a", "b"], vectors[2:])
    >>> [str(head.predict([[0.55]])[0]) for head in (plain, informed)]
    ['b', 'a']
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if unlabeled is not None and not len(unlabeled):
        unlabeled = None
    # The matrices are small: threads would mostly wait for each other, on a busy machine for seconds.
    with threadpool_limits(1, "blas"):
        regression = _regression().fit(X, y)
        if unlabeled is not None:
            for _ in range(ROUNDS):
                clear, labels = _clearest(regression, unlabeled)
                known, answers = np.concatenate([X, unlabeled[clear]]), np.concatenate([y, labels])
                regression = _regression().fit(known, answers)
    return regression


def _regression() -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(class_weight="balanced", max_iter=1000)


def _clearest(
    regression: LogisticRegression,
    X: NDArray[np.float32],  # noqa: N803
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the positions of the vectors with the widest margins of each label, and these labels."""
    scores = regression.predict_proba(X)
    codes, clearness = scores.argmax(axis=1), margins(scores)
    clear = []
    for code in range(len(regression.classes_)):
        rows = np.flatnonzero(codes == code)
        count = round(BELIEVED * len(rows))
        clear.append(rows[np.argsort(-clearness[rows], kind="stable")[:count]])
    positions = np.concatenate(clear)
    return positions, regression.classes_[codes[positions]]
