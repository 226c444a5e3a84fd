import uuid
from collections import Counter

import argilla as rg
import pytest

from helpers.annotation import (
    SIMULATED_USERNAME,
    GoldLabelError,
    ResponseRefusedError,
    SimulatedAnnotator,
    create_dataset,
    log_records,
)

LABELS = ["PER", "ORG", "LOC"]
TEXTS = ["Ann left Ajax", "Rain", "Oslo"]


def span(start: int, end: int, label: str) -> dict[str, object]:
    return {"label": label, "start": start, "end": end}


GOLD = {"0": [span(0, 3, "PER"), span(9, 13, "ORG")], "1": [], "2": [span(0, 4, "LOC")]}


def settings(client, labels=LABELS):
    question = rg.SpanQuestion("spans", field="text", labels=list(labels), client=client)
    return rg.Settings(fields=[rg.TextField("text", client=client)], questions=[question])


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    dataset = create_dataset(client, f"spans-{uuid.uuid4().hex[:8]}", settings(client))
    log_records(dataset, [rg.Record(id=str(i), fields={"text": text}) for i, text in enumerate(TEXTS)])
    yield dataset
    dataset.delete()


def annotator(dataset, gold=GOLD, **options):
    return SimulatedAnnotator(dataset._client, dataset.questions["spans"], gold, **options)


def test_it_answers_with_the_gold_spans_as_a_user_of_its_own(dataset):
    assert annotator(dataset).annotate(dataset.records()) == 3
    given = {record.id: record.responses["spans"] for record in dataset.records(with_responses=True)}
    assert {record_id: [each.value for each in found] for record_id, found in given.items()} == {
        record_id: [spans] for record_id, spans in GOLD.items()
    }
    assert list(dataset.progress(with_users_distribution=True)["users"]) == [SIMULATED_USERNAME]
    assert annotator(dataset).annotate(dataset.records()) == 0


def test_a_wrong_answer_drops_or_relabels_one_span(dataset):
    right = [span(0, 3, "PER"), span(9, 13, "ORG")]
    gold = {str(i): right for i in range(2000)}
    wrong = annotator(dataset, gold, error_rate=1.0)
    kinds = Counter(
        tuple(sorted((each["start"], each["label"]) for each in wrong.answer(record_id)))
        for record_id in gold
    )
    first, second = (0, "PER"), (9, "ORG")
    assert {kind: n for kind, n in kinds.items() if len(kind) == 1} == {
        (first,): pytest.approx(500, abs=80),
        (second,): pytest.approx(500, abs=80),
    }
    assert {kind: n for kind, n in kinds.items() if len(kind) == 2} == {
        ((0, label), second): pytest.approx(250, abs=60) for label in ("ORG", "LOC")
    } | {(first, (9, label)): pytest.approx(250, abs=60) for label in ("PER", "LOC")}
    assert right == [span(0, 3, "PER"), span(9, 13, "ORG")]


def test_wrong_answers_come_at_the_rate_and_by_seed_and_record_alone(dataset):
    gold = {str(i): GOLD["0"] for i in range(2000)}
    first, same = (annotator(dataset, gold, error_rate=0.3, seed=1) for _ in range(2))
    answers = {record_id: first.answer(record_id) for record_id in gold}
    assert sum(answer != GOLD["0"] for answer in answers.values()) == pytest.approx(600, abs=70)
    assert answers == {record_id: same.answer(record_id) for record_id in reversed(gold)}
    other = annotator(dataset, gold, error_rate=0.3, seed=2)
    assert answers != {record_id: other.answer(record_id) for record_id in gold}


def test_without_spans_there_is_nothing_to_get_wrong(dataset):
    assert annotator(dataset, error_rate=1.0).answer("1") == []


def test_with_one_label_a_span_is_dropped(local_argilla):
    question = settings(local_argilla.client, ["ORG"]).questions[0]
    gold = {str(i): [span(0, 4, "ORG")] for i in range(50)}
    wrong = SimulatedAnnotator(local_argilla.client, question, gold, error_rate=1.0)
    assert all(wrong.answer(record_id) == [] for record_id in gold)


def test_gold_is_checked(dataset):
    with pytest.raises(GoldLabelError, match="record '2' is 'CITY', not one of"):
        annotator(dataset, {"2": [span(0, 4, "CITY")]})
    for odd in ("PER", [{"label": "PER"}], float("nan"), [("PER", 0, 3)]):
        with pytest.raises(GoldLabelError, match=r"gold of record '2' is .*, no list of"):
            annotator(dataset, {"2": odd})
    with pytest.raises(GoldLabelError, match="no gold label for record '1'"):
        annotator(dataset, {"0": []}).annotate(dataset.records())


def test_spans_that_the_server_refuses(dataset):
    with pytest.raises(ResponseRefusedError, match=r"record '2' \(status 422\).*end"):
        annotator(dataset, GOLD | {"2": [span(0, 40, "LOC")]}).annotate(dataset.records())
