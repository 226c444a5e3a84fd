import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.weak_supervision import rule_table
from helpers.weak_supervision.errors import LengthMismatchError, MissingLabelError
from helpers.weak_supervision.table import encode

LABELS = ["World", "Sports", "Business"]
#            a   b   c
MATRIX = [
    [0, 0, -1],  # gold 0
    [0, 1, 1],  # gold 1
    [-1, -1, -1],  # gold 2
    [-1, -1, 1],  # gold unknown
]
GOLD = [0, 1, 2, -1]


def table(matrix, gold):
    gold = None if gold is None else np.array(gold, dtype=np.int16)
    return rule_table(np.array(matrix, dtype=np.int16), gold, names=["a", "b", "c"], labels=LABELS)


def test_a_small_table_by_hand():
    rows = table(MATRIX, GOLD)
    third = 1 / 3
    assert list(rows.columns) == [
        "label",
        "coverage",
        "annotated_coverage",
        "overlaps",
        "conflicts",
        "correct",
        "incorrect",
        "precision",
    ]
    assert rows.loc["a"].tolist() == ["World", 0.5, 2 * third, 0.5, 0.25, 1, 1, 0.5]
    assert rows.loc["b"].tolist() == ["World, Sports", 0.5, 2 * third, 0.5, 0.25, 2, 0, 1.0]
    assert rows.loc["c"].tolist() == ["Sports", 0.5, third, 0.25, 0.25, 1, 0, 1.0]
    assert rows.loc["total"].tolist() == ["World, Sports", 0.75, 2 * third, 0.5, 0.25, 4, 1, 0.8]


def test_without_gold_nothing_is_judged():
    assert list(table(MATRIX, None).columns) == ["label", "coverage", "overlaps", "conflicts"]


def test_what_cannot_be_known_is_nan():
    rows = table(MATRIX, [-1, -1, -1, -1])
    assert rows["annotated_coverage"].isna().all()
    assert rows["precision"].isna().all()
    assert rows.loc["total", ["correct", "incorrect"]].tolist() == [0, 0]


def test_encoding_takes_none_and_nan_for_unknown():
    assert encode(["Sports", None, float("nan"), "World"], LABELS).tolist() == [1, -1, -1, 0]


def test_encoding_names_a_label_outside_the_schema():
    with pytest.raises(MissingLabelError, match="'Weather' at index 1"):
        encode(["Sports", "Weather"], LABELS)


votes = st.integers(-1, len(LABELS) - 1)
matrices = st.lists(st.lists(votes, min_size=3, max_size=3), min_size=1, max_size=12)


@given(matrices, st.data())
def test_the_table_agrees_with_counting_cell_by_cell(matrix, data):
    gold = data.draw(st.lists(votes, min_size=len(matrix), max_size=len(matrix)))
    rows = table(matrix, gold)
    n_known = sum(g != -1 for g in gold)
    for column, name in enumerate("abc"):
        own = [
            (line[column], line[:column] + line[column + 1 :], g)
            for line, g in zip(matrix, gold, strict=True)
        ]
        voted = [
            (vote, [other for other in others if other != -1], g) for vote, others, g in own if vote != -1
        ]
        expected = {
            "coverage": len(voted) / len(matrix),
            "annotated_coverage": sum(g != -1 for *_, g in voted) / n_known if n_known else math.nan,
            "overlaps": sum(bool(others) for _, others, _ in voted) / len(matrix),
            "conflicts": sum(any(other != vote for other in others) for vote, others, _ in voted)
            / len(matrix),
            "correct": sum(vote == g for vote, _, g in voted),
            "incorrect": sum(vote != g for vote, _, g in voted if g != -1),
        }
        assert rows.loc[name, list(expected)].tolist() == pytest.approx(list(expected.values()), nan_ok=True)
    distinct = [{vote for vote in line if vote != -1} for line in matrix]
    total = rows.loc["total"]
    assert total["coverage"] == pytest.approx(sum(map(bool, distinct)) / len(matrix))
    assert total["conflicts"] == pytest.approx(sum(len(labels) > 1 for labels in distinct) / len(matrix))
    assert total["overlaps"] == pytest.approx(
        sum(sum(vote != -1 for vote in line) > 1 for line in matrix) / len(matrix)
    )
    assert total["correct"] == rows["correct"].iloc[:-1].sum()
    assert total["incorrect"] == rows["incorrect"].iloc[:-1].sum()


def test_names_and_gold_must_fit_the_votes():
    with pytest.raises(LengthMismatchError, match="1 names"):
        rule_table([[0, 1]], None, ["a"], LABELS)
    with pytest.raises(LengthMismatchError, match="1 gold labels"):
        rule_table([[0], [1]], [0], ["a"], LABELS)
