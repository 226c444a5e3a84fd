import random

import pytest

from helpers.ner.declared import DECLARED_ROWS, declared_rows
from helpers.ner.errors import NoDocumentsError
from helpers.ner.evaluation import imprecise, score

LABELS = ("PER", "ORG")


def test_exact_spans(make_doc):
    docs = [
        make_doc("A B C D", [(0, 1, "ORG"), (2, 4, "ORG")], rules=[(0, 1, "ORG"), (2, 3, "ORG")]),
        make_doc("E F", [(0, 1, "PER")], rules=[(0, 1, "ORG")]),
        make_doc("unknown gold", rules=[(0, 1, "ORG")]),
    ]
    table = score(docs, "rules", LABELS)
    assert table.loc["ORG"].tolist() == pytest.approx([1 / 3, 1 / 2, 2 / 5])
    assert table.loc["PER"].tolist() == [0, 0, 0]
    assert table.loc["all"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_several_sources_together(make_doc):
    doc = make_doc("A B", [(0, 1, "ORG"), (1, 2, "PER")], a=[(0, 1, "ORG")], b=[(0, 1, "ORG"), (1, 2, "PER")])
    assert score([doc], ["a", "b"], LABELS).loc["all"].tolist() == [1, 1, 1]


def test_no_gold(make_doc):
    with pytest.raises(NoDocumentsError, match="1 documents"):
        score([make_doc("A")], "rules", LABELS)


def test_imprecise_functions(make_doc):
    gold = [(0, 1, "ORG")]
    docs = [make_doc("A B", gold, good=gold, bad=[(1, 2, "PER")], rare=[]) for _ in range(3)]
    docs[0].spans["rare"] = docs[0].spans["bad"]
    assert imprecise(docs, ["good", "bad", "rare", "absent"], LABELS) == ["bad"]
    assert imprecise(docs, ["bad"], LABELS, at_least=4) == []


def test_declared_sample():
    assert tuple(sorted(random.Random(0).sample(range(14_041), 200))) == DECLARED_ROWS
    assert declared_rows(14_041) == DECLARED_ROWS
    assert len(declared_rows(520)) == 130
    assert declared_rows(0) == ()
