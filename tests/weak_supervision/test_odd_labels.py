"""Labels, votes and schemas of every kind, and names as data."""

import decimal
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from helpers.errors import ValuesError
from helpers.weak_supervision import (
    ABSTAIN,
    MajorityVoter,
    Rule,
    WeakLabels,
    confusion,
    labeling_function,
    rule_table,
)
from helpers.weak_supervision.errors import (
    LabelingFunctionError,
    LabelingFunctionWarning,
    LengthMismatchError,
    MissingLabelError,
)
from helpers.weak_supervision.labels import schema
from helpers.weak_supervision.table import encode

TEXTS = ["a goal", "shares", "goal shares", "rain"]
MISSING = [
    None,
    float("nan"),
    np.float32("nan"),
    pd.NA,
    pd.NaT,
    np.datetime64("NaT"),
    decimal.Decimal("nan"),
    pa.scalar(None),
    pa.scalar(None, pa.string()),
    ABSTAIN,
    np.int64(ABSTAIN),
    -1.0,
]


@pytest.mark.parametrize("nothing", MISSING, ids=repr)
def test_what_stands_for_none_is_an_abstention_and_unknown_gold(nothing):
    @labeling_function
    def goals(text):
        return "Sports" if "goal" in text else nothing

    weak_labels = WeakLabels([goals, Rule("shares", "B")], TEXTS, gold=["Sports", "B", nothing, nothing])
    assert weak_labels.labels == ("B", "Sports")
    assert weak_labels.matrix.tolist() == [[1, -1], [-1, 0], [1, 0], [-1, -1]]
    assert weak_labels.gold.tolist() == [1, 0, -1, -1]
    assert MajorityVoter().fit(weak_labels).predict(weak_labels).tolist() == [1, 0, -1, -1]
    with pytest.raises(MissingLabelError, match="stands for no"):
        Rule("goal", nothing)
    with pytest.raises(MissingLabelError, match="position 1, which stands for no label"):
        schema(["a", nothing])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (0, 1),
        (np.int64(0), np.int64(1)),
        (False, True),
        (1, True),
        ("0", "-1"),
        (0.5, "half"),
        (("a", "b"), ("a", "c")),
        (frozenset("a"), "label"),
        ("US$ and $A", "_<b>{x}\n'\""),
    ],
    ids=repr,
)
def test_any_hashable_label_goes_all_the_way(first, second):
    rules = [Rule("goal", first), Rule("shares", second)]
    weak_labels = WeakLabels(rules, TEXTS, gold=[first, second, None, None])
    assert weak_labels.matrix.tolist() == [[0, -1], [-1, 1], [0, 1], [-1, -1]]
    summary = weak_labels.summary()
    assert summary["label"].tolist() == [str(first), str(second), f"{first}, {second}"]
    assert summary["precision"].tolist() == [1, 1, 1]
    shown = weak_labels.show_records(labels=[second])
    assert shown["gold"].tolist() == [second, None]
    assert [type(value) for value in shown["gold"]] == [type(weak_labels.labels[1]), type(None)]
    score = MajorityVoter().fit(weak_labels).score(weak_labels)
    assert score.accuracy_covered == 1
    assert score.report.index.tolist() == [first, second]
    assert confusion([first, second], [first, first], [first, second]).to_numpy().tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize("bad", ["", " ", ["Sports"], {"a": 1}, np.array(["a", "b"])], ids=repr)
def test_what_cannot_be_a_label_is_named(bad):
    with pytest.raises(MissingLabelError, match="'goal'"):
        Rule("goal", bad)
    with pytest.raises(MissingLabelError, match="rule 'odd' on the text at index 0"):
        WeakLabels([labeling_function(name="odd")(lambda text: bad)], TEXTS)
    with pytest.raises(MissingLabelError, match="index 1"):
        WeakLabels([Rule("goal", "S")], TEXTS[:2], gold=["S", bad])
    with pytest.raises(MissingLabelError, match="position 1"):
        schema(["S", bad])


def test_a_truth_value_is_not_the_number_it_equals():
    with pytest.raises(MissingLabelError, match="True of the rule"):
        WeakLabels([Rule("goal", True)], TEXTS, labels=[0, 1])
    # but a number may come as a float, as pandas makes them beside a missing one
    assert encode(pd.Series([1, 0, None]), labels=[0, 1]).tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    "container", [list, tuple, np.array, pd.Series, pd.Index, pd.Categorical, pl.Series, pa.array, iter]
)
def test_a_schema_may_be_a_column_with_repeats(container):
    column = ["S", "B", "S", "B"]
    weak_labels = WeakLabels(
        [Rule("goal", "S"), Rule("shares", "B")], TEXTS, gold=container(column), labels=container(column)
    )
    assert weak_labels.labels == ("S", "B")
    assert weak_labels.gold.tolist() == [0, 1, 0, 1]
    assert weak_labels.summary().loc["goal", "precision"] == 1


def test_a_schema_needs_an_order_and_has_its_limit():
    with pytest.raises(ValuesError, match="set"):
        schema({"a", "b"})
    with pytest.raises(ValuesError, match="one str"):
        schema("Sports")
    with pytest.raises(MissingLabelError, match="32,768 labels"):
        schema(range(32_768))


def test_generators_are_read_once():
    weak_labels = WeakLabels(
        iter([Rule("goal", "S")]), iter(TEXTS), gold=iter("SSSS"), labels=iter("SB"), ids=iter("abcd")
    )
    assert weak_labels.matrix[:, 0].tolist() == [0, -1, 0, -1]
    assert weak_labels.gold.tolist() == [0, 0, 0, 0]
    assert weak_labels.ids == ("a", "b", "c", "d")


def test_ids_are_texts_and_none_is_there_twice():
    assert WeakLabels([Rule("goal", "S")], TEXTS[:2], ids=[7, np.int64(8)]).ids == ("7", "8")
    with pytest.raises(ValuesError, match=r"'a' at the positions \[0, 2\]"):
        WeakLabels([Rule("goal", "S")], TEXTS, ids=["a", "b", "a", "c"])
    for bad in (None, pd.NA, 1.0, True, ""):
        with pytest.raises(ValuesError, match="position 1"):
            WeakLabels([Rule("goal", "S")], TEXTS[:2], ids=["a", bad])


@pytest.mark.parametrize("rules", [Rule("goal", "S"), "goal", ["goal"], [None], {"goal": "S"}], ids=repr)
def test_what_is_no_list_of_rules_is_refused(rules):
    with pytest.raises(ValuesError):
        WeakLabels(rules, TEXTS)


def test_a_function_that_raises_on_some_texts_abstains_there_aloud():
    @labeling_function
    def second_word(text):
        return "S" if text.split()[1] == "goal" else None

    with pytest.warns(
        LabelingFunctionWarning, match=r"'second_word' raises an error on 2 of 4 .*index 1, 'shares'"
    ):
        weak_labels = WeakLabels([second_word], TEXTS)
    assert weak_labels.matrix.tolist() == [[0], [-1], [-1], [-1]]
    with pytest.raises(LabelingFunctionError, match="NameError"):
        WeakLabels([labeling_function(name="typo")(lambda text: txet)], TEXTS)  # noqa: F821


def test_a_rule_may_have_the_name_of_the_total():
    table = WeakLabels([Rule("total", "B"), Rule("goal", "S")], TEXTS).summary()
    assert table.index.tolist() == ["total", "goal", "total"]
    assert table["coverage"].tolist() == [0, 0.5, 0.5]


def test_a_table_of_no_rules_is_a_total_of_nothing():
    table = rule_table(np.empty((2, 0), dtype=int), None, names=[], labels=["a"])
    assert table.loc["total", ["coverage", "overlaps", "conflicts"]].tolist() == [0, 0, 0]


def test_confusion_has_a_row_and_a_column_for_what_never_occurs():
    table = confusion(["a", pd.NA, "b"], ["b", "b", None], ["a", "b", "c"])
    assert table.to_numpy().tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert table.index.tolist() == table.columns.tolist() == ["a", "b", "c"]
    with pytest.raises(LengthMismatchError):
        confusion(["a"], [], ["a"])


def test_a_class_that_never_occurs_leaves_every_figure_defined():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        weak_labels = WeakLabels(
            [Rule("goal", "S")], TEXTS, gold=["S", None, "B", "B"], labels=["S", "B", "W"]
        )
    score = MajorityVoter().fit(weak_labels).score(weak_labels)
    assert score.macro_f1 == pytest.approx(1 / 3)
    assert score.report["f1"].tolist()[:2] == [pytest.approx(2 / 3), 0]
    assert score.report.loc["W"].isna().tolist() == [True, True, True, False, False]
