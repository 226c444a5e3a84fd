"""Accuracy and macro F1 of several draws, with an interval that covers both the draws and the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]

RESAMPLES = 1000


class Estimated(NamedTuple):
    """A mean over draws, and its interval of 95 %."""

    mean: float
    low: float
    high: float


class Quality(NamedTuple):
    """How good predictions are."""

    accuracy: Estimated
    macro_f1: Estimated


def evaluate(
    gold: pd.Series[str], draws: Sequence[pd.Series[str]], labels: Sequence[str], seed: int = 0
) -> Quality:
    """Compare predictions with gold labels.

    Both the texts and the draws are a sample, and the draws share the texts. So the interval comes from
    resampling both at once, each on its own [1]_. With one draw it covers the texts only, with few draws it
    is somewhat too narrow.

    Parameters
    ----------
    gold
        The label of each of n texts.
    draws
        For each draw of examples, the predicted label of each text, with the same index; NaN where there is
        none, which counts as wrong.
    labels
        The schema. In macro F1 each counts the same; the F1 of a label is 0 where there is nothing to divide
        by.
    seed
        Decides the resamples.

    References
    ----------
    .. [1] A. Owen. The Pigeonhole Bootstrap. Annals of Applied Statistics, 2007.

    Examples
    --------
    >>> gold = pd.Series(["a", "a", "b"])
    >>> quality = evaluate(gold, [gold, pd.Series(["a", "b", None])], ["a", "b"])
    >>> round(quality.accuracy.mean, 3), round(quality.macro_f1.mean, 3)
    (0.667, 0.667)
    """
    generator = np.random.default_rng(seed)
    size = len(gold)
    text_weights = generator.multinomial(size, np.full(size, 1 / size), RESAMPLES)
    draw_weights = generator.multinomial(len(draws), np.full(len(draws), 1 / len(draws)), RESAMPLES)
    measured = _measure(gold, draws, labels, np.ones((1, size)))
    resampled = _measure(gold, draws, labels, text_weights)
    estimated = []
    for values, others in zip(measured, resampled, strict=True):
        means = (others * draw_weights).sum(axis=1) / len(draws)
        low, high = np.quantile(means, [0.025, 0.975])
        estimated.append(Estimated(float(values.mean()), float(low), float(high)))
    return Quality(*estimated)


def _measure(
    gold: pd.Series[str], draws: Sequence[pd.Series[str]], labels: Sequence[str], weights: NDArray[np.number]
) -> tuple[Values, Values]:
    """Return accuracy and macro F1, of shape (weightings, draws), for weights of shape (weightings, n)."""
    accuracies = np.zeros((len(weights), len(draws)))
    macro_f1s = np.zeros((len(weights), len(draws)))
    is_gold = np.stack([(gold == label).to_numpy(float) for label in labels], axis=1)
    n_gold = weights @ is_gold
    for column, predicted in enumerate(draws):
        same_order = predicted.reindex(gold.index)
        is_predicted = np.stack([(same_order == label).to_numpy(float) for label in labels], axis=1)
        n_right = weights @ (is_gold * is_predicted)
        n_either = n_gold + weights @ is_predicted
        accuracies[:, column] = n_right.sum(axis=1) / weights.sum(axis=1)
        f1 = np.divide(2 * n_right, n_either, out=np.zeros_like(n_either), where=n_either > 0)
        macro_f1s[:, column] = f1.mean(axis=1)
    return accuracies, macro_f1s
