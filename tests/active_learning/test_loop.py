"""The whole loop on a real server, with vectors of two dimensions and people who answer."""

import math
import random
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
    LackingLabelsWarning,
    ScoresError,
    SettingError,
    TooFewLabelsError,
    UnknownLabelError,
    UnknownRecordError,
)
from helpers.active_learning.server import write
from helpers.active_learning.state import AUDIT, AUTO_ACCEPTED, BATCH
from helpers.annotation import (
    MODEL_USERNAME,
    GoldLabelError,
    PersonResponsesWarning,
    RecordsGoneWarning,
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
    return {record.id: record.metadata[BATCH] for record in dataset.records() if BATCH in record.metadata}


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
    assert by_id["n1"].metadata == {"source": "wire", BATCH: 0}


# predictions taken without a person


def started(news, **options) -> ActiveLearning:
    loop = make_loop(news, threshold=0.75, audit_share=0.2, strategy=least_certain, **options)
    loop.begin_with([f"n{i}" for i in range(0, 60, 4)])
    simulated(news).annotate(loop.next_batch().records())
    return loop


def raw_records(dataset: rg.Dataset) -> list[dict]:
    path = f"/api/v1/datasets/{dataset.id}/records"
    params = {"include": ["responses", "suggestions"], "limit": 100}
    return dataset._client.http_client.get(path, params=params).raise_for_status().json()["items"]


def suggestions(dataset: rg.Dataset) -> dict[str, tuple[str, str]]:
    """The value and agent of each record's suggestion."""
    return {
        record["external_id"]: (each["value"], each["agent"])
        for record in raw_records(dataset)
        for each in record["suggestions"]
    }


def test_certain_predictions_are_accepted_and_wait_for_a_person_who_may_correct_them(news, new_person):
    loop = started(news)
    batch = loop.next_batch()
    state = loop.state()
    accepted = ids(state.accepted)
    assert len(accepted) > 10
    assert all(record.accepted == GOLD[record.id] for record in state.accepted)
    assert len(state.labeled) == 15  # Those by persons only.
    suggested = suggestions(news)
    assert {id for id, (_, agent) in suggested.items() if agent == AUTO_ACCEPTED} == set(accepted)
    waiting = [record.id for record in news.records(rg.Query(filter=("status", "==", "pending")))]
    assert set(accepted) <= set(waiting)

    # Every check is kept out, and one of them is asked about, without a suggestion.
    checks = [record for record in state.records if record.audit]
    assert 0 < len(checks) < len(accepted)
    assert not set(ids(checks)) & set(accepted)
    (check,) = [record for record in checks if record.id in batch.ids]
    assert check.id not in suggested
    assert loop.accepted_precision().total == 0
    simulated(news).annotate(batch.records())
    assert (loop.accepted_precision().hits, loop.accepted_precision().total) == (1, 1)

    # What a person says counts, be it another label or the same.
    person = new_person(news)
    corrected, confirmed, drafted = state.accepted[:3]
    other = next(label for label in LABELS if label != corrected.accepted)
    person.answer(corrected.id, other)
    person.answer(confirmed.id, confirmed.accepted)
    person.answer(drafted.id, other, "draft")
    after = loop.state()
    assert set(accepted) - set(ids(after.accepted)) == {corrected.id, confirmed.id}
    labels = {record.id: record.label for record in after.labeled}
    assert (labels[corrected.id], labels[confirmed.id]) == (other, confirmed.accepted)

    # No later batch or acceptance touches them.
    before = suggestions(news)
    while (batch := loop.next_batch(30)) is not None:
        simulated(news).annotate(batch.records())
        assert not set(batch.ids) & set(accepted)
    later = suggestions(news)
    assert {id: later[id] for id in accepted} == {id: before[id] for id in accepted}


def test_an_admin_accepts_the_same_and_hears_by_polling(news, client):
    new = {"username": uuid.uuid4().hex, "first_name": "A", "role": "admin", "password": uuid.uuid4().hex}
    admin = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
    path = f"/api/v1/workspaces/{news.workspace.id}/users"
    client.http_client.post(path, json={"user_id": admin["id"]}).raise_for_status()
    theirs = rg.Argilla(api_url=client.api_url, api_key=admin["api_key"]).datasets(news.name)
    rg.Argilla._set_default(client)
    rounds = started(theirs).run(
        lambda batch: simulated(theirs).annotate(batch.records()), budget=20, wait_s=WAIT_S, interval_s=0.05
    )
    assert rounds[-1].accepted > 10


def test_what_an_earlier_version_accepted_is_read_as_accepted(news, client):
    """It was a response of the user `model`, which is no person's."""
    new = {
        "username": MODEL_USERNAME,
        "first_name": "M",
        "role": "annotator",
        "password": uuid.uuid4().hex,
    }
    user = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
    path = f"/api/v1/workspaces/{news.workspace.id}/users"
    client.http_client.post(path, json={"user_id": user["id"]}).raise_for_status()
    record = next(iter(news.records()))
    record.responses.add(rg.Response("label", "World", user_id=user["id"], status="submitted"))
    log_records(news, [record])
    state = make_loop(news).state()
    assert [(each.id, each.accepted) for each in state.accepted] == [(record.id, "World")]
    assert state.labeled == []


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
    rounds = []
    with pytest.raises(TooFewLabelsError, match="'World' has 0, 'Sports' has 0 of 2"):
        make_loop(few).run(
            lambda batch: [person.answer(record_id, None) for record_id in batch.waiting],
            budget=12,
            wait_s=WAIT_S,
            after_round=rounds.append,
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
    with pytest.raises(SettingError, match=r"text_field is 'body': .* has the text fields \['text'\]"):
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


# other people's work


def suggest(dataset: rg.Dataset, server_id: str, label: str) -> None:
    dataset._client.http_client.put(
        f"/api/v1/records/{server_id}/suggestions",
        json={"question_id": str(label_question(dataset).id), "value": label, "agent": "another"},
    ).raise_for_status()


def test_a_suggestion_of_another_agent_stays(news):
    loop = started(news)
    others = [record for record in loop.state().records if record.batch is None][:30]
    for record in others:
        suggest(news, record.server_id, "Sports")
    batch = loop.next_batch()
    assert suggestions(news).items() >= {record.id: ("Sports", "another") for record in others}.items()
    assert not set(ids(others)) & set(ids(loop.state().accepted))
    assert batch is not None


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_that_others_do_meanwhile(news, new_person, client, seed):
    """Before each request of the loop that reads, somebody changes something."""
    draw = random.Random(seed)
    ann = new_person(news)
    server_ids = dict(ann._ids)
    answers, notes, suggested, busy = {}, {}, {}, []

    def answer(record_id):
        if record_id not in answers:
            label, status = draw.choice([("World", "submitted"), ("Sports", "draft"), (None, "discarded")])
            ann.answer(record_id, label, status)
            answers[record_id] = (label, status)

    def annotate_metadata(record_id):
        path = f"/api/v1/records/{server_ids[record_id]}"
        metadata = client.http_client.get(path).json()["metadata"] or {}
        notes[record_id] = draw.random()
        changed = {"metadata": {**metadata, "note": notes[record_id]}}
        client.http_client.patch(path, json=changed).raise_for_status()

    def suggest_another(record_id):
        suggest(news, server_ids[record_id], "Sports")
        suggested[record_id] = ("Sports", "another")

    def interfere(request):
        reads = request.method == "GET" or request.url.path.endswith("/search")
        if busy or not reads or threading.current_thread() is not threading.main_thread():
            return
        busy.append(request)
        for act in (answer, annotate_metadata, annotate_metadata, suggest_another):
            act(draw.choice(list(server_ids)))
        busy.clear()

    hooks = client.http_client.event_hooks
    client.http_client.event_hooks = {**hooks, "request": [*hooks["request"], interfere]}
    try:
        loop = make_loop(news, threshold=0.6, audit_share=0.3, seed=seed)
        loop.begin_with([f"n{i}" for i in range(0, 60, 10)])
        annotator = simulated(news)
        loop.run(
            lambda batch: annotator.annotate(batch.records()),
            budget=25,
            wait_s=WAIT_S,
            transport="polling",
            interval_s=0.05,
        )
        busy.append("done")
        state = loop.state()
    finally:
        client.http_client.event_hooks = hooks
    theirs = {
        each["external_id"]: (response["values"] and response["values"]["label"]["value"], response["status"])
        for each in raw_records(news)
        for response in each["responses"]
        if response["user_id"] != str(annotator.user_id)
    }
    assert theirs == answers
    metadata = {each["external_id"]: each["metadata"] or {} for each in raw_records(news)}
    assert {id: each["note"] for id, each in metadata.items() if "note" in each} == notes
    assert suggestions(news).items() >= suggested.items()
    assert any(record.batch for record in state.records)
    assert state.accepted or any(record.audit for record in state.records)


# metadata of one's own


def test_own_metadata_may_be_called_batch_and_audit(news):
    own = {"batch": 7, "audit": "a remark"}
    log_records(news, [rg.Record(id=id, fields={"text": text}, metadata=own) for id, text in texts(news)])
    batch = make_loop(news).next_batch()
    assert (batch.number, len(batch.waiting)) == (0, 6)
    (record, *_) = batch.records()
    assert record.metadata == own | {BATCH: 0}


def texts(dataset: rg.Dataset) -> list[tuple[str, str]]:
    return [(record.id, record.fields["text"]) for record in dataset.records()]


@pytest.mark.parametrize("metadata", [{BATCH: 7}, {AUDIT: "a remark"}])
def test_values_that_the_loop_has_not_written_are_refused(news, metadata):
    log_records(news, [rg.Record(id="n1", fields={"text": "3"}, metadata=metadata)])
    with pytest.raises(SettingError, match=rf"{next(iter(metadata))}.*under another"):
        make_loop(news).next_batch()


def test_a_dataset_without_the_metadata_of_the_loop_is_refused(client):
    settings = rg.Settings(
        fields=[rg.TextField("text"), rg.ChatField("chat", required=False)],
        questions=[rg.LabelQuestion("label", labels=LABELS)],
        metadata=[rg.TermsMetadataProperty(BATCH)],
    )
    dataset = create_dataset(client, f"own-{uuid.uuid4().hex[:8]}", settings)
    with pytest.raises(SettingError, match=f"no metadata property '{BATCH}' of the type Integer"):
        make_loop(dataset).next_batch()
    with pytest.raises(SettingError, match=r"has the text fields \['text'\]"):
        make_loop(dataset, text_field="chat")


def test_a_record_that_was_deleted_meanwhile_is_left_out(news, client):
    loop = make_loop(news)
    state = loop.state()
    path = f"/api/v1/records/{state.records[0].server_id}"
    client.http_client.delete(path).raise_for_status()
    changes = [{"id": record.server_id, "metadata": {BATCH: 0}} for record in state.records[:2]]
    with pytest.warns(RecordsGoneWarning):
        write(news, changes)
    assert asked(news) == {"n1": 0}


def test_a_first_batch_that_was_deleted_leaves_the_others(news):
    annotator, loop = simulated(news), make_loop(news)
    loop.run(lambda batch: annotator.annotate(batch.records()), budget=11, wait_s=WAIT_S)
    news.records.delete([record for record in news.records() if record.metadata.get(BATCH) == 0])
    assert make_loop(news).next_batch().number == 2


# labels without examples


@pytest.fixture
def make_three_way(client):
    """Texts of World and Sports in a dataset that asks about Weather, too."""

    def make(n_texts: int = 60, **options) -> tuple[rg.Dataset, ActiveLearning]:
        labels = [*LABELS, "Weather"]
        name = f"absent-{uuid.uuid4().hex[:8]}"
        dataset = create_dataset(client, name, active_learning_settings(client, labels))
        angles = ANGLES[:: 60 // n_texts]
        log_records(dataset, [rg.Record(id=f"n{a // 3}", fields={"text": str(a)}) for a in angles])
        embeddings = Embeddings(encode)
        return dataset, ActiveLearning(
            dataset, ClassyLearner(embeddings, labels), embeddings, start_size=6, threshold=0.6, **options
        )

    return make


def run_simulated(dataset: rg.Dataset, loop: ActiveLearning, budget: int) -> list:
    annotator = simulated(dataset)
    return loop.run(
        lambda batch: annotator.annotate(batch.records()),
        budget=budget,
        wait_s=WAIT_S,
        transport="polling",
        interval_s=0.05,
    )


def test_a_label_that_never_occurs_is_not_waited_for_without_end(make_three_way, capsys):
    dataset, loop = make_three_way()
    message = (
        r"With 21 labels .* 'Weather' has 0 of 2 examples\. The learner never predicts .* leave out a label"
    )
    with pytest.warns(LackingLabelsWarning, match=message):
        rounds = run_simulated(dataset, loop, 21)
    assert [(each.labels, each.probabilities is not None) for each in rounds] == [
        (6, False),
        (11, False),
        (16, True),
        (21, True),
    ]
    assert {tuple(each.lacking.items()) for each in rounds} == {(("Weather", 0),)}
    assert "'Weather' has 0 of 2 examples" in capsys.readouterr().err
    assert rounds[-1].probabilities[:, 2].tolist() == [0] * 60
    assert rounds[-1].accepted == 0  # The scores know nothing of the weather.
    assert rounds[-1].agreement > 0.8


@pytest.mark.parametrize(("n_texts", "budget"), [(60, 8), (10, 40)])
def test_with_the_last_answers_it_learns_from_the_labels_that_have_examples(make_three_way, n_texts, budget):
    """The budget is used up, or nothing is left to ask."""
    dataset, loop = make_three_way(n_texts, least_per_label=5)
    with pytest.warns(LackingLabelsWarning, match="'Weather' has 0 of 5"):
        rounds = run_simulated(dataset, loop, budget)
    assert [each.probabilities is not None for each in rounds] == [False, True]


def test_one_label_teaches_nothing_and_the_others_are_named(news, new_person):
    person = new_person(news)
    loop = make_loop(news, least_per_label=3)
    rounds = []
    with pytest.raises(TooFewLabelsError, match=r"'Sports' has 0 of 3 examples\. Nothing was learned"):
        loop.run(
            lambda batch: [person.answer(id, "World") for id in batch.waiting],
            budget=16,
            wait_s=WAIT_S,
            after_round=rounds.append,
        )
    assert [each.probabilities for each in rounds] == [None] * 3
    assert [dict(each.lacking) for each in rounds] == [{"Sports": 0}] * 3


def test_scores_that_are_no_numbers_are_refused(news):
    loop = started(news)
    loop.learner.predict_proba = lambda texts: np.full((len(texts), 2), np.nan)
    with pytest.raises(ScoresError, match=r"\[nan, nan\] as scores of the text '0'"):
        loop.next_batch()
