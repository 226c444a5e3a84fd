"""Choosing without a server: the same records as on one, and no other labels read."""

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest

from helpers.active_learning import (
    ActiveLearning,
    ClassyLearner,
    Embeddings,
    accuracy,
    at_random,
    choose_offline,
    estimate,
    learning_curves,
)
from helpers.active_learning.errors import SettingError
from helpers.active_learning.self_training import self_train
from helpers.annotation import SimulatedAnnotator, label_question

LABELS = ["World", "Sports"]
TEXTS = [str(3 * position) for position in range(60)]
"""Angles from 0 to 177 degrees; below 90 they are World."""
GOLD = [LABELS[float(text) >= 90] for text in TEXTS]


def encode(texts):
    radians = np.radians([float(text) for text in texts])
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def learner() -> ClassyLearner:
    return ClassyLearner(Embeddings(encode), LABELS, unlabeled=TEXTS)


def test_the_same_records_as_on_a_server(make_dataset):
    dataset = make_dataset(TEXTS)
    options = {"start_size": 6, "least_per_label": 3, "seed": 5}
    loop = ActiveLearning(dataset, learner(), Embeddings(encode), threshold=2, **options)
    gold = {f"n{position}": label for position, label in enumerate(GOLD)}
    annotator = SimulatedAnnotator(dataset._client, label_question(dataset), gold)
    rounds = loop.run(lambda batch: annotator.annotate(batch.records()), budget=18, wait_s=30)
    chosen = choose_offline(TEXTS, GOLD, learner(), Embeddings(encode), budget=18, **options)
    batches = [chosen[:6], chosen[6:11], chosen[11:16], chosen[16:]]
    assert [set(each.asked) for each in rounds] == [{f"n{place}" for place in batch} for batch in batches]


def test_no_label_is_read_but_those_of_chosen_texts():
    options = {"budget": 16, "start_size": 6}
    chosen = choose_offline(TEXTS, GOLD, learner(), Embeddings(encode), **options)
    assert len(chosen) == len(set(chosen)) == 16
    others_unknown = [label if position in chosen else None for position, label in enumerate(GOLD)]
    assert choose_offline(TEXTS, others_unknown, learner(), Embeddings(encode), **options) == chosen


def test_a_label_that_never_occurs_is_not_waited_for_without_end(monkeypatch):
    """It would choose `clusters` of all but the last batches, and never by the scores."""
    three_ways = ClassyLearner(Embeddings(encode), [*LABELS, "Weather"])
    learned = []
    fit = three_ways.fit
    monkeypatch.setattr(
        three_ways, "fit", lambda texts, labels: learned.append(len(texts)) or fit(texts, labels)
    )
    choose_offline(TEXTS, GOLD, three_ways, Embeddings(encode), budget=20, start_size=5)
    assert learned == [10, 15]


def test_at_random_nothing_is_learned(monkeypatch):
    monkeypatch.delattr(ClassyLearner, "fit")
    chosen = choose_offline(
        TEXTS, GOLD, learner(), Embeddings(encode), budget=99, start=at_random, start_size=99
    )
    assert sorted(chosen) == list(range(60))


def test_an_empty_batch_and_a_curve_beyond_what_was_chosen():
    with pytest.raises(SettingError, match="A batch of 0 texts"):
        choose_offline(TEXTS, GOLD, learner(), Embeddings(encode), budget=9, batch_size=0)
    pool = pd.DataFrame({"text": TEXTS, "label": GOLD})
    ways = {"short": lambda seed: [0, 59]}
    with pytest.raises(SettingError, match="'short' chose 2 texts, and 4 are needed"):
        learning_curves(ways, learner(), pool, pool, sizes=[2, 4], seeds=[0])


def test_learning_curves_have_a_row_for_each_way_and_size():
    pool = pd.DataFrame({"text": TEXTS, "label": GOLD})
    choose = partial(choose_offline, TEXTS, GOLD, learner(), Embeddings(encode), budget=12, start_size=6)
    ways = {"active": choose, "wrong": lambda seed: [0, 59, 1, 58, 20 + seed, 40]}
    curves = learning_curves(ways, learner(), pool, pool, sizes=[4, 6], seeds=range(2))
    assert list(curves.index) == [("active", 4), ("active", 6), ("wrong", 4), ("wrong", 6)]
    first = accuracy(learner().fit(["0", "177", "3", "174"], ["World", "Sports"] * 2), pool)
    assert curves.loc[("wrong", 4), "mean"] == pytest.approx(first)
    assert curves.loc[("wrong", 4), "low"] == pytest.approx(first)  # Both draws begin alike.


def test_of_labels_of_one_kind_only_this_kind_is_learned():
    pool = pd.DataFrame({"text": TEXTS, "label": GOLD})
    curves = learning_curves({"one": lambda seed: [0, 1]}, learner(), pool, pool, sizes=[2], seeds=[0])
    assert curves.loc[("one", 2), "mean"] == 0.5


def test_one_draw_has_no_bounds():
    assert estimate([0.5]) == (0.5, -math.inf, math.inf)


def test_self_training_moves_the_border_to_the_gap():
    angles = [str(angle) for angle in [*range(0, 60, 3), *range(120, 180, 3)]]
    labeled, between = encode(["50", "170"]), encode(["100"])
    assert self_train(labeled, ["World", "Sports"]).predict(between) == ["World"]
    assert self_train(labeled, ["World", "Sports"], encode(angles)).predict(between) == ["Sports"]
