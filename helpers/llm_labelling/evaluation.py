"""Accuracy and macro F1 of several draws, with an interval that covers both the draws and the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ValuesError
from helpers.llm_labelling.errors import UnknownLabelError
from helpers.values import as_list, as_texts, is_missing

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
    gold: pd.Series[str] | Sequence[str],
    draws: Sequence[pd.Series[str] | Sequence[str]],
    labels: Sequence[str],
    seed: int = 0,
) -> Quality:
    """Compare predictions with gold labels.

    Both the texts and the draws are a sample, and the draws share the texts. So the interval comes from
    resampling both at once, each on its own [1]_. With one draw it covers the texts only, with few draws it
    is somewhat too narrow.

    Parameters
    ----------
    gold
        The label of each of n texts. The index of a Series holds the texts' ids, each once.
    draws
        For each draw of examples, the predicted label of each text: a Series by these ids, anything else by
        position. None or NaN of any kind where there is none, which counts as wrong.
    labels
        The schema; a label that stands there twice counts once. In macro F1 each counts the same; the F1 of a
        label is 0 where there is nothing to divide by.
    seed
        Decides the resamples.

    Raises
    ------
    ValuesError
        If there is no text or no draw, an id is there twice, a draw by position has another length, or one by
        ids has none of those of the gold labels.
    UnknownLabelError
        If a gold label is missing or not one of the labels.

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
    labels, draws = list(dict.fromkeys(as_texts(labels, "labels"))), list(draws)
    right, predictions = _aligned(gold, draws)
    for position, label in enumerate(right):
        if label not in labels:
            raise UnknownLabelError(
                f"The gold label at position {position} is {label!r}, which is not one of {labels}."
            )
    generator = np.random.default_rng(seed)
    size = len(right)
    text_weights = generator.multinomial(size, np.full(size, 1 / size), RESAMPLES)
    draw_weights = generator.multinomial(len(draws), np.full(len(draws), 1 / len(draws)), RESAMPLES)
    measured = _measure(right, predictions, labels, np.ones((1, size)))
    resampled = _measure(right, predictions, labels, text_weights)
    estimated = []
    for values, others in zip(measured, resampled, strict=True):
        means = (others * draw_weights).sum(axis=1) / len(draws)
        low, high = np.quantile(means, [0.025, 0.975])
        estimated.append(Estimated(float(values.mean()), float(low), float(high)))
    return Quality(*estimated)


def as_series(values: pd.Series[str] | Sequence[str], what: str) -> pd.Series[str]:
    """Return values by ids: those of a pandas Series, each there once, else their positions.

    Raises
    ------
    ValuesError
        If an id is there twice.
    """
    if not isinstance(values, pd.Series):
        return pd.Series(as_list(values, what), dtype=object)
    repeated = values.index[values.index.duplicated()].tolist()
    if repeated:
        raise ValuesError(
            f"The index of the {what} holds {repeated[0]!r} more than once, so that it names no one text. "
            "Give each its own id, as reset_index(drop=True) does."
        )
    return values


def _aligned(
    gold: pd.Series[str] | Sequence[str], draws: Sequence[pd.Series[str] | Sequence[str]]
) -> tuple[list[str | None], list[list[str | None]]]:
    """Return the labels of each text, those of the draws in the order of the gold labels."""
    right = as_series(gold, "gold labels")
    if not len(right) or not len(draws):
        raise ValuesError(f"There are {len(right)} texts and {len(draws)} draws: give one of each at least.")
    predictions = []
    for draw in draws:
        predicted = as_series(draw, "predicted labels")
        if isinstance(draw, pd.Series) and isinstance(gold, pd.Series):
            if len(predicted) and not predicted.index.isin(right.index).any():
                raise ValuesError(
                    "No text has both a gold label and a predicted one: the ids are "
                    f"{right.index[:3].tolist()} and so on there, and {predicted.index[:3].tolist()} here. "
                    "Give both the texts' ids."
                )
            predicted = predicted.reindex(right.index)
        if len(predicted) != len(right):
            raise ValuesError(f"There are {len(right)} gold labels and {len(predicted)} predicted ones.")
        predictions.append(_without_missing(predicted))
    return _without_missing(right), predictions


def _without_missing(values: pd.Series[str]) -> list[str | None]:
    return [None if is_missing(value) else value for value in as_list(values)]


def _measure(
    gold: Sequence[str | None],
    draws: Sequence[Sequence[str | None]],
    labels: Sequence[str],
    weights: NDArray[np.number],
) -> tuple[Values, Values]:
    """Return accuracy and macro F1, of shape (weightings, draws), for weights of shape (weightings, n)."""
    accuracies = np.zeros((len(weights), len(draws)))
    macro_f1s = np.zeros((len(weights), len(draws)))
    is_gold = _indicators(gold, labels)
    n_gold = weights @ is_gold
    for column, predicted in enumerate(draws):
        is_predicted = _indicators(predicted, labels)
        n_right = weights @ (is_gold * is_predicted)
        n_either = n_gold + weights @ is_predicted
        accuracies[:, column] = n_right.sum(axis=1) / weights.sum(axis=1)
        f1 = np.divide(2 * n_right, n_either, out=np.zeros_like(n_either), where=n_either > 0)
        macro_f1s[:, column] = f1.mean(axis=1)
    return accuracies, macro_f1s


def _indicators(given: Sequence[str | None], labels: Sequence[str]) -> Values:
    return np.array([[label == each for label in labels] for each in given], dtype=float)
