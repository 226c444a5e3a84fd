import pytest

from helpers.ner.aggregation import aggregate
from helpers.ner.errors import NoAnnotationError

LABELS = ("PER", "ORG")
SOURCES = ["a", "b", "c"]


def spans(doc, name):
    return [(span.start, span.end, span.label_) for span in doc.spans[name]]


@pytest.mark.parametrize("aggregator", ["majority", "hmm"])
def test_majority_wins(make_doc, aggregator):
    org, per = [(0, 2, "ORG")], [(0, 2, "PER")]
    docs = [make_doc("A B c", a=org, b=org, c=per), make_doc("D E f", a=org, b=org), make_doc("G H i", c=per)]
    aggregate(docs, SOURCES, LABELS)
    assert [spans(doc, aggregator) for doc in docs] == [org, org, per]


@pytest.mark.parametrize("aggregator", ["majority", "hmm"])
def test_silence_is_no_vote(make_doc, aggregator):
    docs = [make_doc("A met B", a=[(0, 1, "PER")], b=[(2, 3, "ORG")]) for _ in range(20)]
    aggregate(docs, SOURCES, LABELS)
    assert spans(docs[0], aggregator) == [(0, 1, "PER"), (2, 3, "ORG")]


def test_documents_without_annotation(make_doc):
    docs = [make_doc("A"), make_doc("B", a=[(0, 1, "ORG")]), make_doc("C", a=[], b=[])]
    aggregate(docs, SOURCES, LABELS)
    assert [spans(doc, "hmm") for doc in docs] == [[], [(0, 1, "ORG")], []]
    assert [spans(doc, "majority") for doc in docs] == [[], [(0, 1, "ORG")], []]


def test_nothing_annotated(make_doc):
    with pytest.raises(NoAnnotationError, match="3 labeling functions"):
        aggregate([make_doc("A"), make_doc("B", a=[])], SOURCES, LABELS)


def test_functions_left_out_have_no_say(make_doc):
    doc = make_doc("A B", a=[(0, 1, "ORG")], bad=[(1, 2, "PER")])
    aggregate([doc], ["a"], LABELS)
    assert spans(doc, "majority") == spans(doc, "hmm") == [(0, 1, "ORG")]


def test_function_that_never_fired_where_the_model_was_fitted(make_doc):
    seen, new = make_doc("A", a=[(0, 1, "ORG")]), make_doc("B c D", a=[(0, 1, "ORG")], b=[(2, 3, "PER")])
    aggregate([new], SOURCES, LABELS, fit_on=[seen])
    assert spans(new, "hmm") == [(0, 1, "ORG")]
    assert spans(new, "majority") == [(0, 1, "ORG"), (2, 3, "PER")]


def test_aggregating_again_gives_the_same(make_doc):
    docs = [make_doc("A met B", a=[(0, 1, "PER")], b=[(2, 3, "ORG")]) for _ in range(3)]
    aggregate(docs, SOURCES, LABELS)
    first = [spans(doc, "hmm") for doc in docs]
    aggregate(docs, SOURCES, LABELS)
    assert [spans(doc, "hmm") for doc in docs] == first
