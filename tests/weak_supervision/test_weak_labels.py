import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.search import TextIndex
from helpers.weak_supervision import Rule, WeakLabels, labeling_function
from helpers.weak_supervision.errors import (
    DuplicatedRuleNameError,
    EmptyTextError,
    LengthMismatchError,
    MissingLabelError,
    NoRecordsFoundError,
    NoRulesFoundError,
    RuleNeverFiresWarning,
    RuleNotFoundError,
)

LABELS = ["World", "Sports", "Business"]
TEXTS = ["Playing the final game", "The game of money", "War over money", "A quiet day"]
RULES = [Rule("play* | game", "Sports", name="play"), Rule("money", "Business"), Rule("war", "World")]
GOLD = ["Sports", "Business", None, "World"]


@labeling_function
def quiet(text: str) -> str | None:
    return "World" if "quiet" in text else None


def test_the_matrix_has_a_column_per_rule_in_their_order():
    weak_labels = WeakLabels([quiet, *RULES], TEXTS, labels=LABELS)
    assert weak_labels.rule_names == ("quiet", "play", "money", "war")
    assert weak_labels.matrix.tolist() == [[-1, 1, -1, -1], [-1, 1, 2, -1], [-1, -1, 2, 0], [0, -1, -1, -1]]
    assert np.issubdtype(weak_labels.matrix.dtype, np.integer)


def test_by_default_the_schema_is_what_rules_promise_then_what_functions_vote_then_gold():
    weak_labels = WeakLabels([quiet, Rule("game", "Sports")], TEXTS, gold=["Weather", None, None, "Sports"])
    assert weak_labels.labels == ("Sports", "World", "Weather")


def test_pandas_columns_are_taken_whatever_their_index():
    texts = pd.Series(TEXTS, index=[7, 3, 9, 1])
    gold = pd.Series(GOLD, index=texts.index)
    assert WeakLabels(RULES, texts, gold=gold, labels=LABELS).gold.tolist() == [1, 2, -1, 0]


def test_an_index_that_exists_is_used_again():
    index = TextIndex(TEXTS)
    shared = WeakLabels(RULES, TEXTS, search=index.search)
    assert (shared.matrix == WeakLabels(RULES, TEXTS).matrix).all()


def test_the_summary_counts_against_gold():
    summary = WeakLabels(RULES, TEXTS, gold=GOLD, labels=LABELS).summary()
    assert summary["label"].tolist() == ["Sports", "Business", "World", "World, Sports, Business"]
    assert summary[["correct", "incorrect"]].to_numpy().tolist() == [[1, 1], [1, 0], [0, 0], [2, 1]]
    assert summary.loc["total", "annotated_coverage"] == pytest.approx(2 / 3)


def test_records_are_shown_with_the_rules_that_fired():
    weak_labels = WeakLabels(RULES, TEXTS, gold=GOLD, labels=LABELS)
    shown = weak_labels.show_records()
    assert shown["text"].tolist() == TEXTS
    assert shown["rules"].tolist() == [["play"], ["play", "money"], ["money", "war"], []]
    assert [None if pd.isna(gold) else gold for gold in shown["gold"]] == GOLD


def test_records_are_filtered_by_all_labels_and_all_rules():
    weak_labels = WeakLabels(RULES, TEXTS, labels=LABELS, ids=["a", "b", "c", "d"])
    assert weak_labels.show_records(labels=["Business"]).index.tolist() == ["b", "c"]
    assert weak_labels.show_records(labels=["Business", "Sports"]).index.tolist() == ["b"]
    assert weak_labels.show_records(rules=["money", "war"]).index.tolist() == ["c"]
    assert weak_labels.show_records(labels=["Sports"], rules=["war"]).empty


def test_showing_names_what_does_not_exist():
    weak_labels = WeakLabels(RULES, TEXTS)
    with pytest.raises(MissingLabelError, match="'Weather'"):
        weak_labels.show_records(labels=["Weather"])
    with pytest.raises(RuleNotFoundError, match="'wars'"):
        weak_labels.show_records(rules=["wars"])


@pytest.mark.parametrize("gold", [GOLD, GOLD[::-1]])
def test_gold_changes_neither_the_schema_that_is_given_nor_votes(gold):
    without = WeakLabels(RULES, TEXTS, labels=LABELS)
    with_gold = WeakLabels(RULES, TEXTS, gold=gold, labels=LABELS)
    assert with_gold.labels == without.labels
    assert with_gold.matrix.tolist() == without.matrix.tolist()


def test_gold_changes_no_vote_where_it_extends_the_schema():
    without = WeakLabels(RULES, TEXTS)
    with_gold = WeakLabels(RULES, TEXTS, gold=["Weather", "World", None, "Sports"])
    assert with_gold.labels == (*without.labels, "Weather")
    assert with_gold.matrix.tolist() == without.matrix.tolist()


def test_a_rule_that_never_fires_is_named_and_kept():
    with pytest.warns(RuleNeverFiresWarning, match=r"'web'.*leave the rule out"):
        weak_labels = WeakLabels([*RULES, Rule("web", "World")], TEXTS)
    assert weak_labels.matrix[:, 3].tolist() == [-1] * 4
    assert weak_labels.summary().loc["web", "coverage"] == 0


def test_rules_that_fire_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        WeakLabels(RULES, TEXTS)


def test_no_rules():
    with pytest.raises(NoRulesFoundError):
        WeakLabels([], TEXTS)


def test_no_texts():
    with pytest.raises(NoRecordsFoundError):
        WeakLabels(RULES, [])


@pytest.mark.parametrize("bad", [None, "", " \n", float("nan")])
def test_an_empty_text_is_named_by_its_index(bad):
    with pytest.raises(EmptyTextError, match="index 2"):
        WeakLabels(RULES, ["game", "money", bad])


def test_two_rules_of_one_name():
    with pytest.raises(DuplicatedRuleNameError, match="'money'"):
        WeakLabels([*RULES, Rule("money", "World")], TEXTS)


def test_one_gold_label_and_id_per_text():
    with pytest.raises(LengthMismatchError, match="3 gold labels for 4 texts"):
        WeakLabels(RULES, TEXTS, gold=GOLD[:3])
    with pytest.raises(LengthMismatchError, match="1 ids for 4 texts"):
        WeakLabels(RULES, TEXTS, ids=["a"])


def test_a_rule_outside_the_schema_is_named_even_if_it_never_fires():
    with pytest.raises(MissingLabelError, match="'Weather' of the rule 'rain'"):
        WeakLabels([*RULES, Rule("rain", "Weather")], TEXTS, labels=LABELS)


def test_a_function_that_votes_outside_the_schema_is_named():
    with pytest.raises(MissingLabelError, match="'World' of the rule 'quiet'"):
        WeakLabels([quiet], TEXTS, labels=["Sports", "Business"])


def test_gold_outside_the_schema_is_named():
    with pytest.raises(MissingLabelError, match="'Weather' at index 3"):
        WeakLabels(RULES, TEXTS, labels=LABELS, gold=["Sports", None, None, "Weather"])
