import warnings

import pytest
from spacy.tokens import Doc

from helpers.ner.aggregation import aggregate
from helpers.ner.annotation import annotate, annotate_corpus
from helpers.ner.errors import DuplicatedFunctionNameError, LabelingFunctionWarning, NoDocumentsError

LABELS = ("PER", "ORG", "LOC", "MISC")


def first(doc):
    yield 0, 1, "ORG"


def second(doc):
    yield 0, 2, "PER"
    yield 2, 3, "LOC"


def raises(doc):
    yield 0, 1, "PER"
    raise ValueError("no luck")


def out_of_range(doc):
    yield 2, 9, "PER"
    yield 1, 1, "PER"
    yield 0, 1, "PER"


def mislabeled(doc):
    yield 0, 1, "COLOR"
    yield 1, 2, "PER"


def not_spans(doc):
    yield "nothing"


def overlapping(doc):
    yield 0, 2, "PER"
    yield 1, 3, "ORG"


def spans(doc, name):
    return [(span.start, span.end, span.label_) for span in doc.spans[name]]


def test_functions_annotate(make_doc):
    doc = make_doc("A B C")
    assert annotate([doc], [[first, second]], LABELS) == ["first", "second"]
    assert spans(doc, "first") == [(0, 1, "ORG")]
    assert spans(doc, "second") == [(0, 2, "PER"), (2, 3, "LOC")]


def test_later_tier_gives_way(make_doc):
    doc = make_doc("A B C")
    annotate([doc], [[first], [second]], LABELS)
    assert spans(doc, "second") == [(2, 3, "LOC")]


@pytest.mark.parametrize(
    ("function", "kept", "words"),
    [
        (raises, [(0, 1, "PER")], "'raises' raised ValueError: no luck on 'A B C'"),
        (out_of_range, [(0, 1, "PER")], r"'out_of_range' yielded the span \(2, 9\)"),
        (mislabeled, [(1, 2, "PER")], "'mislabeled' yielded the label 'COLOR'"),
        (not_spans, [], "'not_spans' raised ValueError"),
    ],
)
def test_misbehaving_function_is_named_and_the_others_go_on(make_doc, function, kept, words):
    docs = [make_doc("A B C"), make_doc("D E F")]
    with pytest.warns(LabelingFunctionWarning, match=words) as caught:
        annotate(docs, [[function, second]], LABELS)
    assert len(caught) == 1
    for doc in docs:
        assert spans(doc, function.__name__) == kept
        assert spans(doc, "second") == [(0, 2, "PER"), (2, 3, "LOC")]


def test_first_of_overlapping_spans_stays(make_doc):
    doc = make_doc("A B C")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        annotate([doc], [[overlapping]], LABELS)
    assert spans(doc, "overlapping") == [(0, 2, "PER")]


def test_no_documents():
    with pytest.raises(NoDocumentsError):
        annotate([], [[first]], LABELS)


def test_two_functions_of_one_name(make_doc):
    with pytest.raises(DuplicatedFunctionNameError, match="first"):
        annotate([make_doc("A")], [[first], [first]], LABELS)


def test_empty_documents(make_doc):
    docs = [Doc(make_doc("A").vocab), make_doc("OSLO 1996-08-22"), Doc(make_doc("A").vocab)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = annotate_corpus(docs, LABELS)
    aggregate(docs, names, LABELS)
    assert [spans(doc, "hmm") for doc in docs] == [[], [(0, 1, "LOC")], []]


def test_corpus_needs_no_gold_and_reads_none(make_doc):
    texts = ["Lena Ostrow", "OSLO 1996-08-22", "Ostrow met Reuters in Topolcany ."]
    blind = [make_doc(text) for text in texts]
    wrong = [make_doc(text, [(0, 1, "MISC")]) for text in texts]
    names = annotate_corpus(blind, LABELS)
    assert annotate_corpus(wrong, LABELS) == names
    for one, other in zip(blind, wrong, strict=True):
        assert {name: spans(one, name) for name in names} == {name: spans(other, name) for name in names}
    assert [(s.text, s.label_) for name in names for s in blind[2].spans[name]] == [
        ("Topolcany", "LOC"),
        ("Reuters", "ORG"),
        ("Ostrow", "PER"),
    ]
