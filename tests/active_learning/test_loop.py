"""The whole loop on a real server, with vectors of two dimensions and people who answer."""

import math
import threading
import time
import uuid

import argilla as rg
import numpy as np
import pytest

from helpers.active_learning import (
    ActiveLearning,
    ClassyLearner,
    Embeddings,
    StablePredictions,
    active_learning_settings,
    at_random,
    least_certain,
)
from helpers.active_learning.errors import (
    BatchUnfinishedError,
    DatasetDeletedError,
    SettingError,
    UnknownLabelError,
    UnknownRecordError,
)
from helpers.annotation import (
    MODEL_USERNAME,
    GoldLabelError,
    PersonResponsesWarning,
    SimulatedAnnotator,
    create_dataset,
    label_question,
    log_records,
)

LABELS = ["World", "Sports"]
ANGLES = [3 * position for position in range(60)]
"""The texts are angles from 0 to 177 degrees; below 90 they are World."""

WAIT_S = 30.0
GOLD = {f"n{i}": LABELS[angle >= 90] for i, angle in enumerate(ANGLES)}


def encode(texts):
    radians = [math.radians(float(text)) for text in texts]
    return np.array([[math.cos(each), math.sin(each)] for each in radians], dtype=np.float32)


@pytest.fixture
def news(make_dataset) -> rg.Dataset:
    return make_dataset([str(angle) for angle in ANGLES])


def make_loop(dataset: rg.Dataset, **options) -> ActiveLearning:
    embeddings = Embeddings(encode)
    options = {"start_size": 6, "threshold": 2, **options}
    return ActiveLearning(dataset, ClassyLearner(embeddings, LABELS), embeddings, **options)


def simulated(dataset: rg.Dataset, **options) -> SimulatedAnnotator:
    return SimulatedAnnotator(dataset._client, label_question(dataset), GOLD, **options)


def asked(dataset: rg.Dataset) -> dict[str, int]:
    return {record.id: record.metadata["batch"] for record in dataset.records() if "batch" in record.metadata}


def ids(records) -> list[str]:
    return [record.id for record in records]


# the loop


def test_runs_on_webhooks_and_chooses_the_same_by_polling(news, make_dataset):
    annotator = simulated(news)

    def ask(batch):
        annotator.annotate(batch.records())

    loop = make_loop(news)
    rounds = loop.run(ask, budget=16, wait_s=WAIT_S, interval_s=0.05)
    assert loop.transport == "webhook"
    assert [(each.batch, len(each.asked), each.labels) for each in rounds] == [
        (0, 6, 6),
        (1, 5, 11),
        (2, 5, 16),
    ]
    assert asked(news) == {each: number.batch for number in rounds for each in number.asked}
    assert all(each.probabilities.shape == (60, 2) for each in rounds)
    assert rounds[0].agreement is None
    assert rounds[-1].agreement > 0.8

    other = make_dataset([str(angle) for angle in ANGLES])
    by_polling = make_loop(other)
    again = by_polling.run(
        lambda batch: simulated(other).annotate(batch.records()),
        budget=16,
        wait_s=WAIT_S,
        transport="polling",
        interval_s=0.05,
    )
    assert by_polling.transport == "polling"
    assert [each.asked for each in again] == [each.asked for each in rounds]


def test_nothing_is_asked_of_the_server_while_it_waits(news, requests, new_person):
    """By webhooks, the requests during a wait are those of the annotator; a poller would add its own."""
    person = new_person(news)
    during = []

    def answer(waiting):
        time.sleep(0.5)
        requests.clear()
        for record_id in waiting[:-1]:
            person.answer(record_id, GOLD[record_id])
            time.sleep(0.1)
        during.extend(requests)
        person.answer(waiting[-1], GOLD[waiting[-1]])

    def ask(batch):
        threading.Thread(target=answer, args=(batch.waiting,)).start()

    make_loop(news).run(ask, budget=6, wait_s=WAIT_S, interval_s=0.01)
    assert [(method, path.rsplit("/", 1)[-1]) for method, path in during] == [("POST", "responses")] * 5


def test_interrupted_anywhere_it_goes_on_where_it_was(news):
    annotator = simulated(news)

    def interrupted(batch):
        annotator.annotate(batch.records()[:3] if batch.number == 1 else batch.records())
        if batch.number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_loop(news).run(interrupted, budget=21, wait_s=WAIT_S)
    before = asked(news)
    batches = []

    def ask(batch):
        batches.append((batch.number, len(batch.waiting)))
        annotator.annotate(batch.records())

    rounds = make_loop(news).run(ask, budget=21, wait_s=WAIT_S, stop=StablePredictions(threshold=1.1))
    assert batches == [(1, 2), (2, 5), (3, 5)]
    assert before.items() <= asked(news).items()
    assert rounds[0].agreement is not None  # With round 0, whose predictions were made again.
    used_up = make_loop(news).run(ask, budget=21, wait_s=WAIT_S)
    assert [(each.batch, each.asked, each.labels) for each in used_up] == [
        (3, rounds[-1].asked, rounds[-1].labels)
    ]


def test_stops_when_predictions_are_stable(news):
    annotator = simulated(news)
    rounds = make_loop(news).run(
        lambda batch: annotator.annotate(batch.records()),
        budget=60,
        wait_s=WAIT_S,
        stop=StablePredictions(threshold=0.5, window=1),
    )
    assert [each.batch for each in rounds] == [0, 1]


def test_the_first_batch_may_be_given(news):
    loop = make_loop(news)
    loop.begin_with(["n0", "n59"])
    loop.begin_with(["n5"])  # There is one: nothing happens.
    assert asked(news) == {"n0": 0, "n59": 0}
    assert loop.next_batch().waiting == ("n0", "n59")
    with pytest.raises(UnknownRecordError, match="'x9'"):
        loop.begin_with(["x9"])


def test_suggestions_come_with_scores_and_metadata_stay(news):
    log_records(news, [rg.Record(id="n1", fields={"text": "3"}, metadata={"source": "wire"})])
    loop = make_loop(news, strategy=at_random)
    loop.begin_with(["n0", "n1", "n58", "n59"])
    simulated(news).annotate(loop.next_batch().records())
    batch = loop.next_batch()
    by_id = {record.id: record for record in news.records(with_suggestions=True)}
    for record_id in batch.ids:
        suggestion = by_id[record_id].suggestions["label"]
        assert suggestion.agent == "ClassyLearner"
        assert 0.5 <= suggestion.score <= 1
    assert by_id["n1"].metadata == {"source": "wire", "batch": 0}


# predictions taken without a person


def started(news, **options) -> ActiveLearning:
    loop = make_loop(news, threshold=0.75, audit_share=0.2, strategy=least_certain, **options)
    loop.begin_with([f"n{i}" for i in range(0, 60, 4)])
    simulated(news).annotate(loop.next_batch().records())
    return loop


def test_certain_predictions_are_accepted_in_the_name_of_model(news, client):
    loop = started(news)
    batch = loop.next_batch()
    state = loop.state()
    assert len(state.accepted) > 10
    assert all(record.accepted == GOLD[record.id] for record in state.accepted)
    assert len(state.labeled) == 15  # Those by persons only.
    users = {user.id: user.username for user in client.users}
    for record in news.records():
        by = [users[response.user_id] for response in record.responses["label"]]
        assert by in ([], ["simulated"], [MODEL_USERNAME])
        assert (by == [MODEL_USERNAME]) == (record.id in ids(state.accepted))

    # Every check is kept out, and one of them is asked about, without a suggestion.
    checks = [record for record in state.records if record.audit]
    assert 0 < len(checks) < len(state.accepted)
    assert not set(ids(checks)) & set(ids(state.accepted))
    (check,) = [record for record in checks if record.id in batch.ids]
    assert not list(next(r for r in news.records(with_suggestions=True) if r.id == check.id).suggestions)
    assert loop.accepted_precision().total == 0
    simulated(news).annotate(batch.records())
    assert (loop.accepted_precision().hits, loop.accepted_precision().total) == (1, 1)

    # A person's label counts more than an accepted one.
    accepted = state.accepted[0]
    simulated(news, error_rate=1).annotate([r for r in news.records() if r.id == accepted.id])
    corrected = next(record for record in loop.state().records if record.id == accepted.id)
    assert corrected.label != corrected.accepted == accepted.accepted
    assert accepted.id not in ids(loop.state().accepted)


def test_where_the_key_may_not_create_users_a_suggestion_says_so(news, client):
    new = {"username": uuid.uuid4().hex, "first_name": "A", "role": "admin", "password": uuid.uuid4().hex}
    admin = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
    path = f"/api/v1/workspaces/{news.workspace.id}/users"
    client.http_client.post(path, json={"user_id": admin["id"]}).raise_for_status()
    theirs = rg.Argilla(api_url=client.api_url, api_key=admin["api_key"]).datasets(news.name)
    rg.Argilla._set_default(client)

    loop = started(theirs)
    batch = loop.next_batch()
    accepted = ids(loop.state().accepted)
    assert len(accepted) > 10
    agents = {r.id: r.suggestions["label"].agent for r in news.records() if list(r.suggestions)}
    assert {record_id for record_id in agents if agents[record_id] == "auto-accepted"} == set(accepted)
    assert not set(batch.ids) & set(accepted)
    # Such a key hears of answers by polling.
    rounds = loop.run(
        lambda batch: simulated(theirs).annotate(batch.records()), budget=20, wait_s=WAIT_S, interval_s=0.05
    )
    assert loop.transport == "polling"
    assert rounds[-1].accepted >= len(accepted)


def test_a_dataset_with_accepted_labels_can_be_recreated(news, recwarn):
    started(news).next_batch()
    created = create_dataset(news._client, news.name, news.settings, recreate=True)
    assert created.id != news.id
    assert not [each for each in recwarn if each.category is PersonResponsesWarning]


# bad input


def test_a_discarded_record_counts_towards_its_batch(news, new_person):
    person = new_person(news)

    def ask(batch):
        for position, record_id in enumerate(batch.waiting):
            person.answer(record_id, None if position % 2 and batch.number else GOLD[record_id])

    rounds = make_loop(news).run(ask, budget=12, wait_s=WAIT_S)
    assert [(each.labels, each.discarded) for each in rounds] == [(6, 0), (9, 2), (11, 3), (12, 3)]


def test_an_annotator_who_discards_all_uses_the_pool_up(make_dataset, new_person):
    few = make_dataset([str(angle) for angle in range(0, 180, 20)])
    person = new_person(few)
    rounds = make_loop(few).run(
        lambda batch: [person.answer(record_id, None) for record_id in batch.waiting],
        budget=12,
        wait_s=WAIT_S,
    )
    assert [(each.labels, each.discarded, each.probabilities) for each in rounds] == [
        (0, 6, None),
        (0, 9, None),
    ]


def test_two_annotators_who_disagree(news, new_person):
    loop = make_loop(news)
    loop.begin_with(["n0", "n1", "n2"])
    ann, bob, eve = (new_person(news) for _ in range(3))
    for record_id in ("n0", "n1", "n2"):
        ann.answer(record_id, "World")
        bob.answer(record_id, "Sports" if record_id != "n2" else None)
    eve.answer("n1", "Sports")
    state = loop.state()
    assert {record.id: record.label for record in state.labeled} == {"n1": "Sports", "n2": "World"}
    assert [record.id for record in state.records if record.is_disputed] == ["n0"]
    assert state.waiting(0) == []


def test_a_label_outside_the_schema(news, new_person, client):
    person = new_person(news)
    loop = make_loop(news)
    loop.begin_with(["n0"])
    refused = person.answer("n0", "Weather")
    assert refused.status_code == 422
    assert loop.state().waiting(0)[0].id == "n0"  # Nothing is stored, the record still waits.
    with pytest.raises(GoldLabelError, match="'Weather'"):
        SimulatedAnnotator(client, label_question(news), {"n0": "Weather"})
    embeddings = Embeddings(encode)
    with pytest.raises(UnknownLabelError, match="Weather"):
        ActiveLearning(news, ClassyLearner(embeddings, [*LABELS, "Weather"]), embeddings)


def test_a_batch_that_is_never_finished(news, new_person):
    person = new_person(news)
    loop = make_loop(news)
    loop.begin_with(["n0", "n1"])
    with pytest.raises(BatchUnfinishedError, match="nobody has answered n1 of batch 0") as caught:
        loop.run(lambda batch: person.answer("n0", "World"), budget=10, wait_s=1)
    assert "Nothing is lost" in str(caught.value)
    assert loop.next_batch().waiting == ("n1",)


def test_a_deleted_dataset(news):
    loop = make_loop(news)
    with pytest.raises(DatasetDeletedError, match=news.name):
        loop.run(lambda batch: news.delete(), budget=10, wait_s=WAIT_S)
    with pytest.raises(DatasetDeletedError):
        loop.next_batch()


def test_settings_outside_their_range(news):
    for wrong in ({"batch_size": 0}, {"start_size": 0}, {"threshold": 0}, {"audit_share": 1.5}):
        with pytest.raises(SettingError):
            make_loop(news, **wrong)
    with pytest.raises(SettingError, match=r"text_field is 'body': .* has the fields \['text'\]"):
        make_loop(news, text_field="body")


def test_records_may_be_added_between_runs(news):
    gold = GOLD | {"m1": "World", "m91": "Sports"}
    annotator, loop = SimulatedAnnotator(news._client, label_question(news), gold), make_loop(news)

    def ask(batch):
        annotator.annotate(batch.records())

    loop.run(ask, budget=11, wait_s=WAIT_S)
    more = [rg.Record(id=f"m{angle}", fields={"text": str(angle)}) for angle in (1, 91)]
    log_records(news, more)
    rounds = loop.run(ask, budget=16, wait_s=WAIT_S)
    assert rounds[-1].probabilities.shape == (62, 2)
    assert rounds[-1].agreement > 0.8


def test_checks_are_drawn_apart_from_the_errors_of_a_simulated_annotator(news):
    """Of the same seed, so that the same draw would let every check fall on a wrong answer."""
    annotator = simulated(news, error_rate=0.3)
    loop = make_loop(news, threshold=0.6, audit_share=0.3)
    loop.run(lambda batch: annotator.annotate(batch.records()), budget=30, wait_s=WAIT_S)
    wrong = {record_id for record_id in GOLD if annotator.answer(record_id) != GOLD[record_id]}
    checks = {record.id for record in loop.state().records if record.audit is not None}
    assert checks
    assert not checks <= wrong


def test_an_answer_to_another_question_is_no_label(client):
    settings = active_learning_settings(client, LABELS)
    settings.questions.add(rg.TextQuestion("note", client=client))
    settings.questions["label"].required = False
    dataset = create_dataset(client, f"two-questions-{uuid.uuid4().hex[:8]}", settings)
    log_records(dataset, [rg.Record(id="n0", fields={"text": "3"})])
    (record,) = dataset.records()
    answer = {"values": {"note": {"value": "An angle"}}, "status": "submitted"}
    path = f"/api/v1/records/{record._server_id}/responses"
    client.http_client.post(path, json=answer).raise_for_status()
    assert make_loop(dataset).state().labeled == []
