import uuid

import pytest

from helpers.annotation import SimulatedAnnotator, create_dataset, log_records
from helpers.ner.records import gold_answers
from helpers.ner.review import review_records, review_settings, reviewed_docs

LABELS = ("PER", "ORG", "LOC")


@pytest.fixture
def docs(make_doc):
    ajax = [(0, 1, "ORG")]
    return [
        make_doc("Ajax won", ajax, model=ajax, clubs=ajax),
        make_doc("Ajax left", ajax, model=ajax, clubs=[], names=[(0, 1, "PER")]),
        make_doc("Rain", [], model=[(0, 1, "LOC")], clubs=[]),
        make_doc("Ajax of Oslo", [(0, 1, "ORG"), (2, 3, "LOC")], model=[], clubs=ajax),
    ]


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    dataset = create_dataset(client, f"review-{uuid.uuid4().hex[:8]}", review_settings(client, LABELS))
    yield dataset
    dataset.delete()


def test_what_only_one_side_finds_is_in_doubt(docs):
    records = review_records(docs, LABELS, "model", ["clubs", "names"])
    assert [(record.id, record.fields["disagreement"]) for record in records] == [
        ("1", "ORG 'Ajax': only model\nPER 'Ajax': only names"),
        ("2", "LOC 'Rain': only model"),
        ("3", "ORG 'Ajax': only clubs"),
    ]
    assert [record.suggestions["spans"].agent for record in records] == ["model"] * 3
    assert [record.suggestions["spans"].value for record in records] == [
        [{"label": "ORG", "start": 0, "end": 4}],
        [{"label": "LOC", "start": 0, "end": 4}],
        [],
    ]


def test_those_in_most_doubt_come_first(docs):
    assert [each.id for each in review_records(docs[::-1], LABELS, "model", ["clubs", "names"], 1)] == ["2"]
    assert review_records(docs, LABELS, "clubs", ["clubs"]) == []


def test_corrected_spans_come_back(dataset, docs):
    log_records(dataset, review_records(docs, LABELS, "model", ["clubs", "names"]))
    annotator = SimulatedAnnotator(dataset._client, dataset.questions["spans"], gold_answers(docs))
    assert reviewed_docs(dataset, docs) == {}
    # In the order that the server gives them, the last stays unanswered.
    *answered, left = dataset.records()
    annotator.annotate(answered)
    reviewed = reviewed_docs(dataset, docs)
    assert list(reviewed) == sorted(int(record.id) for record in answered)
    assert left.id not in map(str, reviewed)
    for index, doc in reviewed.items():
        assert doc is not docs[index]
        assert [(each.text, each.label_) for each in doc.ents] == [
            (each.text, each.label_) for each in docs[index].ents
        ]
