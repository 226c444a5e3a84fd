"""Labels, functions and tokens of every kind in named-entity recognition."""

import functools
import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.ner.aggregation import aggregate
from helpers.ner.annotation import annotate
from helpers.ner.errors import (
    DuplicatedFunctionNameError,
    LabelingFunctionWarning,
    NoDocumentsError,
    UnknownEntityLabelError,
)
from helpers.ner.evaluation import score
from helpers.ner.span_table import span_rule_table, token_scores
from helpers.ner.vectors import distill_vectors
from helpers.weak_supervision import ABSTAIN

SCHEMAS = [
    ("PER", "ORG"),
    ("B-PER", "I-PER"),
    ("PER", "PER-X"),
    ("O", "B-O"),
    ("Sci/Tech person", 'US$ {x} "y"'),
    ("label", "Göttin 漢字"),
]


def named(name, *spans):
    def function(doc):
        yield from spans

    function.__name__ = name
    return function


@pytest.mark.parametrize("labels", SCHEMAS, ids=repr)
@pytest.mark.parametrize("container", [tuple, np.array, lambda labels: pd.Series(labels, index=[5, 3])])
def test_any_text_is_a_label(make_doc, labels, container):
    one, two = labels
    gold = [(0, 1, one), (2, 3, two)]
    docs = [make_doc("Ann met Bob", gold) for _ in range(5)]
    functions = [named("a", *gold), named("silence", *gold), named("c-d", (0, 1, two))]
    names = annotate(docs, [functions], container(labels))
    aggregate(docs, names, container(labels))
    for layer in ("majority", "hmm"):
        assert [(span.start, span.end, span.label_) for span in docs[0].spans[layer]] == gold
        assert score(docs, layer, container(labels))["f1"].tolist() == [1, 1, 1]
    table = span_rule_table(docs, names, container(labels))
    assert table["label"].tolist() == [f"{one}, {two}", f"{one}, {two}", two, f"{one}, {two}"]
    tokens = token_scores(docs, names, container(labels))
    assert tokens.loc[[("a", one), ("a", two)], "f1"].tolist() == [1, 1]
    assert tokens.loc[("c-d", two), "precision"] == 0


@pytest.mark.parametrize("labels", [[], ["PER", ""], ["PER", None], [1]], ids=repr)
def test_what_is_no_schema_of_entities_is_refused(make_doc, labels):
    docs = [make_doc("Ann", [], a=[(0, 1, "PER")])]
    for use in (
        lambda: annotate(docs, [], labels),
        lambda: aggregate(docs, ["a"], labels),
        lambda: score(docs, "a", labels),
        lambda: span_rule_table(docs, ["a"], labels),
        lambda: token_scores(docs, ["a"], labels),
    ):
        with pytest.raises(UnknownEntityLabelError):
            use()


def test_a_label_called_as_the_micro_average_is_refused(make_doc):
    with pytest.raises(UnknownEntityLabelError, match="'all'"):
        score([make_doc("Ann", [])], "a", ["all"])


@pytest.mark.parametrize("nothing", [None, ABSTAIN, float("nan"), pd.NA], ids=repr)
def test_functions_abstain_silently(make_doc, nothing):
    def empty(doc):
        return nothing

    doc = make_doc("Ann Bob")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        annotate(
            [doc],
            [[empty, named("half", (0, 1, nothing), (np.int64(1), np.int64(2), np.str_("PER")))]],
            ["PER"],
        )
    assert [(span.start, span.label_) for span in doc.spans["half"]] == [(1, "PER")]
    assert not doc.spans["empty"]


def test_a_function_needs_no_name_of_its_own(make_doc):
    def find(doc, label):
        yield 0, 1, label

    doc = make_doc("Ann")
    assert annotate([doc], [[functools.partial(find, label="PER")]], ["PER"]) == ["partial"]
    assert doc.spans["partial"][0].label_ == "PER"


def test_one_document_that_a_function_fails_on_does_not_end_the_run(make_doc):
    def second(doc):
        yield 1, 2, "PER" if doc[1].text == "Bob" else "ORG"

    docs = [make_doc("Ann Bob"), make_doc("Ann"), make_doc("Oslo Bob")]
    with pytest.warns(LabelingFunctionWarning, match="'second' raised"):
        annotate(docs, [[second]], ["PER"])
    assert [len(doc.spans["second"]) for doc in docs] == [1, 0, 1]


@pytest.mark.parametrize("name", ["gold", "majority", "hmm"])
def test_names_of_what_is_no_function_are_reserved(make_doc, name):
    with pytest.raises(DuplicatedFunctionNameError, match="reserved"):
        annotate([make_doc("Ann")], [[named(name)]], ["PER"])


def test_vectors_need_a_word(make_doc, tmp_path):
    with pytest.raises(NoDocumentsError, match="word"):
        distill_vectors(None, [make_doc("1 2 .")], tmp_path)
