"""The learner of two views, on an encoder that knows two words."""

import numpy as np
import pytest

from helpers.active_learning import ClassyLearner, Embeddings, TwoViewLearner
from helpers.active_learning.errors import NotFittedError, UnknownLabelError
from helpers.weak_supervision import SoftNaiveBayes

SCHEMA = ("World", "Sports", "Business")
KNOWN = {"one goal": "Sports", "two goals": "Sports", "shares fell": "Business", "shares rose": "Business"}
UNLABELED = ["goal keeper", "a keeper scores a goal", "broker sells shares", "shares of a broker"]


def encode(texts):
    return np.array([["goal" in text, "shares" in text] for text in texts], dtype=np.float32)


def classy() -> ClassyLearner:
    return ClassyLearner(Embeddings(encode), SCHEMA)


def two_views(unlabeled=UNLABELED) -> TwoViewLearner:
    return TwoViewLearner(classy(), unlabeled, words=SoftNaiveBayes(min_df=1), temperature=2)


def test_words_are_learned_that_no_labeled_text_holds():
    learner = two_views().fit(list(KNOWN), list(KNOWN.values()))
    texts = ["keeper", "broker"]
    alone = classy().fit(list(KNOWN), list(KNOWN.values())).predict_proba(texts)
    np.testing.assert_allclose(alone[:, 1], alone[:, 2])
    assert learner.predict_proba(texts).argmax(axis=1).tolist() == [1, 2]


def test_scores_are_the_product_of_both_views():
    learner = two_views().fit(list(KNOWN), list(KNOWN.values()))
    words = SoftNaiveBayes(min_df=1).fit([*UNLABELED, *KNOWN], np.eye(3)[[1, 1, 2, 2, 1, 1, 2, 2]])
    meaning = classy().fit(list(KNOWN), list(KNOWN.values()))
    texts = ["the keeper", "goal", "nothing known"]
    product = meaning.predict_proba(texts) * words.predict_proba(texts) ** 0.5
    scores = learner.predict_proba(texts)
    np.testing.assert_allclose(scores, product / product.sum(axis=1, keepdims=True))
    assert scores[:, 0].tolist() == [0, 0, 0]  # Nobody has shown it an example of World.


def test_a_label_that_was_given_comes_before_the_guess():
    # The encoder takes this text for sports.
    known = KNOWN | {"a broker with a goal": "Business"}
    own = two_views([*UNLABELED, "a broker with a goal"]).fit(list(known), list(known.values()))
    without = two_views().fit(list(known), list(known.values()))
    texts = ["a broker", "with a goal"]
    np.testing.assert_allclose(own.predict_proba(texts), without.predict_proba(texts))


def test_errors_are_those_of_the_learner():
    with pytest.raises(NotFittedError, match="call fit first"):
        two_views().predict_proba(["goal"])
    with pytest.raises(UnknownLabelError, match="Weather"):
        two_views().fit(["goal", "rain"], ["Sports", "Weather"])
