import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.weak_supervision.end_models import SoftNaiveBayes, TwoViewClassifier, fit_naive_bayes
from helpers.weak_supervision.errors import (
    EmptyTextError,
    LengthMismatchError,
    NoVotesError,
    ProbabilitiesError,
    WeakLabelsError,
)

TEXTS = ["late goal", "early goal", "shares fell", "shares rose"]
VOTES = [[1, 0], [1, 0], [0, 1], [0.5, 0.5]]


def encode(texts):
    return np.array([[float("goal" in text), float("shares" in text)] for text in texts])


def test_naive_bayes_estimates_are_smoothed_shares_of_the_votes():
    model = SoftNaiveBayes(alpha=0.5, ngram_range=(1, 1), min_df=1).fit(TEXTS, VOTES)
    # Six words. Of the 5 that the first class has by votes, 2 are "goal"; of the 3 of the second, none.
    first, second = np.exp(model.predict_log_proba(["goal"]))[0]
    prior_first, prior_second = (2.5 + 0.5) / 5, (1.5 + 0.5) / 5
    odds = (prior_first * 2.5 / 8) / (prior_second * 0.5 / 6)
    assert first / second == pytest.approx(odds)


def test_naive_bayes_learns_from_words_that_stand_beside_known_ones():
    model = SoftNaiveBayes(min_df=1).fit(TEXTS, VOTES)
    assert model.predict(["fell", "late"]).tolist() == [1, 0]
    assert model.n_classes_ == 2


def test_rows_of_zeros_are_abstentions():
    with_silent = SoftNaiveBayes(min_df=1).fit([*TEXTS, "late shares"], [*VOTES, [0, 0]])
    without = SoftNaiveBayes(min_df=1).fit(TEXTS, VOTES)
    assert with_silent.predict_log_proba(["late"])[0] == pytest.approx(
        without.predict_log_proba(["late"])[0], abs=0.1
    )


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_probabilities_sum_to_one_for_any_text(texts):
    model = TwoViewClassifier(encode, words=SoftNaiveBayes(min_df=1)).fit(TEXTS, VOTES)
    probabilities = model.predict_proba(texts)
    assert probabilities.shape == (len(texts), 2)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(texts)))


def test_the_meaning_view_is_asked_where_the_words_are_in_doubt_only():
    asked = []

    def recording(texts):
        asked.append(list(texts))
        return encode(texts)

    model = TwoViewClassifier(recording, words=SoftNaiveBayes(min_df=1), doubt=1.5, sample_size=4)
    model.fit(TEXTS, VOTES)
    model.predict(["unknown words", "late early goal goal"])
    assert asked[1:] == [["unknown words"]]


def test_a_sample_with_one_class_leaves_the_words_view_alone():
    model = TwoViewClassifier(encode, words=SoftNaiveBayes(min_df=1), sample_size=1)
    model.fit(["goal"], [[1, 0]])
    assert model.predict(["goal"]).tolist() == [0]


def test_the_seed_decides_the_sample():
    texts = [f"{TEXTS[i % 4]} {i}" for i in range(40)]
    votes = [VOTES[i % 4] for i in range(40)]

    def sampled(seed):
        seen = []
        TwoViewClassifier(lambda t: seen.extend(t) or encode(t), sample_size=10, seed=seed).fit(texts, votes)
        return seen

    assert sampled(1) == sampled(1) != sampled(2)


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([[1, 0]], "one row a text"),
        ([[1], [1], [1], [1]], "two columns"),
        ([[1, 0], [1, -1], [0, 1], [0, 1]], "text 1"),
        ([[1, 0], [1, 0], [0, 1], [0, np.nan]], "text 3"),
    ],
)
def test_malformed_probabilities_are_refused(votes, message):
    with pytest.raises(ProbabilitiesError, match=message):
        SoftNaiveBayes().fit(TEXTS, votes)


def test_a_fit_without_any_vote_is_refused():
    with pytest.raises(NoVotesError, match="No text has a label"):
        SoftNaiveBayes().fit(TEXTS, np.zeros((4, 2)))


def test_counts_of_words_are_learned_from_labeled_texts_alone():
    model = fit_naive_bayes([*TEXTS, "late shares"], [0, 0, 1, 1, -1])
    assert model.predict(["one more goal", "shares", "late"]).tolist() == [0, 1, 0]
    assert model.classes_.tolist() == [0, 1]


def test_one_label_is_enough_for_counts_of_words():
    assert fit_naive_bayes(TEXTS, [-1, -1, 3, -1]).predict(["goal"]).tolist() == [3]


@pytest.mark.parametrize(
    ("texts", "labels", "error", "message"),
    [
        (TEXTS, [-1] * 4, NoVotesError, "None of the 4 texts has a label"),
        ([], [], NoVotesError, "None of the 0 texts"),
        (["goal", "?!"], [-1, 0], EmptyTextError, r"'\?!'"),
        (TEXTS, [0, 1], LengthMismatchError, "2 labels for 4 texts"),
        (TEXTS, ["S", "S", "B", "B"], WeakLabelsError, "'S'"),
        (TEXTS, [0, 0, 1, None], WeakLabelsError, "no positions"),
    ],
)
def test_what_counts_of_words_cannot_learn_from_is_named(texts, labels, error, message):
    with pytest.raises(error, match=message):
        fit_naive_bayes(texts, labels)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_is_above_zero(temperature):
    model = TwoViewClassifier(len, words=SoftNaiveBayes(min_df=1), temperature=temperature)
    with pytest.raises(WeakLabelsError, match=f"temperature is {temperature}"):
        model.fit(["a", "b"], [[1, 0], [0, 1]])
