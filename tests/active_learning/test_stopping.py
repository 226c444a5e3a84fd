import pytest

from helpers.active_learning import Share, StablePredictions, agreement
from helpers.active_learning.errors import SettingError


def test_agreement_is_cohens_kappa():
    # 7 of 10 agree; by chance 0.5 * 0.4 + 0.5 * 0.6 = 0.5.
    assert agreement(list("aaaaabbbbb"), list("aaabbbbbba")) == pytest.approx((0.7 - 0.5) / 0.5)
    assert agreement(["a", "b"], ["b", "a"]) == -1
    assert agreement(["a", "a"], ["a", "a"]) == 1  # Chance alone explains it, but nothing changed either.


def test_stops_when_the_mean_over_the_window_is_reached():
    stop = StablePredictions(threshold=0.5, window=2)
    same, other = list("aabb"), list("abab")  # Their agreement is 0.
    assert not stop([same, same])
    assert stop([other, same, same, same])
    assert stop([same, other, other])  # (0 + 1) / 2
    assert not stop([same, other, same])
    with pytest.raises(SettingError):
        StablePredictions(window=0)


def test_a_share_has_an_interval():
    assert Share(0, 0).value is None
    assert Share(3, 4).value == 0.75
    low, high = Share(50, 100).interval
    assert (round(low, 3), round(high, 3)) == (0.404, 0.596)
    assert Share(10, 10).interval[1] == pytest.approx(1.0)
