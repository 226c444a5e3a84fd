"""When to stop, and how sure of the labels nobody looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.errors import SettingError
from helpers.errors import ValuesError
from helpers.values import as_list


def agreement(one: Sequence[Any] | NDArray[Any], other: Sequence[Any] | NDArray[Any]) -> float:
    """Return Cohen's kappa of two lists of labels: 1 where all agree, 0 where no more than by chance.

    J. Cohen. A Coefficient of Agreement for Nominal Scales. Educational and Psychological Measurement, 1960.

    Examples
    --------
    >>> agreement([0, 0, 1, 1], [0, 0, 1, 1]), agreement([0, 0, 1, 1], [0, 1, 0, 1]), agreement([2], [2])
    (1.0, 0.0, 1.0)

    Raises
    ------
    ValuesError
        If the lists are empty, or not of one length.
    """
    first, second = as_list(one, "labels"), as_list(other, "labels")
    if len(first) != len(second) or not first:
        raise ValuesError(
            f"There are {len(first)} and {len(second)} labels: give as many of each, one at least."
        )
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    counts, others = Counter(first), Counter(second)
    by_chance = sum(counts[label] * others[label] for label in counts) / len(first) ** 2
    return 1.0 if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


@dataclass(frozen=True)
class StablePredictions:
    """Stop when more labels no longer change what the learner says about the same records.

    Parameters
    ----------
    threshold
        The mean `agreement` of neighboring rounds that is enough.
    window
        Over how many pairs of rounds.

    References
    ----------
    M. Bloodgood, K. Vijay-Shanker. A Method for Stopping Active Learning Based on Stabilizing Predictions and
    the Need for User-Adjustable Stopping. CoNLL 2009: 0.99 over 3.

    Examples
    --------
    >>> stop = StablePredictions(window=2)
    >>> same, other = [0, 0, 1, 1], [0, 1, 0, 1]
    >>> stop([same, same]), stop([same, same, same]), stop([same, same, other])
    (False, True, False)
    """

    threshold: float = 0.99
    window: int = 3

    def __post_init__(self) -> None:
        if self.window < 1:
            raise SettingError(f"window is {self.window}: compare one pair of rounds at least.")

    def __call__(self, predictions: Sequence[Sequence[Any] | NDArray[Any]]) -> bool:
        """Tell from the predictions of each round so far, oldest first, whether to stop."""
        last = predictions[-self.window - 1 :]
        if len(last) <= self.window:
            return False
        agreements = [agreement(one, other) for one, other in pairwise(last)]
        return float(np.mean(agreements)) >= self.threshold


@dataclass(frozen=True)
class Share:
    """A share that was counted on a sample, and between what it lies with a confidence of 0.95.

    Attributes
    ----------
    hits
        How many of the sample.
    total
        The size of the sample.
    """

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, None without a sample."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval: from 0 to 1 without a sample.

        E. B. Wilson. Probable Inference, the Law of Succession, and Statistical Inference. JASA, 1927.

        Examples
        --------
        >>> [round(bound, 3) for bound in Share(9, 10).interval], Share(0, 0).interval
        ([0.596, 0.982], (0.0, 1.0))
        """
        if not self.total:
            return 0.0, 1.0
        z = NormalDist().inv_cdf(0.975)
        share, n = self.hits / self.total, self.total
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
        return max(0.0, middle - half), min(1.0, middle + half)
