"""Strategies on a handful of vectors in the plane."""

import numpy as np
import pytest

from helpers.active_learning import Pool, at_random, clusters, k_center, least_certain, mixed

pytestmark = pytest.mark.filterwarnings("ignore:Number of distinct clusters")

STRATEGIES = [at_random, least_certain, k_center, clusters, mixed]


def pool(*angles: float, labeled: tuple[float, ...] = (), scores: tuple[float, ...] | None = None) -> Pool:
    """Records at these angles on the circle, in degrees; the score of the first of two labels each."""
    probabilities = None if scores is None else np.array([[score, 1 - score] for score in scores])
    return Pool(vectors(angles), vectors(labeled), probabilities)


def vectors(angles) -> np.ndarray:
    radians = np.radians(np.array(angles, dtype=float)).reshape(-1, 1)
    return np.hstack([np.cos(radians), np.sin(radians)]).astype(np.float32)


def choose(strategy, records: Pool, count: int, seed: int = 0) -> list[int]:
    return strategy(records, count, np.random.default_rng(seed)).tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scores", [None, (0.9, 0.6, 0.5, 1.0, 0.1, 0.2)])
def test_all_choose_as_many_as_asked_none_twice_and_the_same_again(strategy, scores):
    records = pool(0, 0, 0, 90, 100, 180, scores=scores)
    for count in (1, 4, 6, 9):
        chosen = choose(strategy, records, count)
        assert len(set(chosen)) == len(chosen) == min(count, 6)
        assert chosen == choose(strategy, records, count)


def test_at_random_depends_on_the_seed():
    records = pool(*range(30))
    assert choose(at_random, records, 5, seed=1) != choose(at_random, records, 5, seed=2)


def test_least_certain_is_closest_to_a_tie():
    assert choose(least_certain, pool(0, 1, 2, 3, scores=(0.9, 0.45, 0.5, 0.2)), 3) == [2, 1, 3]


def test_k_center_goes_where_nothing_is_labeled():
    assert choose(k_center, pool(0, 10, 80, 170, labeled=(0,)), 2) == [3, 2]


def test_k_center_begins_in_the_middle():
    assert choose(k_center, pool(0, 40, 45, 50, 90), 2)[0] == 2


def test_clusters_take_the_middle_of_each_the_largest_first():
    assert choose(clusters, pool(-5, 0, 5, 1, 120, 124, 128), 2) in ([1, 5], [3, 5])


def test_mixed_takes_unlike_ones_of_the_uncertain():
    records = pool(0, 1, 2, 90, 180, scores=(0.5, 0.5, 0.5, 0.51, 1.0))
    chosen = mixed(records, 2, np.random.default_rng(0), preselect=2).tolist()
    assert 3 in chosen
    assert 4 not in chosen


def test_mixed_when_the_learner_is_certain_of_all():
    assert len(choose(mixed, pool(0, 1, 90, 91, scores=(1.0, 1.0, 0.0, 1.0)), 2)) == 2


def test_identical_records():
    assert len(set(choose(clusters, pool(10, 10, 10, 10), 3))) == 3
