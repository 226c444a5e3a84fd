"""Which records to ask the annotator about next.

A strategy is a function of the pool, of how many to choose and of a random generator; any function of this
shape will do.

scikit-activeml 1.0 is well kept and was looked at first. Its margin sampling fits the classifier itself, on
arrays with gaps, which neither learner here allows; what could be used of it, k-centers, is as short here as
the call would be. modAL was last released in 2023 and pins skorch 0.9.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.errors import ScoresError

Positions: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Pool:
    """The records to choose from.

    Attributes
    ----------
    embeddings
        Shape (n, dimensions), rows of length 1.
    labeled
        The embeddings of the records that have been asked about before, shape (m, dimensions).
    probabilities
        The learner's scores, shape (n, labels); None before it has learned anything.

    Raises
    ------
    ScoresError
        If one of these values is not finite.
    """

    embeddings: NDArray[np.float32]
    labeled: NDArray[np.float32]
    probabilities: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for name in ("embeddings", "labeled", "probabilities"):
            values = getattr(self, name)
            if values is not None and not np.isfinite(values).all():
                row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
                raise ScoresError(f"Row {row} of the {name} is {values[row]}: these are no finite numbers.")

    def __len__(self) -> int:
        return len(self.embeddings)


Strategy: TypeAlias = Callable[[Pool, int, np.random.Generator], Positions]


def at_random(pool: Pool, count: int, generator: np.random.Generator) -> Positions:
    """Choose with equal chances.

    Examples
    --------
    >>> pool = Pool(np.eye(3, dtype=np.float32), np.empty((0, 3), dtype=np.float32))
    >>> sorted(at_random(pool, 5, np.random.default_rng(0)).tolist())
    [0, 1, 2]
    """
    return generator.permutation(len(pool))[:count]


def least_certain(pool: Pool, count: int, generator: np.random.Generator) -> Positions:
    """Choose where the two best labels are closest, the closest first; at random before there are scores.

    T. Scheffer et al. Active Hidden Markov Models for Information Extraction. IDA 2001.

    Examples
    --------
    >>> pool = Pool(np.eye(3), np.empty((0, 3)), np.array([[0.9, 0.1], [0.5, 0.5], [0.7, 0.3]]))
    >>> least_certain(pool, 2, np.random.default_rng(0)).tolist()
    [1, 2]
    """
    if pool.probabilities is None:
        return at_random(pool, count, generator)
    return np.argsort(margins(pool.probabilities), kind="stable")[:count]


def k_center(pool: Pool, count: int, generator: np.random.Generator) -> Positions:
    """Choose again and again the record farthest from all that are labeled or chosen, by cosine.

    It covers the whole pool, outliers first. O. Sener, S. Savarese. Active Learning for Convolutional Neural
    Networks: A Core-Set Approach. ICLR 2018.
    """
    if len(pool.labeled):
        nearest = (pool.embeddings @ pool.labeled.T).max(axis=1)
    else:
        # Nothing to be far from: begin with what is most like all others, not with an outlier.
        nearest = -(pool.embeddings @ pool.embeddings.mean(axis=0))
    chosen: list[int] = []
    for _ in range(min(count, len(pool))):
        farthest = int(nearest.argmin())
        similarity = pool.embeddings @ pool.embeddings[farthest]
        nearest = np.maximum(nearest, similarity) if chosen or len(pool.labeled) else similarity
        nearest[farthest] = np.inf
        chosen.append(farthest)
    return np.array(chosen, dtype=np.intp)


def clusters(pool: Pool, count: int, generator: np.random.Generator) -> Positions:
    """Cut the pool into as many clusters by k-means, and choose the record in the middle of each.

    The records are typical and unlike each other, which suits the start, when scores mean little.
    G. Hacohen et al. Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets. ICML 2022.
    """
    return _centers(pool.embeddings, np.ones(len(pool)), count, generator)


def mixed(pool: Pool, count: int, generator: np.random.Generator, *, preselect: int = 10) -> Positions:
    """Choose among the uncertain records those unlike each other; `clusters` before there are scores.

    Of the ``preselect * count`` least certain, clusters are made in which an uncertain record weighs more.
    F. Zhdanov. Diverse mini-batch Active Learning. 2019 (arXiv:1901.05954).
    """
    if pool.probabilities is None:
        return clusters(pool, count, generator)
    uncertain = least_certain(pool, preselect * count, generator)
    weights = 1 - margins(pool.probabilities[uncertain])
    # Where the learner is certain of all, all weigh the same.
    weights = weights if weights.any() else np.ones(len(uncertain))
    return uncertain[_centers(pool.embeddings[uncertain], weights, count, generator)]


def margins(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the best score is ahead of the second best, shape (n,).

    Examples
    --------
    >>> margins(np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])).tolist()
    [0.25, 1.0]
    """
    best = np.sort(probabilities, axis=1)
    return best[:, -1] - best[:, -2]


def _centers(
    vectors: NDArray[np.float32], weights: NDArray[np.float64], count: int, generator: np.random.Generator
) -> Positions:
    if count >= len(vectors):
        return np.arange(len(vectors))
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    kmeans = KMeans(count, n_init=3, random_state=int(generator.integers(2**31)))
    with warnings.catch_warnings():
        # Where texts are alike there are fewer clusters; the empty ones are dealt with below.
        warnings.simplefilter("ignore", ConvergenceWarning)
        distances = kmeans.fit(vectors, sample_weight=weights).transform(vectors)
    chosen: list[int] = []
    for cluster in np.argsort(-np.bincount(kmeans.labels_, minlength=count), kind="stable"):
        # Of records that are alike, or in an empty cluster, none is chosen twice.
        distances[chosen] = np.inf
        chosen.append(int(distances[:, cluster].argmin()))
    return np.array(chosen, dtype=np.intp)
