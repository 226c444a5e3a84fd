import math
import random

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.weak_supervision import MajorityVoter, Rule, Snorkel, WeakLabels, labeling_function
from helpers.weak_supervision.errors import (
    LabelModelError,
    LengthMismatchError,
    MissingGoldError,
    MissingLabelError,
    NotFittedError,
    NoVotesError,
    RuleNeverFiresWarning,
    RulesMismatchError,
    TieBreakPolicyError,
    TooFewRulesError,
)

LABELS = ["no", "yes"]
VOTES = {"y": "yes", "n": "no"}


def weak(*rows: str, gold=None, labels=LABELS) -> WeakLabels:
    """Weak labels of a matrix written as text: a row per text, y, n or . per rule."""

    def column(position: int):
        return labeling_function(name=f"rule {position}")(lambda text: VOTES.get(text[position]))

    return WeakLabels([column(position) for position in range(len(rows[0]))], rows, gold=gold, labels=labels)


ROWS = ["yyn", "y.n", "nnn", "...", ".y."]
GOLD = ["yes", "no", "yes", "no", None]


@pytest.fixture(params=[MajorityVoter, Snorkel])
def model(request):
    return request.param()


def test_majority_vote_gives_shares_and_abstains_on_ties():
    weak_labels = weak(*ROWS)
    voter = MajorityVoter().fit(weak_labels)
    shares = voter.predict_proba(weak_labels)
    assert shares == pytest.approx(np.array([[1 / 3, 2 / 3], [0.5, 0.5], [1, 0], [0.5, 0.5], [0, 1]]))
    assert voter.predict(weak_labels).tolist() == [1, -1, 0, -1, 1]


def test_ties_can_be_drawn_but_no_votes_give_no_label():
    weak_labels = weak(*["yn"] * 200, "..")
    drawn = MajorityVoter(seed=3).fit(weak_labels).predict(weak_labels, tie_break="random")
    assert drawn[-1] == -1
    assert 60 < (drawn == 1).sum() < 140
    again = MajorityVoter(seed=3).fit(weak_labels).predict(weak_labels, tie_break="random")
    assert (drawn == again).all()


def test_snorkel_trusts_the_rules_that_agree():
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.5
    accuracies = [0.9, 0.9, 0.85, 0.55]
    rows = ["".join("y" if flip == true else "n" for flip in rng.random(4) < accuracies) for true in truth]
    weak_labels = weak(*rows, gold=["yes" if true else "no" for true in truth])
    score = Snorkel().fit(weak_labels).score(weak_labels)
    assert score.accuracy_all > 0.9


def test_snorkel_repeats_itself_and_leaves_the_global_generators_alone(capfd):
    weak_labels = weak(*ROWS)
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    expected = random.random(), np.random.random(), torch.rand(1).item()
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    first = Snorkel(seed=5).fit(weak_labels).predict_proba(weak_labels)
    assert (random.random(), np.random.random(), torch.rand(1).item()) == expected
    assert (Snorkel(seed=5).fit(weak_labels).predict_proba(weak_labels) == first).all()
    assert capfd.readouterr() == ("", "")


def test_without_votes_snorkel_falls_back_on_the_class_balance():
    weak_labels = weak(*ROWS)
    model = Snorkel(class_balance=[0.2, 0.8]).fit(weak_labels)
    assert model.predict_proba(weak_labels)[3] == pytest.approx([0.2, 0.8])
    assert model.predict(weak_labels)[3] == -1


def test_snorkel_needs_three_rules():
    with pytest.raises(TooFewRulesError, match=r"there are 2.*MajorityVoter"):
        Snorkel().fit(weak("yn", "yy"))


def test_fitting_takes_at_least_one_vote(model):
    with pytest.warns(RuleNeverFiresWarning):
        silent = weak("...", "...")
    with pytest.raises(NoVotesError, match="None of the 3 rules"):
        model.fit(silent)


def test_nothing_is_predicted_before_fitting(model):
    with pytest.raises(NotFittedError, match=type(model).__name__):
        model.predict(weak(*ROWS))


def test_other_rules_than_the_fitted_ones_are_refused(model):
    model.fit(weak(*ROWS))
    with pytest.raises(RulesMismatchError, match="fitted on"):
        model.predict(weak("yyny"))
    with pytest.raises(RulesMismatchError, match="fitted on"):
        model.predict(weak(*ROWS, labels=LABELS[::-1]))


def test_unknown_tie_break(model):
    weak_labels = weak(*ROWS)
    with pytest.raises(TieBreakPolicyError, match="'coin'"):
        model.fit(weak_labels).predict(weak_labels, tie_break="coin")


def test_gold_is_never_looked_at(model):
    given, permuted = weak(*ROWS, gold=GOLD), weak(*ROWS, gold=GOLD[::-1])
    fitted, refitted = model.fit(given), type(model)().fit(permuted)
    assert (fitted.predict_proba(given) == refitted.predict_proba(permuted)).all()
    assert (fitted.predict(given) == refitted.predict(permuted)).all()


def test_a_score_counts_abstentions():
    weak_labels = weak(*ROWS, gold=GOLD)
    score = MajorityVoter().fit(weak_labels).score(weak_labels)
    # Predicted: yes, none, no, none; gold: yes, no, yes, no.
    assert (score.n_records, score.n_abstained, score.coverage) == (4, 2, 0.5)
    assert (score.accuracy_covered, score.accuracy_all) == (0.5, 0.25)
    assert score.macro_f1 == pytest.approx((0 + 2 / 3) / 2)
    expected = pd.DataFrame(
        {
            "precision": [0.0, 1.0],
            "recall": [0.0, 0.5],
            "f1": [0.0, 2 / 3],
            "support": [2, 2],
            "abstained": [2, 0],
        },
        index=pd.Index(LABELS, name="label"),
    )
    pd.testing.assert_frame_equal(score.report, expected)


def test_a_score_can_take_other_gold_and_break_ties():
    weak_labels = weak(*ROWS)
    voter = MajorityVoter().fit(weak_labels)
    assert voter.score(weak_labels, ["yes", None, None, None, None]).accuracy_all == 1
    assert voter.score(weak_labels, GOLD, tie_break="random").n_abstained == 1


def test_where_nothing_is_covered_the_covered_accuracy_is_unknown():
    weak_labels = weak(*ROWS)
    score = MajorityVoter().fit(weak_labels).score(weak_labels, [None, None, None, "no", None])
    assert math.isnan(score.accuracy_covered)
    assert (score.accuracy_all, score.coverage) == (0, 0)


def test_a_score_needs_gold_of_the_schema_for_each_text():
    weak_labels = weak(*ROWS)
    voter = MajorityVoter().fit(weak_labels)
    with pytest.raises(MissingGoldError):
        voter.score(weak_labels)
    with pytest.raises(LengthMismatchError, match="1 gold labels for 5 texts"):
        voter.score(weak_labels, ["yes"])
    with pytest.raises(MissingLabelError, match="'maybe'"):
        voter.score(weak_labels, ["maybe", None, None, None, None])


def crowded(n_rules: int, labels: list[str]) -> WeakLabels:
    """Weak labels with a text on which all rules vote, four of five for the last label."""
    words = [f"word{i}" for i in range(n_rules)]
    rules = [Rule(word, labels[-1] if i % 5 else labels[0]) for i, word in enumerate(words)]
    return WeakLabels(rules, [" ".join(words)] * 20 + words, labels=LABELS)


@pytest.mark.parametrize("labels", [LABELS, ["yes"]], ids=["both", "one"])
@pytest.mark.parametrize("n_rules", [40, 600])
def test_hundreds_of_rules_on_one_text_leave_probabilities_finite(n_rules, labels):
    weak_labels = crowded(n_rules, labels)
    snorkel = Snorkel(n_epochs=5).fit(weak_labels)
    probabilities = snorkel.predict_proba(weak_labels)
    assert np.isfinite(probabilities).all()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(weak_labels)))
    assert snorkel.predict(weak_labels)[0] == LABELS.index("yes")


def test_snorkels_probabilities_are_those_of_the_package():
    from snorkel.labeling.model import LabelModel as Package

    weak_labels = weak(*ROWS * 3, "ynn", "nyy")
    package = Package(cardinality=2, verbose=False)
    package.fit(weak_labels.matrix, n_epochs=100, lr=0.01, seed=0, progress_bar=False)
    ours = Snorkel(seed=0).fit(weak_labels).predict_proba(weak_labels)
    assert ours == pytest.approx(package.predict_proba(weak_labels.matrix), rel=1e-9)


def test_a_score_that_is_not_finite_is_no_label():
    class Broken(MajorityVoter):
        def _predict_proba(self, matrix):
            shares = super()._predict_proba(matrix)
            shares[1] = np.nan
            return shares

    weak_labels = weak(*ROWS)
    broken = Broken().fit(weak_labels)
    for use in (broken.predict, broken.predict_proba, lambda them: broken.score(them, GOLD)):
        with pytest.raises(LabelModelError, match="text at index 1"):
            use(weak_labels)


def test_a_fit_that_diverges_is_named():
    with pytest.raises(LabelModelError, match="lr=inf"):
        Snorkel(lr=math.inf, n_epochs=3).fit(weak(*ROWS))


@pytest.mark.parametrize("balance", [[1.0], [0, 1], [0.5, 0.6], [float("nan"), 1], ["a", "b"]], ids=repr)
def test_a_class_balance_that_cannot_be_is_refused(balance):
    with pytest.raises(LabelModelError, match="class_balance"):
        Snorkel(class_balance=balance).fit(weak(*ROWS))
