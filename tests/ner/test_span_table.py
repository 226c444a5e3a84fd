import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.ner.errors import NoDocumentsError, OverlappingSpansError, UnknownEntityLabelError
from helpers.ner.span_table import span_rule_table, span_votes, token_scores

LABELS = ("PER", "ORG", "LOC")


@pytest.fixture
def docs(make_doc):
    return [
        make_doc(
            "Ann Li left New Oslo",
            [(0, 2, "PER"), (3, 5, "LOC")],
            names=[(0, 2, "PER"), (3, 5, "PER")],
            places=[(4, 5, "LOC")],
        ),
        make_doc("Rain on Ajax", [(2, 3, "ORG")], names=[(0, 1, "PER")]),
        make_doc("Ajax 2", None, names=[(0, 1, "PER")], places=[(0, 1, "LOC")]),
    ]


FUNCTIONS = ["names", "places"]


def test_candidates_by_hand(docs):
    matrix, gold = span_votes(docs, FUNCTIONS, LABELS)
    assert matrix.tolist() == [
        [0, -1],  # Ann Li
        [0, -1],  # New Oslo
        [-1, 2],  # Oslo
        [0, -1],  # Rain
        [-1, -1],  # Ajax, which all have missed
        [0, 2],  # Ajax, of unknown gold
    ]
    assert gold.tolist() == [0, 2, 3, 3, 1, -1]


def test_the_table_by_hand(docs):
    rows = span_rule_table(docs, FUNCTIONS, LABELS)
    sixth = 1 / 6
    assert rows.columns.tolist() == [
        "label",
        "coverage",
        "annotated_coverage",
        "overlaps",
        "conflicts",
        "correct",
        "incorrect",
        "precision",
    ]
    assert rows.loc["names"].tolist() == ["PER", 4 / 6, 0.6, sixth, sixth, 1, 2, 1 / 3]
    assert rows.loc["places"].tolist() == ["LOC", 2 / 6, 0.2, sixth, sixth, 0, 1, 0.0]
    assert rows.loc["total"].tolist() == ["PER, LOC", 5 / 6, 0.8, sixth, sixth, 1, 3, 0.25]


def test_without_gold_nothing_is_judged(docs):
    assert span_votes(docs[2:], FUNCTIONS, LABELS)[1] is None
    rows = span_rule_table(docs[2:], FUNCTIONS, LABELS)
    assert rows.columns.tolist() == ["label", "coverage", "overlaps", "conflicts"]


def test_functions_that_find_nothing(make_doc):
    rows = span_rule_table([make_doc("Rain", [])], FUNCTIONS, LABELS)
    assert rows.index.tolist() == ["names", "places", "total"]
    assert rows["correct"].tolist() == [0, 0, 0]
    assert rows["precision"].isna().all()


def test_token_scores_by_hand(docs):
    scores = token_scores(docs, FUNCTIONS, LABELS)
    assert scores.index.tolist() == [("names", "PER"), ("places", "LOC")]
    assert scores.index.names == ["function", "label"]
    assert scores.columns.tolist() == ["precision", "recall", "f1"]
    assert scores.loc[("names", "PER")].tolist() == pytest.approx([2 / 5, 1, 4 / 7])
    # Half of "New Oslo" is half right here, and wrong in the table.
    assert scores.loc[("places", "LOC")].tolist() == pytest.approx([1, 1 / 2, 2 / 3])


def test_gold_is_no_function(docs):
    assert "gold" not in token_scores(docs, FUNCTIONS, LABELS).index.get_level_values("function")
    assert [list(doc.spans) for doc in docs] == [FUNCTIONS, ["names"], FUNCTIONS]


def test_token_scores_of_functions_that_find_nothing(make_doc):
    assert token_scores([make_doc("Ann", [(0, 1, "PER")])], FUNCTIONS, LABELS).empty


def test_token_scores_need_gold(docs):
    with pytest.raises(NoDocumentsError, match="None of the 1 documents has gold"):
        token_scores(docs[2:], FUNCTIONS, LABELS)


@pytest.mark.parametrize("judge", [span_rule_table, token_scores])
def test_bad_spans_are_named(make_doc, docs, judge):
    with pytest.raises(UnknownEntityLabelError, match="Document 0: 'places' labels 'Oslo' as 'LOC'"):
        judge(docs, ["places"], ["PER", "ORG"])
    overlap = make_doc("New Oslo", [], names=[(0, 1, "LOC"), (0, 2, "LOC")])
    with pytest.raises(OverlappingSpansError, match="Document 1: the spans 'New'"):
        judge([docs[1], overlap], FUNCTIONS, LABELS)


spans = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(LABELS)), max_size=3, unique_by=lambda each: each[0]
).map(lambda found: [(start, start + 1, label) for start, label in found])


@settings(deadline=None)
@given(gold=spans, names=spans, places=spans)
def test_correct_and_incorrect_are_those_of_sets_of_spans(make_doc, gold, names, places):
    rows = span_rule_table([make_doc("a b c d", gold, names=names, places=places)], FUNCTIONS, LABELS)
    for name, found in (("names", set(names)), ("places", set(places))):
        assert rows.loc[name, ["correct", "incorrect"]].tolist() == [
            len(found & set(gold)),
            len(found - set(gold)),
        ]
        precision = len(found & set(gold)) / len(found) if found else math.nan
        assert rows.loc[name, "precision"] == pytest.approx(precision, nan_ok=True)
