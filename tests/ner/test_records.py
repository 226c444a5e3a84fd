import uuid

import argilla as rg
import pytest
import spacy
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from helpers.annotation import SIMULATED_USERNAME, SimulatedAnnotator, create_dataset, log_records
from helpers.ner.errors import OverlappingSpansError, UnknownEntityLabelError
from helpers.ner.records import (
    AgentNameError,
    DocumentMismatchError,
    EmptyDocumentError,
    MisalignedSpanError,
    docs_from_records,
    function_records,
    function_settings,
    gold_answers,
    gold_records,
    suggestion_records,
)

LABELS = ("PER", "ORG", "LOC")
VOCAB = spacy.blank("en").vocab


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    dataset = create_dataset(client, f"ner-{uuid.uuid4().hex[:8]}", function_settings(client, LABELS))
    yield dataset
    dataset.delete()


@pytest.fixture
def docs(make_doc):
    return [
        make_doc("Ann Li left Ajax", [(0, 2, "PER"), (3, 4, "ORG")], names=[(0, 2, "PER")], clubs=[]),
        make_doc("Rain in Oslo", [(2, 3, "LOC")], names=[], clubs=[]),
        make_doc("Rain", []),
        make_doc("Ajax 2 Oslo 1", None, names=[(0, 1, "PER")], clubs=[(0, 1, "ORG"), (2, 3, "ORG")]),
        make_doc("Nothing", None, names=[]),
    ]


def content(doc):
    return (
        [(token.text, token.whitespace_) for token in doc],
        doc.has_annotation("ENT_IOB"),
        [(each.start, each.end, each.label_) for each in doc.ents],
        {name: [(each.start, each.end, each.label_) for each in group] for name, group in doc.spans.items()},
    )


def on_server(dataset, records, query=None):
    log_records(dataset, records)
    return list(dataset.records(query, with_suggestions=True, with_responses=True))


def suggestions(record):
    return {
        each.agent: [(span["start"], span["end"], span["label"]) for span in each.value]
        for each in record.suggestions
    }


# documents to records


def test_a_record_per_document_and_function_that_fired(docs):
    records = function_records(docs, LABELS, ["names", "clubs"])
    assert [(record.id, dict(record.metadata)) for record in records] == [
        ("0/names", {"doc_index": 0, "labelling_function": "names"}),
        ("1", {"doc_index": 1, "labelling_function": "none fired"}),
        ("2", {"doc_index": 2, "labelling_function": "none fired"}),
        ("3/names", {"doc_index": 3, "labelling_function": "names"}),
        ("3/clubs", {"doc_index": 3, "labelling_function": "clubs"}),
    ]
    assert [suggestions(record) for record in records] == [
        {"names": [(0, 6, "PER")]},
        {},
        {},
        {"names": [(0, 4, "PER")]},
        {"clubs": [(0, 4, "ORG"), (7, 11, "ORG")]},
    ]
    assert not any(len(record.responses) for record in records)


def test_gold_stands_beside_what_functions_say(docs):
    records = function_records(docs, LABELS, ["names", "clubs"])
    assert [record.fields.get("gold") for record in records] == [
        "PER 'Ann Li'\nORG 'Ajax'",
        "LOC 'Oslo'",
        "no names",
        None,
        None,
    ]


def test_gold_goes_along_as_a_response(docs):
    user_id = uuid.uuid4()
    records = gold_records(docs, LABELS, user_id=user_id)
    assert [[each.value for each in record.responses["spans"]] for record in records] == [
        [[{"label": "PER", "start": 0, "end": 6}, {"label": "ORG", "start": 12, "end": 16}]],
        [[{"label": "LOC", "start": 8, "end": 12}]],
        [[]],
        [],
        [],
    ]
    assert records[0].responses["spans"][0].user_id == user_id


def test_gold_without_a_person_is_a_suggestion(docs):
    assert [suggestions(record) for record in gold_records(docs, LABELS)] == [
        {"gold": [(0, 6, "PER"), (12, 16, "ORG")]},
        {"gold": [(8, 12, "LOC")]},
        {"gold": []},
        {},
        {},
    ]


def test_an_aggregator_is_the_agent(docs):
    docs[1].spans["hmm"] = [Span(docs[1], 2, 3, "LOC")]
    docs[2].spans["hmm"] = []
    records = suggestion_records(docs, LABELS, "hmm")
    assert [record.id for record in records] == ["0", "1", "2", "3", "4"]
    assert [suggestions(record) for record in records] == [{}, {"hmm": [(8, 12, "LOC")]}, {"hmm": []}, {}, {}]


def test_gold_answers_are_those_of_the_records(docs):
    assert gold_answers(docs) == {
        "0": [{"label": "PER", "start": 0, "end": 6}, {"label": "ORG", "start": 12, "end": 16}],
        "1": [{"label": "LOC", "start": 8, "end": 12}],
        "2": [],
    }


@pytest.mark.parametrize("words", ["", " \n"])
def test_an_empty_document_is_named(docs, words):
    empty = Doc(VOCAB, words=[words] if words else [])
    with pytest.raises(EmptyDocumentError, match="Document 5 has no text"):
        gold_records([*docs, empty], LABELS)


def test_labels_outside_the_schema_are_named(docs):
    with pytest.raises(UnknownEntityLabelError, match="Document 1: 'gold' labels 'Oslo' as 'LOC'"):
        gold_records(docs, ["PER", "ORG"])
    with pytest.raises(UnknownEntityLabelError, match="Document 3: 'clubs' labels 'Ajax' as 'ORG'"):
        function_records(docs, ["PER"], ["clubs"])


def test_overlapping_spans_are_named(make_doc):
    doc = make_doc("New Oslo Group", None, names=[(1, 3, "ORG"), (0, 2, "LOC")])
    message = r"Document 0: the spans 'New Oslo' \(LOC\) and 'Oslo Group' \(ORG\) of 'names' overlap"
    with pytest.raises(OverlappingSpansError, match=message):
        suggestion_records([doc], LABELS, "names")


@pytest.mark.parametrize("name", ["clubs (old)", "Städte", "-", "a" * 201])
def test_names_that_argilla_does_not_take(make_doc, name):
    doc = make_doc("Oslo")
    doc.spans[name] = [Span(doc, 0, 1, "LOC")]
    with pytest.raises(AgentNameError, match="does not take"):
        suggestion_records([doc], LABELS, name)


# and back, through the server


def test_the_web_ui_can_filter_by_function(dataset, docs):
    query = rg.Query(filter=("metadata.labelling_function", "==", "clubs"))
    records = on_server(dataset, function_records(docs, LABELS, ["names", "clubs"]), query)
    assert [record.id for record in records] == ["3/clubs"]


def test_functions_come_back(dataset, docs):
    back = docs_from_records(on_server(dataset, function_records(docs, LABELS, ["names", "clubs"])), docs)
    assert list(back) == [0, 1, 2, 3]
    for index, doc in back.items():
        # Groups without spans have no record.
        expected = {name: spans for name, spans in content(docs[index])[3].items() if spans}
        assert content(doc)[3] == expected
    # Gold is shown, not answered: it would take the records out of sight.
    assert dataset.progress()["completed"] == 0


def test_gold_responses_come_back(dataset, docs):
    annotator = SimulatedAnnotator(dataset._client, dataset.questions["spans"], {})
    back = docs_from_records(on_server(dataset, gold_records(docs, LABELS, user_id=annotator.user_id)), docs)
    assert {index: content(doc)[:3] for index, doc in back.items()} == {
        index: content(doc)[:3] for index, doc in enumerate(docs)
    }
    assert list(dataset.progress(with_users_distribution=True)["users"]) == [SIMULATED_USERNAME]


def test_gold_suggestions_come_back(dataset, docs):
    back = docs_from_records(on_server(dataset, gold_records(docs, LABELS)), docs)
    assert {index: content(doc)[:3] for index, doc in back.items()} == {
        index: content(doc)[:3] for index, doc in enumerate(docs)
    }


def test_awkward_texts_come_back_from_the_server(dataset):
    words = [["\n", "Ann", "  ", "won"], ["\U0001f600", "Ajax", "e\u0301"], ["\u200b", "Ann", "\t"]]
    docs = [Doc(VOCAB, words=each, spaces=[False] * len(each)) for each in words]
    for doc in docs:
        doc.spans["names"] = [Span(doc, 1, 2, "PER")]
    back = docs_from_records(on_server(dataset, suggestion_records(docs, LABELS, "names")), docs)
    assert [content(doc) for doc in back.values()] == [content(doc) for doc in docs]


def test_offsets_are_utf_16_code_units(make_doc, dataset):
    doc = make_doc("\U0001f680\U0001f680 a Ann", [(2, 3, "PER")])
    assert gold_answers([doc]) == {"0": [{"label": "PER", "start": 7, "end": 10}]}
    record = suggestion_records([doc], LABELS, "gold")[0]
    respond(record, [(5, 6, "PER")])
    back = docs_from_records([record], [doc])[0]
    assert [(each.text, each.label_) for each in back.ents] == [("a", "PER")]
    annotator = SimulatedAnnotator(dataset._client, dataset.questions["spans"], gold_answers([doc]))
    annotator.annotate(on_server(dataset, suggestion_records([doc], LABELS, "names")))
    back = docs_from_records(dataset.records(with_responses=True), [doc])[0]
    assert [(each.text, each.label_) for each in back.ents] == [("Ann", "PER")]


def test_a_span_inside_of_an_emoji_is_named(make_doc):
    doc = make_doc("\U0001f680 Ann")
    record = suggestion_records([doc], LABELS, "names")[0]
    respond(record, [(1, 6, "PER")])
    with pytest.raises(MisalignedSpanError, match=r"record '0': '.? Ann' \(PER, 1 to 6\)"):
        docs_from_records([record], [doc])


def respond(record, *answers):
    for spans in answers:
        values = [dict(zip(("start", "end", "label"), each, strict=True)) for each in spans]
        record.responses.add(rg.Response("spans", values, user_id=uuid.uuid4(), status="submitted"))


def test_most_responses_decide_over_all_records_of_a_document(docs):
    records = function_records(docs, LABELS, ["names", "clubs"])
    ajax, oslo = (0, 4, "ORG"), (7, 11, "LOC")
    respond(records[3], [ajax, oslo], [ajax])
    respond(records[4], [oslo, ajax])
    respond(records[0], [], [(0, 3, "PER")])
    back = docs_from_records(records, docs)
    assert [(each.text, each.label_) for each in back[3].ents] == [("Ajax", "ORG"), ("Oslo", "LOC")]
    assert not back[0].has_annotation("ENT_IOB")


def test_drafts_do_not_count(docs):
    record = suggestion_records(docs, LABELS, "clubs")[3]
    record.responses.add(rg.Response("spans", [], user_id=uuid.uuid4(), status="draft"))
    assert not docs_from_records([record], docs)[3].has_annotation("ENT_IOB")


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ((0, 2, "PER"), "'An'"),
        ((1, 3, "PER"), "'nn'"),
        ((0, 4, "PER"), "'Ann '"),
        ((12, 99, "ORG"), "'Ajax'"),
        ((-3, 3, "ORG"), "'Ann'"),
        ((3, 3, "ORG"), "''"),
    ],
)
def test_spans_of_parts_of_tokens_are_named(docs, span, shown):
    record = gold_records(docs, LABELS)[0]
    respond(record, [span])
    with pytest.raises(MisalignedSpanError, match=rf"1 spans are not .*record '0': {shown} "):
        docs_from_records([record], docs)


def test_overlapping_responses_are_named(docs):
    record = gold_records(docs, LABELS)[0]
    respond(record, [(0, 6, "PER"), (4, 6, "ORG")])
    with pytest.raises(OverlappingSpansError, match="Document 0: the spans 'Ann Li'"):
        docs_from_records([record], docs)


def test_records_of_other_documents_are_refused(docs):
    records = gold_records(docs, LABELS)
    with pytest.raises(DocumentMismatchError, match="record '4' has the doc_index 4, and there are 2"):
        docs_from_records(records[4:], docs[:2])
    with pytest.raises(DocumentMismatchError, match="'0' is about 'Ann Li left Ajax', and document 0 is 'R"):
        docs_from_records(records, docs[1:])
    with pytest.raises(DocumentMismatchError, match="doc_index None"):
        docs_from_records([rg.Record(id="x", fields={"text": "Rain"})], docs)


# any document at all

words = st.text(min_size=1, max_size=4)


@st.composite
def annotated_docs(draw):
    tokens = draw(st.lists(words, min_size=1, max_size=8))
    spaces = draw(st.lists(st.booleans(), min_size=len(tokens), max_size=len(tokens)))
    doc = Doc(VOCAB, words=tokens, spaces=spaces)
    for name in draw(st.lists(st.sampled_from(["gold", "names", "clubs"]), unique=True)):
        cuts = draw(st.lists(st.integers(0, len(doc)), max_size=8, unique=True).map(sorted))
        spans = [
            Span(doc, start, end, draw(st.sampled_from(LABELS)))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        if name == "gold":
            doc.set_ents(spans, default="outside")
        else:
            doc.spans[name] = spans
    return doc


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(annotated_docs(), max_size=3))
def test_there_and_back_changes_nothing(docs):
    docs = [doc for doc in docs if doc.text.strip()]
    builders = (
        gold_records(docs, LABELS),
        suggestion_records(docs, LABELS, "names"),
        suggestion_records(docs, LABELS, "clubs"),
    )
    back = docs_from_records([record for records in builders for record in records], docs)
    assert list(back) == list(range(len(docs)))
    assert [content(doc) for doc in back.values()] == [content(doc) for doc in docs]
