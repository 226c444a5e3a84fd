"""Learners: the published classifier on kept vectors, and SetFit for one step."""

from functools import partial

import numpy as np
import pytest

from helpers.active_learning import ClassyLearner, Embeddings, SetFitLearner, TwoViewLearner
from helpers.active_learning.errors import NotFittedError, ScoresError, TooFewLabelsError, UnknownLabelError
from helpers.active_learning.heads import CalibratedLogisticRegression
from helpers.active_learning.scores import scores_of
from helpers.active_learning.strategies import Pool
from helpers.data.encoder import encode, packaged_model
from helpers.weak_supervision import SoftNaiveBayes

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
    with pytest.raises(TooFewLabelsError, match="'World' has one example: the head 'svc' needs two"):
        learner.fit(["0", "10", "90"], ["Sports", "Sports", "World"])


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
    with pytest.raises(NotFittedError, match=r"examples of two at least of .*'Business'"):
        learner.predict_proba(["1"])
    with pytest.raises(UnknownLabelError, match="'Weather' is not one of"):
        learner.fit(["1", "2"], ["World", "Weather"])
    with pytest.raises(TooFewLabelsError, match=r"of \['World'\], and none of \['Sports', 'Business'\]"):
        learner.fit(["1", "2"], ["World", "World"])
    with pytest.raises(TooFewLabelsError, match="There are 0"):
        learner.fit([], [])


def test_the_encoder_of_the_package_fits_in(encoder):
    assert Embeddings(partial(encode, encoder))(["A word", "Another", "A word"]).shape == (3, 384)


CLASSES = {
    "two": (("a", "b"), ["0", "10", "90", "100"], ["a", "a", "b", "b"]),
    "one example of a class": (("a", "b"), ["0", "10", "90"], ["a", "a", "b"]),
    "one example each": (("a", "b"), ["0", "90"], ["a", "b"]),
    "a class without": (("a", "none", "b"), ["0", "10", "20", "90"], ["a", "a", "a", "b"]),
}


@pytest.mark.parametrize("case", CLASSES.values(), ids=CLASSES)
def test_few_classes_and_few_examples(case):
    schema, texts, labels = case
    many = [str(angle) for angle in range(0, 100, 5)]
    classy = ClassyLearner(Embeddings(Circle()), schema)
    informed = ClassyLearner(Embeddings(Circle()), schema, unlabeled=many)
    two_views = TwoViewLearner(classy, many, words=SoftNaiveBayes(min_df=1))
    learners = [classy, informed, two_views]
    for learner in learners:
        scores = learner.fit(texts, labels).predict_proba(["1", "99"])
        np.testing.assert_allclose(scores.sum(axis=1), 1)
        assert "none" not in [schema[code] for code in scores.argmax(axis=1)]
        assert learner.predict_proba([]).shape == (0, len(schema))
    assert [schema[code] for code in informed.predict_proba(["1", "99"]).argmax(axis=1)] == ["a", "b"]


@pytest.mark.parametrize(
    ("labels", "text"), [(["a", "b"], "half a character \ud83d"), (["a", "a", "b"], "\x00")], ids=ascii
)
def test_setfit_on_a_class_of_one_example_and_odd_texts(encoder, labels, text):
    """A class without an example, too."""
    known = ["The team won", text, "Voters elect a parliament"][-len(labels) :]
    learner = SetFitLearner(encoder, ("a", "none", "b"), steps=2, batch_size=2, unlabeled=["A goal", text])
    scores = learner.fit(known, labels).predict_proba([text, "The president"])
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert scores[:, 1].tolist() == [0, 0]
    assert learner.predict_proba([]).shape == (0, 3)


def test_vectors_and_scores_that_are_no_numbers_are_refused():
    """The best of them would be the first label."""
    with pytest.raises(ScoresError, match="vector of the text 'odd' has"):
        Embeddings(lambda texts: np.array([[np.nan if text == "odd" else 1.0] for text in texts]))(
            ["a", "odd"]
        )
    learner = ClassyLearner(Embeddings(Circle()), ("a", "b")).fit(["0", "90"], ["a", "b"])
    for wrong, message in (
        (np.full((1, 2), np.nan), "as scores of the text '7'"),
        (np.ones((1, 3)), "shape"),
    ):
        learner.predict_proba = lambda texts, wrong=wrong: wrong
        with pytest.raises(ScoresError, match=message):
            scores_of(learner, ["7"])
    with pytest.raises(ScoresError, match="Row 1 of the probabilities"):
        Pool(np.eye(2), np.eye(2), np.array([[0.5, 0.5], [np.inf, 0.0]]))


def test_scores_that_vanish_do_not_blur_the_others():
    """Far from the border a probability is 0, and its logarithm no number to choose a sharpness by."""
    vectors = np.concatenate([np.full((6, 1), -2000.0), np.full((6, 1), 2000.0)])
    vectors[:, 0] += np.arange(12)
    head = CalibratedLogisticRegression().fit(vectors, np.repeat(["a", "b"], 6))
    assert np.isfinite(head.sharpness_)
    assert head.predict_proba(vectors).argmax(axis=1).tolist() == [0] * 6 + [1] * 6
