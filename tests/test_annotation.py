import http.server
import json
import socket
import threading
import uuid
from contextlib import contextmanager

import argilla as rg
import pandas as pd
import pytest

from helpers.annotation import (
    SIMULATED_USERNAME,
    AnsweredRecordError,
    DuplicatedRecordIdError,
    ErrorRateError,
    GoldLabelError,
    MissingKeyError,
    NobodyAnsweredError,
    NoServerError,
    NotArgillaError,
    NotPermittedError,
    PersonResponsesWarning,
    QuestionNotFoundError,
    RecordRefusedError,
    RemoteArgilla,
    ResponseRefusedError,
    SettingsConflictError,
    SimulatedAnnotator,
    UnsupportedQuestionError,
    WorkspaceNotFoundError,
    WrongKeyError,
    agreed_answers,
    connect,
    create_dataset,
    label_question,
    log_records,
    records_by_id,
    text_classification_settings,
    wait_for_responses,
)
from helpers.errors import ValuesError
from helpers.weak_supervision import ABSTAIN, Rule, WeakLabels

LABELS = ["World", "Sports", "Business"]
TEXTS = ["The game of the year", "Money over war", "A quiet day"]
GOLD = {"0": "Sports", "1": "Business", "2": "World"}


@contextmanager
def served(content_type: str, body: str):
    """A little HTTP server that answers everything alike."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_remote(monkeypatch):
    for name in ("ARGILLA_API_URL", "ARGILLA_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def name():
    return f"news-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def settings(client):
    return text_classification_settings(client, LABELS, guidelines="What is the news about?")


def records(n: int = len(TEXTS)) -> list[rg.Record]:
    return [rg.Record(id=str(i), fields={"text": TEXTS[i % len(TEXTS)]}) for i in range(n)]


@pytest.fixture
def dataset(client, name, settings):
    dataset = create_dataset(client, name, settings)
    log_records(dataset, records())
    return dataset


@pytest.fixture
def as_role(client):
    """Make a user of a role, and return a client with that user's key."""

    def make(role: str) -> rg.Argilla:
        new = {"username": uuid.uuid4().hex, "first_name": role, "role": role, "password": uuid.uuid4().hex}
        user = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
        workspace = client.workspaces.default
        client.http_client.post(f"/api/v1/workspaces/{workspace.id}/users", json={"user_id": user["id"]})
        other = rg.Argilla(api_url=client.api_url, api_key=user["api_key"])
        rg.Argilla._set_default(client)
        return other

    return make


def answer_as_person(client: rg.Argilla, record: rg.Record, label: str, status: str = "submitted") -> None:
    client.http_client.post(
        f"/api/v1/records/{record._server_id}/responses",
        json={"values": {"label": {"value": label}}, "status": status},
    ).raise_for_status()


def answers(dataset: rg.Dataset) -> dict[str, list[str]]:
    return {record.id: [each.value for each in record.responses["label"]] for record in dataset.records()}


# connect


def test_a_url_without_a_key(monkeypatch):
    monkeypatch.setenv("ARGILLA_API_URL", "http://127.0.0.1:6900")
    with pytest.raises(MissingKeyError, match="ARGILLA_API_KEY is not set"):
        connect()


@pytest.mark.parametrize(
    "url",
    [f"http://127.0.0.1:{free_port()}", "127.0.0.1:6900", "http://", "http://a b"],
    ids=["a free port", "no scheme", "no host", "a space"],
)
def test_nothing_answers(monkeypatch, url):
    monkeypatch.setenv("ARGILLA_API_URL", url)
    monkeypatch.setenv("ARGILLA_API_KEY", "secret")
    with pytest.raises(NoServerError) as error:
        connect()
    assert url.rstrip("/") in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("content_type", "body", "what"),
    [
        ("text/html", "<h1>A shop</h1>", "no Argilla"),
        ("application/json", json.dumps(["version"]), "no Argilla"),
        ("application/json", json.dumps({"version": "1.29.1"}), "Argilla 1.29.1, not 2"),
    ],
)
def test_something_else_answers(monkeypatch, content_type, body, what):
    monkeypatch.setenv("ARGILLA_API_KEY", "secret")
    with served(content_type, body) as url:
        monkeypatch.setenv("ARGILLA_API_URL", url)
        with pytest.raises(NotArgillaError, match=what) as error:
            connect()
    assert url in str(error.value)
    assert "secret" not in str(error.value)


def test_a_wrong_key(monkeypatch, local_argilla):
    monkeypatch.setenv("ARGILLA_API_URL", local_argilla.url)
    monkeypatch.setenv("ARGILLA_API_KEY", "secret")
    with pytest.raises(WrongKeyError, match=local_argilla.url) as error:
        connect()
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["s\u00e9cret", "secret\n"])
def test_a_key_that_cannot_be_one(monkeypatch, local_argilla, key):
    monkeypatch.setenv("ARGILLA_API_URL", local_argilla.url)
    monkeypatch.setenv("ARGILLA_API_KEY", key)
    with pytest.raises(WrongKeyError, match="characters that no key has") as error:
        connect()
    assert "cret" not in str(error.value)


def test_the_argilla_of_the_environment(monkeypatch, local_argilla, capsys):
    monkeypatch.setenv("ARGILLA_API_URL", local_argilla.url + "/")
    monkeypatch.setenv("ARGILLA_API_KEY", local_argilla.client.api_key)
    with connect() as argilla:
        assert isinstance(argilla, RemoteArgilla)
        assert argilla.client.me.username == local_argilla.username
        argilla.show()
    shown = capsys.readouterr().out
    assert argilla.url in shown
    assert local_argilla.client.api_key not in shown


def test_without_a_url_the_embedded_argilla_is_used(local_argilla):
    with connect(local_argilla.home) as argilla:
        assert argilla.url == local_argilla.url


# datasets


def test_a_dataset_is_made_and_continued(client, name, settings, dataset):
    log_records(dataset, records())
    again = create_dataset(client, name, settings)
    assert again.id == dataset.id
    assert len(list(again.records())) == len(TEXTS)
    assert label_question(again).labels == LABELS


def test_logging_takes_batches_and_shows_its_progress(client, name, settings, capfd):
    dataset = create_dataset(client, name, settings)
    log_records(dataset, records(7), batch_size=3)
    assert len(list(dataset.records())) == 7
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "7/7" in shown.err
    assert "Sending records" not in shown.err


def test_two_records_of_one_id(dataset):
    with pytest.raises(DuplicatedRecordIdError, match="'0'"):
        log_records(dataset, [*records(), *records(1)])


def test_metadata_stay_where_a_record_brings_none(client, name, settings):
    dataset = create_dataset(client, name, settings)
    log_records(dataset, [rg.Record(id="0", fields={"text": "a"}, metadata={"split": "test"})])
    log_records(dataset, [rg.Record(id="0", fields={"text": "b"})])
    (record,) = dataset.records()
    assert (record.fields["text"], dict(record.metadata)) == ("b", {"split": "test"})
    del record.metadata["split"]
    log_records(dataset, [record])
    assert [dict(record.metadata) for record in dataset.records()] == [{}]


def test_an_answered_text_is_not_exchanged(client, name, settings, dataset):
    SimulatedAnnotator(client, label_question(dataset), GOLD).annotate(list(dataset.records())[:1])
    log_records(dataset, records())  # the same texts
    other = [rg.Record(id=record.id, fields={"text": "Another day"}) for record in records()]
    with pytest.raises(AnsweredRecordError, match=f"'0' of the dataset '{name}' has an .*'Another day'"):
        log_records(dataset, other)
    log_records(dataset, other[1:])
    assert [record.fields["text"] for record in dataset.records()] == [TEXTS[0], "Another day", "Another day"]


def test_records_are_found_by_any_number_of_ids(dataset):
    log_records(dataset, records(300))
    wanted = [str(i) for i in range(299)]
    assert sorted(record.id for record in records_by_id(dataset, wanted)) == sorted(wanted)
    assert list(records_by_id(dataset, [])) == []
    assert [record.id for record in records_by_id(dataset, ["7", "no"], ("status", "==", "pending"))] == ["7"]


def test_an_answer_is_what_most_people_submitted(as_role, dataset):
    ann, bob, cleo = (as_role("annotator") for _ in range(3))
    agreed, tied, open_ = sorted(dataset.records(), key=lambda record: record.id)
    for person, label in ((ann, "World"), (bob, "Sports"), (cleo, "World")):
        answer_as_person(person, agreed, label)
    answer_as_person(ann, tied, "World")
    answer_as_person(bob, tied, "Sports")
    answer_as_person(ann, open_, "World", status="draft")
    answer_as_person(bob, open_, "World", status="discarded")
    assert agreed_answers(dataset, ["0", "1", "2"], "label") == {"0": "World"}
    assert agreed_answers(dataset, ["1"], "label") == {}


def test_waiting_for_some_answers_or_all(client, dataset, capfd):
    SimulatedAnnotator(client, label_question(dataset), GOLD).annotate(list(dataset.records())[:2])
    wait_for_responses(dataset, list(GOLD), 0, enough=2)
    wait_for_responses(dataset, list(GOLD), 0, enough=1)
    shown = capfd.readouterr().err
    assert "1/1" in shown
    assert "/?" not in shown
    with pytest.raises(NobodyAnsweredError, match="1 of 3 records have no answer"):
        wait_for_responses(dataset, list(GOLD), 0)


def test_recreating_a_dataset_forgets_simulated_answers(client, name, settings, dataset):
    SimulatedAnnotator(client, label_question(dataset), GOLD).annotate(dataset.records())
    again = create_dataset(client, name, settings, recreate=True)
    assert again.id != dataset.id
    assert list(again.records()) == []


def test_recreating_never_deletes_what_a_person_answered(client, as_role, name, settings, dataset):
    person = as_role("annotator")
    answer_as_person(person, next(iter(dataset.records())), "World")
    with pytest.warns(PersonResponsesWarning, match=person.me.username):
        again = create_dataset(client, name, settings, recreate=True)
    assert again.id == dataset.id
    assert answers(again)["0"] == ["World"]


def test_other_settings_are_a_conflict_unless_recreated(client, name, dataset):
    other = text_classification_settings(client, [*LABELS, "Weather"])
    with pytest.raises(SettingsConflictError, match=r"questions are .*Weather.*recreate=True"):
        create_dataset(client, name, other)
    assert label_question(create_dataset(client, name, other, recreate=True)).labels == [*LABELS, "Weather"]


def test_other_settings_are_a_conflict_where_a_person_answered(client, as_role, name, dataset):
    answer_as_person(as_role("annotator"), next(iter(dataset.records())), "World")
    with pytest.raises(SettingsConflictError):
        create_dataset(client, name, text_classification_settings(client, ["a", "b"]), recreate=True)


def test_missing_metadata_is_a_conflict(client, name, dataset, settings):
    settings.metadata.add(rg.FloatMetadataProperty("score"))
    with pytest.raises(SettingsConflictError, match="metadata 'score' is not there"):
        create_dataset(client, name, settings)


def test_a_half_made_dataset_is_made_again(client, name, settings):
    workspace = client.workspaces.default
    client.http_client.post(
        "/api/v1/datasets", json={"name": name, "workspace_id": str(workspace.id)}
    ).raise_for_status()
    dataset = create_dataset(client, name, settings)
    log_records(dataset, records())
    assert len(list(dataset.records())) == len(TEXTS)


def test_an_unknown_workspace(client, name, settings):
    with pytest.raises(WorkspaceNotFoundError, match="'nowhere'"):
        create_dataset(client, name, settings, workspace="nowhere")


def test_a_user_in_no_workspace_is_named(client, settings):
    new = {"username": uuid.uuid4().hex, "first_name": "x", "role": "admin", "password": uuid.uuid4().hex}
    user = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
    lone = rg.Argilla(api_url=client.api_url, api_key=user["api_key"])
    rg.Argilla._set_default(client)
    for workspace in (None, "argilla"):
        with pytest.raises(WorkspaceNotFoundError, match=f"{user['username']}' is in no workspace"):
            create_dataset(lone, "x", settings, workspace=workspace)


def test_a_key_that_may_not_write_is_named(as_role, name, settings, dataset):
    reader = as_role("annotator")
    with pytest.raises(NotPermittedError, match=f"{reader.me.username}.*'annotator'"):
        create_dataset(reader, f"{name}-2", settings)
    with pytest.raises(NotPermittedError, match=reader.me.username):
        log_records(reader.datasets(name), records())


def test_the_label_question_is_found(client, name):
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("topic", LABELS), rg.LabelQuestion("tone", ["calm", "loud"])],
    )
    dataset = create_dataset(client, name, settings)
    assert label_question(dataset, "tone").labels == ["calm", "loud"]
    with pytest.raises(QuestionNotFoundError, match=r"2 label questions.*\['topic', 'tone'\]"):
        label_question(dataset)
    with pytest.raises(QuestionNotFoundError, match="0 label questions called 'mood'"):
        label_question(dataset, "mood")


# the simulated annotator


def test_it_answers_as_a_user_of_its_own(client, dataset):
    annotator = SimulatedAnnotator(client, label_question(dataset), GOLD)
    assert annotator.annotate(dataset.records()) == 3
    assert answers(dataset) == {record_id: [label] for record_id, label in GOLD.items()}
    users = dataset.progress(with_users_distribution=True)["users"]
    assert list(users) == [SIMULATED_USERNAME]


def test_it_goes_on_where_it_was_cut_short(client, dataset):
    annotator = SimulatedAnnotator(client, label_question(dataset), GOLD)
    assert annotator.annotate(list(dataset.records())[:2]) == 2
    assert SimulatedAnnotator(client, label_question(dataset), GOLD).annotate(dataset.records()) == 1


def test_its_responses_can_be_logged_with_the_records(client, name, settings):
    dataset = create_dataset(client, name, settings)
    annotator = SimulatedAnnotator(client, label_question(dataset), GOLD)
    batch = records()
    for record in batch:
        record.responses.add(annotator.response(record.id))
    log_records(dataset, batch)
    assert answers(dataset) == {record_id: [label] for record_id, label in GOLD.items()}
    assert create_dataset(client, name, settings, recreate=True).id != dataset.id


def test_without_an_owners_key_it_answers_as_the_keys_user(as_role, name, settings, dataset):
    admin = as_role("admin")
    annotator = SimulatedAnnotator(admin, label_question(dataset), GOLD)
    assert annotator.user_id == admin.me.id
    assert annotator.annotate(dataset.records()) == 3
    with pytest.warns(PersonResponsesWarning, match=admin.me.username):
        assert create_dataset(admin, name, settings, recreate=True).id == dataset.id


def test_wrong_answers_come_at_the_rate_and_evenly(client, dataset):
    gold = {str(i): "Sports" for i in range(3000)}
    annotator = SimulatedAnnotator(client, label_question(dataset), gold, error_rate=0.3, seed=1)
    given = [annotator.answer(record_id) for record_id in gold]
    assert given.count("World") == pytest.approx(450, abs=60)
    assert given.count("Business") == pytest.approx(450, abs=60)


def test_an_answer_depends_on_the_seed_and_the_record_alone(client, dataset):
    gold = {str(i): LABELS[i % 3] for i in range(50)}
    question = label_question(dataset)
    first = SimulatedAnnotator(client, question, gold, error_rate=0.5, seed=1)
    second = SimulatedAnnotator(client, question, gold, error_rate=0.5, seed=1)
    other = SimulatedAnnotator(client, question, gold, error_rate=0.5, seed=2)
    forwards = {record_id: first.answer(record_id) for record_id in gold}
    assert forwards == {record_id: second.answer(record_id) for record_id in reversed(gold)}
    assert forwards != {record_id: other.answer(record_id) for record_id in gold}


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_an_error_rate_is_a_share(client, dataset, rate):
    with pytest.raises(ErrorRateError, match=str(rate)):
        SimulatedAnnotator(client, label_question(dataset), GOLD, error_rate=rate)


def test_gold_labels_are_checked(client, dataset):
    with pytest.raises(GoldLabelError, match="record '7' is 'Weather'"):
        SimulatedAnnotator(client, label_question(dataset), {"7": "Weather"})
    with pytest.raises(GoldLabelError, match="record '7' is <NA>"):
        SimulatedAnnotator(client, label_question(dataset), {"7": pd.NA})
    with pytest.raises(GoldLabelError, match="no gold label for record '1'"):
        SimulatedAnnotator(client, label_question(dataset), {"0": "World"}).annotate(dataset.records())


def test_other_questions_are_refused(client):
    with pytest.raises(UnsupportedQuestionError, match="'why' is a TextQuestion"):
        SimulatedAnnotator(client, rg.TextQuestion("why"), GOLD)


def test_an_answer_the_server_refuses(client, name):
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("label", LABELS), rg.TextQuestion("why", required=True)],
    )
    dataset = create_dataset(client, name, settings)
    log_records(dataset, records())
    with pytest.raises(ResponseRefusedError, match=r"record '0' \(status 422\).*why"):
        SimulatedAnnotator(client, label_question(dataset), GOLD).annotate(dataset.records())


def test_a_discard_without_values_is_read(client):
    """As the web UI makes one before anything is chosen; the SDK alone fails on its record."""
    dataset = create_dataset(client, "discarded", text_classification_settings(client, ["A", "B"]))
    log_records(dataset, [rg.Record(id=id, fields={"text": f"text {id}"}) for id in "01"])
    held = {record.id: record for record in dataset.records}
    path = f"/api/v1/records/{held['0']._server_id}/responses"
    discard = {"status": "discarded", "values": None}
    client.http_client.post(path, json=discard).raise_for_status()
    SimulatedAnnotator(client, label_question(dataset), {"1": "B"}).annotate([held["1"]])

    wait_for_responses(dataset, ["0", "1"], 0)
    assert {record.id: len(record.responses) for record in dataset.records} == {"0": 0, "1": 1}
    assert {record.id for record in records_by_id(dataset, "01")} == {"0", "1"}
    assert agreed_answers(dataset, "01", "label") == {"1": "B"}
    assert WeakLabels.from_dataset(dataset, [Rule("text", "A")]).gold.tolist() == [ABSTAIN, 1]
    log_records(dataset, list(dataset.records))
    stored = client.http_client.get(f"/api/v1/records/{held['0']._server_id}").json()["responses"]
    assert [(each["status"], each["values"]) for each in stored] == [("discarded", None)]


@pytest.fixture
def of_many_kinds(client, name):
    settings = text_classification_settings(client, LABELS)
    for question in (
        rg.MultiLabelQuestion("topics", labels=["a", "b"], required=False, client=client),
        rg.RatingQuestion("stars", values=[1, 2], required=False, client=client),
        rg.SpanQuestion("spans", field="text", labels=["PER"], required=False, client=client),
    ):
        settings.questions.add(question)
    made = create_dataset(client, name, settings)
    yield made
    made.delete()


def test_a_question_with_several_labels_is_no_label_question(client, of_many_kinds):
    assert label_question(of_many_kinds).name == "label"
    with pytest.raises(QuestionNotFoundError, match="'topics'"):
        label_question(of_many_kinds, "topics")
    with pytest.raises(UnsupportedQuestionError, match="'topics' is a MultiLabelQuestion"):
        SimulatedAnnotator(client, of_many_kinds.questions["topics"], {"0": "a"})


def test_answers_are_agreed_on_where_they_are_one_value(client, of_many_kinds):
    given = {"label": "World", "topics": ["a", "b"], "stars": 2}
    answers = [rg.Response(name, value, client.me.id, status="submitted") for name, value in given.items()]
    log_records(of_many_kinds, [rg.Record(id="0", fields={"text": "x"}, responses=answers)])
    assert agreed_answers(of_many_kinds, ["0"], "label") == {"0": "World"}
    assert agreed_answers(of_many_kinds, ["0"], "stars") == {"0": 2}
    for several in ("topics", "spans"):
        with pytest.raises(UnsupportedQuestionError, match=several):
            agreed_answers(of_many_kinds, ["0"], several)
    with pytest.raises(QuestionNotFoundError, match="no question 'lable'"):
        agreed_answers(of_many_kinds, ["0"], "lable")


def test_records_come_from_any_iterable(dataset):
    log_records(dataset, (rg.Record(id=f"g{i}", fields={"text": "x"}) for i in range(2)))
    assert {record.id for record in records_by_id(dataset, ["g0", "g1"])} == {"g0", "g1"}


def test_an_empty_id_is_refused(dataset):
    with pytest.raises(RecordRefusedError, match="id is empty"):
        log_records(dataset, [rg.Record(id="", fields={"text": "x"})])


def test_labels_of_the_settings(client):
    (question,) = text_classification_settings(client, ["World", "Sports", "World"]).questions
    assert question.labels == ["World", "Sports"]
    for labels in (["World"], ["World", "World"], ["World", None]):
        with pytest.raises(ValuesError):
            text_classification_settings(client, labels)


def test_a_record_is_waited_for_once(client, dataset):
    record = next(iter(dataset.records()))
    answer_as_person(client, record, "World")
    wait_for_responses(dataset, pd.Series([record.id, record.id]), 0)
