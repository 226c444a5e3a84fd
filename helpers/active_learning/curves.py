"""How accurate a learner is by the number of labels, over several draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from helpers.active_learning.errors import SettingError, UnknownLabelError
from helpers.active_learning.learners import Learner
from helpers.active_learning.scores import scores_of
from helpers.errors import ValuesError
from helpers.values import as_list, as_texts, is_missing


class Choose(Protocol):
    """A way to choose what is labeled."""

    def __call__(self, *, seed: int) -> Sequence[int]:
        """Return positions of texts, in the order in which they are to be labeled."""


class Estimated(NamedTuple):
    """A mean, and its interval of 95 %."""

    mean: float
    low: float
    high: float


def estimate(values: Sequence[float]) -> Estimated:
    """Return the mean of a few draws with Student's interval: without bounds for one draw.

    Student. The Probable Error of a Mean. Biometrika, 1908.

    Examples
    --------
    >>> [round(value, 3) for value in estimate([0.8, 0.82, 0.84])]
    [0.82, 0.77, 0.87]
    """
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return Estimated(mean, -np.inf, np.inf)
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return Estimated(mean, mean - half, mean + half)


def accuracy(learner: Learner, test: pd.DataFrame) -> float:
    """Return the share of texts that a learner labels right, of columns ``text`` and ``label``.

    Raises
    ------
    ValuesError
        If there is no text, or a text has no label.
    UnknownLabelError
        If a label is not one of the learner's: no prediction could be right.
    ScoresError
        If the learner's scores are no numbers.
    NotFittedError
        If the learner has not learned.
    """
    texts, gold = _labeled(test)
    for position, label in enumerate(gold):
        if label not in learner.labels:
            raise UnknownLabelError(
                f"The text at position {position} has the label {label!r}, which is not one of "
                f"{list(learner.labels)}."
            )
    best = scores_of(learner, texts).argmax(axis=1)
    return _share_right([learner.labels[code] for code in best], gold)


def _labeled(test: pd.DataFrame) -> tuple[list[str], list[Any]]:
    texts, gold = as_texts(test["text"]), as_list(test["label"], "labels")
    if not texts:
        raise ValuesError("There is no text to score the learner on.")
    for position, label in enumerate(gold):
        if is_missing(label):
            raise ValuesError(f"The text at position {position} has no label. Score on those that have one.")
    return texts, gold


def _share_right(predicted: Sequence[str], gold: Sequence[Any]) -> float:
    return float(np.mean([one == other for one, other in zip(predicted, gold, strict=True)]))


def learning_curves(
    ways: Mapping[str, Choose],
    learner: Learner,
    pool: pd.DataFrame,
    test: pd.DataFrame,
    *,
    sizes: Sequence[int],
    seeds: Iterable[int],
) -> pd.DataFrame:
    """Compare ways to choose what is labeled.

    Where all chosen texts have one label, there is nothing to learn but to say always that.

    Parameters
    ----------
    ways
        By name, such as ``partial(choose_offline, ...)``, which lacks the seed only.
    learner
        What is trained on the chosen texts.
    pool, test
        What is chosen from and what is scored on: columns ``text`` and ``label``.
    sizes
        Numbers of labels to measure at.
    seeds
        One draw each.

    Returns
    -------
    pandas.DataFrame
        One row a way and number of labels (the index): ``mean``, ``low`` and ``high`` accuracy.

    Raises
    ------
    SettingError
        If a way chooses fewer texts than are to be measured at.
    """
    from tqdm.auto import tqdm

    texts, gold = as_texts(pool["text"]), as_list(pool["label"], "labels")
    _, test_gold = _labeled(test)
    measured: dict[tuple[str, int], list[float]] = {(way, size): [] for way in ways for size in sizes}
    for seed in tqdm(list(seeds), unit="draw", desc="Learning curves"):
        for way, choose in ways.items():
            chosen = choose(seed=seed)
            if len(chosen) < max(sizes):
                raise SettingError(f"{way!r} chose {len(chosen)} texts, and {max(sizes)} are needed.")
            for size in sizes:
                known = as_list(chosen, "positions")[:size]
                given = [gold[position] for position in known]
                if len(set(given)) == 1:
                    right = _share_right(given[:1] * len(test_gold), test_gold)
                else:
                    learner.fit([texts[position] for position in known], given)
                    right = accuracy(learner, test)
                measured[way, size].append(right)
    return pd.DataFrame.from_dict(
        {key: estimate(values)._asdict() for key, values in measured.items()}, orient="index"
    ).rename_axis(["way", "labels"])
