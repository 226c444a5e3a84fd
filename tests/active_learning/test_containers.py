"""Texts, labels and ids are read by position, from whatever container."""

import math
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_values import CONTAINERS

from helpers.active_learning import (
    ClassyLearner,
    Embeddings,
    LiveCurve,
    StablePredictions,
    TwoViewLearner,
    accuracy,
    active_learning_settings,
    agreement,
    choose_offline,
    learning_curves,
)
from helpers.active_learning.errors import ScoresError, UnknownLabelError
from helpers.errors import ValuesError
from helpers.weak_supervision import SoftNaiveBayes

LABELS = ["World", "Sports"]
TEXTS = [str(angle) for angle in range(0, 180, 6)]
GOLD = [LABELS[float(text) >= 90] for text in TEXTS]
MISSING = [None, math.nan, pd.NA, np.datetime64("NaT")]

in_any_container = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
FRAMES = {
    "pandas": pd.DataFrame,
    "filtered": lambda data: pd.DataFrame(data, index=range(len(data["text"]), 0, -1)),
    "concatenated": lambda data: pd.DataFrame(data, index=[0] * len(data["text"])),
    "polars": pl.DataFrame,
    "arrow": pa.table,
}
in_any_frame = pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)


def encode(texts):
    assert isinstance(texts, list)
    radians = [math.radians(float(text)) for text in texts]
    return np.array([[math.cos(each), math.sin(each)] for each in radians], dtype=np.float32)


def classy(labels=LABELS, **options) -> ClassyLearner:
    return ClassyLearner(Embeddings(encode), labels, **options)


@in_any_container
@given(angles=st.lists(st.integers(0, 179).map(str), max_size=8))
def test_a_row_of_vectors_belongs_to_its_text(container, angles):
    expected = encode(angles) if angles else np.empty((0, 0))
    assert Embeddings(encode)(container(angles)).tolist() == expected.tolist()


@in_any_container
def test_learners_learn_and_score_the_same(container):
    def scores(make):
        plain = classy(make(LABELS), unlabeled=make(TEXTS)).fit(make(TEXTS[::5]), make(GOLD[::5]))
        words = SoftNaiveBayes(min_df=1)
        two = TwoViewLearner(classy(), make(TEXTS), words=words).fit(make(TEXTS[::5]), make(GOLD[::5]))
        return plain.predict_proba(make(TEXTS[1:])), two.predict_proba(make(TEXTS[1:]))

    for here, expected in zip(scores(container), scores(list), strict=True):
        np.testing.assert_array_equal(here, expected)


@in_any_container
def test_the_same_is_chosen(container):
    choose = partial(choose_offline, learner=classy(), embeddings=Embeddings(encode), budget=14, start_size=6)
    assert choose(container(TEXTS), container(GOLD)) == choose(TEXTS, GOLD)


@in_any_container
def test_agreement_is_by_position(container):
    assert agreement(container(["a", "a", "b", "b"]), container(["a", "b", "b", "b"])) == 0.5
    assert StablePredictions(window=1)([container(LABELS), container(LABELS)])


@in_any_container
def test_labels_of_the_settings_and_ids_of_the_first_batch(container, make_dataset, client):
    from helpers.active_learning import ActiveLearning

    assert active_learning_settings(client, container(LABELS)).questions["label"].labels == LABELS
    loop = ActiveLearning(make_dataset(["1", "2", "3"]), classy(), Embeddings(encode))
    loop.begin_with(container(["n2", "n0"]))
    assert loop.next_batch().waiting == ("n0", "n2")


@in_any_frame
def test_tables_to_learn_from_and_to_score_on(frame):
    table = frame({"text": TEXTS, "label": GOLD})
    learner = classy().fit(TEXTS[::5], GOLD[::5])
    assert accuracy(learner, table) == accuracy(learner, pd.DataFrame({"text": TEXTS, "label": GOLD})) > 0.8
    curves = learning_curves(
        {"ends": lambda seed: [0, 29, 1, 28]}, learner, table, table, sizes=[2], seeds=[0]
    )
    assert curves.loc[("ends", 2), "mean"] == accuracy(classy().fit(["0", "174"], LABELS), table)


@in_any_frame
def test_the_texts_of_a_live_curve_are_encoded_before_anybody_is_asked(frame):
    encoded = []
    embeddings = Embeddings(lambda texts: encoded.extend(texts) or encode(texts))
    LiveCurve(classy(), frame({"text": ["3", "1"], "label": LABELS}), embeddings)
    assert encoded == ["3", "1"]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing_texts_and_labels_are_named_by_their_position(value):
    with pytest.raises(ValuesError, match="position 1"):
        Embeddings(encode)(["1", value])
    learner = classy().fit(["0", "170"], LABELS)
    with pytest.raises(ValuesError, match="position 1"):
        learner.predict_proba(["1", value])
    with pytest.raises(ValuesError, match="position 0 has no label"):
        accuracy(learner, {"text": ["1"], "label": [value]})


def test_texts_and_labels_of_other_numbers_and_nothing_to_score_on():
    with pytest.raises(ValuesError, match="1 texts and 2 labels"):
        classy().fit(["1"], LABELS)
    with pytest.raises(ValuesError, match="2 texts and 1 labels"):
        choose_offline(["1", "2"], ["World"], classy(), Embeddings(encode), budget=1)
    with pytest.raises(ValuesError, match="no text to score"):
        accuracy(classy(), {"text": [], "label": []})
    for pair in ([[1], [1, 2]], [[], []]):
        with pytest.raises(ValuesError, match="one at least"):
            agreement(*pair)


def test_a_label_that_stands_twice_in_the_schema_counts_once(client):
    learner = classy([*LABELS, "World"]).fit(TEXTS, GOLD)
    assert learner.labels == tuple(LABELS)
    assert learner.predict_proba(TEXTS).sum(axis=1) == pytest.approx(1)
    (question,) = active_learning_settings(client, [*LABELS, "World"]).questions
    assert question.labels == LABELS


def test_a_label_that_the_learner_does_not_know_is_no_wrong_prediction():
    learner = classy().fit(["0", "170"], LABELS)
    with pytest.raises(UnknownLabelError, match="position 1 has the label 'World '"):
        accuracy(learner, {"text": ["0", "1"], "label": ["World", "World "]})


@pytest.mark.parametrize(
    "made",
    [np.zeros(2), np.zeros((1, 2)), np.zeros((2, 2, 2)), [[1.0], [1.0, 2.0]], [["a"], ["b"]], None],
    ids=["a number a text", "a row less", "tables", "of two lengths", "words", "nothing"],
)
def test_an_encoder_that_gives_no_row_a_text_is_named(made):
    with pytest.raises(ScoresError, match="2 texts, the first of which is 'one'"):
        Embeddings(lambda texts: made)(["one", "two"])
