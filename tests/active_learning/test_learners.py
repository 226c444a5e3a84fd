"""Learners: the published classifier on kept vectors, and SetFit for one step."""

from functools import partial

import numpy as np
import pytest

from helpers.active_learning import ClassyLearner, Embeddings, SetFitLearner
from helpers.active_learning.errors import NotFittedError, TooFewLabelsError, UnknownLabelError
from helpers.active_learning.heads import CalibratedLogisticRegression
from helpers.data.encoder import encode, packaged_model

SCHEMA = ("World", "Sports", "Business")


class Circle:
    """An encoder: texts are angles in degrees."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def __call__(self, texts):
        self.encoded += texts
        radians = np.radians([float(text) for text in texts])
        return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def encoder():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(packaged_model()), device="cpu")


def test_classy_learns_from_vectors_that_are_encoded_once():
    circle = Circle()
    learner = ClassyLearner(Embeddings(circle), SCHEMA)
    texts = ["0", "10", "20", "90", "100", "110"]
    learner.fit(texts, ["Sports"] * 3 + ["World"] * 3)
    scores = learner.predict_proba(["5", "105", "90"])
    assert scores.argmax(axis=1).tolist() == [1, 0, 0]
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert scores[:, 2].tolist() == [0, 0, 0]  # Nobody has shown it an example of Business.
    learner.fit(texts, ["World"] * 3 + ["Sports"] * 3)
    assert learner.predict_proba(["5"]).argmax() == 0  # It starts anew.
    assert sorted(circle.encoded) == sorted([*texts, "5", "105"])


@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
def test_the_published_head_is_there_too():
    learner = ClassyLearner(Embeddings(Circle()), SCHEMA[:2], head="svc")
    angles = [*range(0, 50, 5), *range(120, 170, 5)]
    learner.fit([str(angle) for angle in angles], ["Sports"] * 10 + ["World"] * 10)
    assert type(learner._classifier.clf).__name__ == "GridSearchCV"
    assert learner.predict_proba(["20", "140"]).argmax(axis=1).tolist() == [1, 0]
    with pytest.raises(TooFewLabelsError, match="'svc' needs two"):
        learner.fit(["0", "90"], ["Sports", "World"])


def test_scores_are_as_certain_as_the_labels_allow():
    generator = np.random.default_rng(0)
    angles = np.concatenate([generator.normal(0, 20, 40), generator.normal(90, 20, 40)])
    vectors = Circle()([str(angle) for angle in angles])
    clear = np.repeat(["a", "b"], 40)
    noisy = np.where(generator.random(80) < 0.4, "a", clear)
    certain = CalibratedLogisticRegression().fit(vectors, clear).predict_proba(vectors).max(axis=1).mean()
    doubtful = CalibratedLogisticRegression().fit(vectors, noisy).predict_proba(vectors).max(axis=1).mean()
    assert certain > 0.95 > 0.85 > doubtful
    assert CalibratedLogisticRegression().fit(vectors[[0, 1, 40]], clear[[0, 1, 40]]).sharpness_ == 1.0


def test_setfit_tunes_a_copy_of_the_encoder(encoder):
    before = [parameter.detach().clone() for parameter in encoder.parameters()]
    learner = SetFitLearner(encoder, SCHEMA, steps=2, batch_size=2)
    texts = [
        "The team won the match",
        "Her goal won the final",
        "Voters elect a parliament",
        "The army retreats",
    ]
    learner.fit(texts, ["Sports", "Sports", "World", "World"])
    scores = learner.predict_proba(["They lost the match", "The president and parliament"])
    assert scores.argmax(axis=1).tolist() == [1, 0]
    assert scores[:, 2].tolist() == [0, 0]
    assert all((one == other).all() for one, other in zip(before, encoder.parameters(), strict=True))
    tuned = zip(encoder.parameters(), learner._model.model_body.parameters(), strict=True)
    assert any((one != other).any() for one, other in tuned)


@pytest.mark.parametrize("make", [partial(ClassyLearner, Embeddings(Circle())), partial(SetFitLearner, None)])
def test_labels_that_will_not_do(make):
    learner = make(SCHEMA)
    with pytest.raises(NotFittedError):
        learner.predict_proba(["1"])
    with pytest.raises(UnknownLabelError, match="'Weather' is not one of"):
        learner.fit(["1", "2"], ["World", "Weather"])
    with pytest.raises(TooFewLabelsError, match="and none of"):
        learner.fit(["1", "2"], ["World", "World"])


def test_the_encoder_of_the_package_fits_in(encoder):
    assert Embeddings(partial(encode, encoder))(["A word", "Another", "A word"]).shape == (3, 384)
