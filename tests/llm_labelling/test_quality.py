import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score
from test_values import CONTAINERS

from helpers.errors import ValuesError
from helpers.llm_labelling import evaluate
from helpers.llm_labelling.errors import UnknownLabelError

LABELS = ("a", "b", "c")


def random_labels(seed, size=200):
    return pd.Series(np.random.default_rng(seed).choice(LABELS, size))


def test_means_are_those_of_scikit_learn():
    gold, draws = random_labels(0), [random_labels(1), random_labels(2).mask(lambda own: own == "c")]
    quality = evaluate(gold, draws, LABELS)
    accuracies = [accuracy_score(gold, draw.fillna("")) for draw in draws]
    f1s = [f1_score(gold, draw.fillna(""), labels=LABELS, average="macro", zero_division=0) for draw in draws]
    assert quality.accuracy.mean == pytest.approx(np.mean(accuracies))
    assert quality.macro_f1.mean == pytest.approx(np.mean(f1s))


def test_texts_are_matched_by_their_ids_not_their_order():
    gold = random_labels(0)
    assert evaluate(gold, [gold.sample(frac=1, random_state=0)], LABELS).accuracy.mean == 1


def test_the_interval_of_one_draw_is_that_of_its_texts():
    gold = pd.Series(["a"] * 100)
    predicted = pd.Series(["a"] * 80 + ["b"] * 20)
    _, low, high = evaluate(gold, [predicted], LABELS).accuracy
    error = 1.96 * np.sqrt(0.8 * 0.2 / 100)
    assert (low, high) == (pytest.approx(0.8 - error, abs=0.02), pytest.approx(0.8 + error, abs=0.02))


def test_draws_that_differ_widen_the_interval():
    gold = pd.Series(["a"] * 1000)
    alike = [pd.Series(["a", "b"] * 500)] * 2
    unlike = [gold, gold.replace("a", "b")]
    assert evaluate(gold, alike, LABELS).accuracy.mean == evaluate(gold, unlike, LABELS).accuracy.mean == 0.5
    assert evaluate(gold, alike, LABELS).accuracy.low > 0.45
    assert evaluate(gold, unlike, LABELS).accuracy[1:] == (0, 1)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_labels_without_ids_are_matched_by_position(container):
    gold, predicted = ["a", "b", "c", "c"], ["a", "c", "c", "b"]
    if isinstance(container(gold), pd.Series):
        shown = container(gold).index
        if not shown.is_unique:
            with pytest.raises(ValuesError, match="index of the gold labels holds 0 more than once"):
                evaluate(container(gold), [predicted], LABELS)
            return
    quality = evaluate(container(gold), [container(predicted), predicted], container(LABELS))
    assert quality.accuracy.mean == 0.5


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=repr)
@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_what_is_missing_counts_as_wrong(missing, dtype):
    predicted = pd.Series(["a", missing], dtype=dtype)
    assert evaluate(["a", "b"], [predicted], LABELS).accuracy.mean == 0.5


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(UnknownLabelError, match="position 1 is 'd'"):
        evaluate(["a", "d"], [["a", "b"]], LABELS)
    with pytest.raises(UnknownLabelError, match="position 0 is None"):
        evaluate([np.nan], [["a"]], LABELS)
    with pytest.raises(ValuesError, match="2 gold labels and 1 predicted"):
        evaluate(["a", "b"], [["a"]], LABELS)
    for gold, draws in (([], [[]]), (["a"], [])):
        with pytest.raises(ValuesError, match="one of each at least"):
            evaluate(gold, draws, LABELS)


def test_a_schema_given_as_a_column_counts_each_label_once():
    gold, predicted = ["a", "b", "b"], ["a", "b", "a"]
    assert evaluate(gold, iter([predicted]), gold) == evaluate(gold, [predicted], ["a", "b"])


def test_ids_of_another_kind_are_no_wrong_predictions():
    gold, of_texts = pd.Series(["a", "b"]), pd.Series(["a", "b"], index=["0", "1"])
    with pytest.raises(ValuesError, match=r"\[0, 1\] and so on there, and \['0', '1'\] here"):
        evaluate(gold, [of_texts], LABELS)
    assert evaluate(gold, [of_texts[:0]], LABELS).accuracy.mean == 0
