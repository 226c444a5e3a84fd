"""The listener on a real server, by webhook and by polling."""

import subprocess
import sys
import threading
import time
import uuid

import argilla as rg
import httpx
import pytest

from helpers.active_learning import Listener, listener
from helpers.active_learning.errors import (
    DatasetDeletedError,
    ListenerError,
    NothingHeardError,
    ServerGoneError,
    UnreachableError,
)
from helpers.active_learning.webhook import MARK
from helpers.annotation import SimulatedAnnotator, create_dataset, log_records

WAIT_S = 30.0
POLL_S = 0.1


@pytest.fixture(params=["webhook", "polling"])
def transport(request) -> str:
    return request.param


def webhooks(client: rg.Argilla) -> list[str]:
    return [webhook.url for webhook in client.webhooks if webhook.description.startswith(MARK)]


# what reaches the callback


def test_each_answer_is_heard_once_by_either_transport(dataset, person, transport):
    person.answer("n0", "Sports")
    heard = []
    with Listener(dataset, heard.append, transport=transport, interval_s=POLL_S) as listening:
        assert listening.transport == transport
        listening.wait(lambda: len(heard) == 1, WAIT_S)  # It was there before the start.
        person.answer("n3", "World", status="draft")
        given = person.answer("n1", "Sports")
        listening.wait(lambda: len(heard) == 2, WAIT_S)
        person.change(given, "World")
        listening.wait(lambda: len(heard) == 3, WAIT_S)
        person.answer("n2", None)
        listening.wait(lambda: len(heard) == 4, WAIT_S)
    assert [(event.type, event.record_id, event.status, dict(event.answers)) for event in heard] == [
        ("response.created", "n0", "submitted", {"label": "Sports"}),
        ("response.created", "n1", "submitted", {"label": "Sports"}),
        ("response.updated", "n1", "submitted", {"label": "World"}),
        ("response.created", "n2", "discarded", {}),
    ]
    assert heard[0].fields == {"text": "The cup final"}
    # Started again, it hears what came in between, and nothing twice.
    person.change(given, "Sports")
    with listening:
        listening.wait(lambda: len(heard) == 5, WAIT_S)
    assert heard[-1].answers == {"label": "Sports"}


def test_query_and_condition_as_in_argilla_1(dataset, person, transport):
    heard = []

    @listener(
        dataset,
        query="final",
        condition=lambda event: event.status == "submitted",
        transport=transport,
        interval_s=POLL_S,
    )
    def note(event):
        heard.append(event.record_id)
        if len(heard) == 2:
            note.stop()

    note.start()
    person.answer("n0", None)
    person.answer("n1", "World")
    person.answer("n3", "World")
    note.wait(lambda: heard == ["n3"], WAIT_S)
    person.change(person.answer("n2", None), "World")
    person.change(httpx_response(dataset, "n0"), "Sports")
    note.wait(timeout_s=WAIT_S)  # Until it stops itself.
    assert heard == ["n3", "n0"]


@pytest.fixture
def several_fields(client):
    fields = [
        rg.TextField("text"),
        rg.TextField("note", required=False),
        rg.ChatField("chat", required=False),
        rg.ImageField("photo", required=False),
    ]
    settings = rg.Settings(fields=fields, questions=[rg.LabelQuestion("label", labels=["A", "B"])])
    dataset = create_dataset(client, f"fields-{uuid.uuid4().hex[:8]}", settings)
    chat = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "market news"}]
    records = [
        rg.Record(id="0", fields={"text": "a late goal", "note": None}),
        rg.Record(id="1", fields={"text": "late", "note": "goal in the cup"}),
        rg.Record(id="2", fields={"text": "wi", "note": "fi works", "chat": chat}),
        rg.Record(id="3", fields={"text": "none of it", "photo": "http://localhost/late.png"}),
    ]
    log_records(dataset, records)
    answers = dict.fromkeys("0123", "A")
    SimulatedAnnotator(client, dataset.questions["label"], answers).annotate(list(dataset.records))
    return dataset


QUERIES = [
    *("none", "-none", '"late goal"', "late goal", "wi-fi", "user", "role", "hello", "news | goal", "*"),
    *("png", "http", '"works hello"', "-late", "goa*", "marked~1"),
]


def test_a_query_hears_of_what_the_search_finds(several_fields):
    for query in QUERIES:
        found = {record.id for record in several_fields.records(rg.Query(query=query))}
        heard = []
        with Listener(several_fields, heard.append, query=query, transport="polling") as note:
            note.wait(lambda: len(note._seen) == 4, WAIT_S)
        assert {event.record_id for event in heard} == found, query


def httpx_response(dataset, record_id):
    records = dataset._client.http_client.get(
        f"/api/v1/datasets/{dataset.id}/records", params={"include": "responses"}
    ).json()["items"]
    response = next(each for each in records if each["external_id"] == record_id)["responses"][0]
    return httpx.Response(200, json=response)


def test_other_datasets_are_not_heard(dataset, make_dataset, new_person, person):
    other = make_dataset(["Elsewhere"])
    heard = []
    with Listener(dataset, heard.append) as listening:
        new_person(other).answer("n0", "World")
        person.answer("n0", "World")
        listening.wait(lambda: bool(heard), WAIT_S)
    assert [event.record_id for event in heard] == ["n0"]


# webhooks


def test_webhooks_are_chosen_and_no_polling_takes_part(dataset, person, requests):
    heard = []
    with Listener(dataset, heard.append, interval_s=POLL_S) as listening:
        assert listening.transport == "webhook"
        assert [path for _, path in requests].count(f"/api/v1/datasets/{dataset.id}/records") == 1
        requests.clear()
        person.answer("n0", "World")
        listening.wait(lambda: len(heard) == 1, WAIT_S)
        time.sleep(10 * POLL_S)
        person.answer("n1", "World")
        listening.wait(lambda: len(heard) == 2, WAIT_S)
        # All that was asked of the server is what the annotator did.
        assert [(method, path.rsplit("/", 1)[-1]) for method, path in requests] == [("POST", "responses")] * 2


def test_a_slow_callback_is_not_sent_the_event_again(dataset, person):
    heard = []

    def slow(event):
        time.sleep(1)
        heard.append((event.record_id, threading.current_thread().name))

    with Listener(dataset, slow) as listening:
        person.answer("n0", "World")
        person.answer("n1", "World")
        listening.wait(lambda: len(heard) == 2, WAIT_S)
    assert heard == [("n0", "listener callback"), ("n1", "listener callback")]


def test_a_delivery_that_is_repeated_or_forged_is_not_heard(dataset, person):
    deliveries, heard = [], []
    with Listener(dataset, heard.append) as listening:
        receiver = listening._source._receiver
        receive, receiver.receive = receiver.receive, deliveries.append
        person.answer("n0", "World")
        while not deliveries:
            time.sleep(0.02)
        receive(deliveries[0])
        receive(deliveries[0])  # As the server does when an answer of ours is lost on the way.
        listening.wait(lambda: bool(heard), WAIT_S)
        forged = httpx.post(receiver.url, json={"type": "ping"}, headers={"webhook-id": "1"})
        elsewhere = httpx.post(receiver.url + "x", json={})
    assert (forged.status_code, elsewhere.status_code, len(heard)) == (401, 404, 1)


def test_stale_webhooks_of_ours_are_removed_and_no_others(dataset, client, make_dataset):
    foreign = rg.Webhook("http://127.0.0.1:9/x", ["response.created"], "somebody's", _client=client).create()
    rg.Webhook("http://127.0.0.1:9/stale", ["response.created"], f"{MARK}: dead", _client=client).create()
    with Listener(make_dataset(["Elsewhere"]), print) as alive, Listener(dataset, print) as listening:
        ours = [each._source._receiver.url for each in (alive, listening)]
        assert webhooks(client) == ours
    assert [webhook.url for webhook in client.webhooks] == [foreign.url]


def test_a_kernel_that_ends_leaves_no_webhook(dataset, client, local_argilla):
    program = f"""
import argilla as rg
from helpers.active_learning import Listener
client = rg.Argilla(api_url={client.api_url!r}, api_key={client.api_key!r})
dataset = client.datasets({dataset.name!r})
print(Listener(dataset, print).start().transport, len(client.webhooks))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["webhook", "1"]
    assert webhooks(client) == []


def test_polling_where_the_server_cannot_call(dataset, client, new_person, monkeypatch):
    monkeypatch.setattr(client, "api_url", "http://argilla.example.org")
    with Listener(dataset, print, interval_s=POLL_S) as listening:
        assert listening.transport == "polling"
        assert "argilla.example.org" in repr(listening)
    with pytest.raises(UnreachableError, match=r"argilla\.example\.org"):
        Listener(dataset, print, transport="webhook").start()


def test_polling_where_there_are_too_many_webhooks(dataset, client):
    while len(client.webhooks) < 10:
        rg.Webhook("http://127.0.0.1:9/x", ["response.created"], "somebody's", _client=client).create()
    with Listener(dataset, print, interval_s=POLL_S) as listening:
        assert listening.transport == "polling"
        assert "does not take a webhook" in listening.reason


# errors


def test_an_exception_of_the_callback_shows_up(dataset, person, transport, capsys):
    calls = []

    def fail(event):
        calls.append(event.record_id)
        raise ZeroDivisionError("in the callback")

    listening = Listener(dataset, fail, transport=transport, interval_s=POLL_S).start()
    person.answer("n0", "World")
    with pytest.raises(ZeroDivisionError, match="in the callback"):
        listening.wait(timeout_s=WAIT_S)
    with pytest.raises(ZeroDivisionError):
        listening.wait(timeout_s=WAIT_S)
    listening.stop()  # It has been raised, and is not raised again.
    assert calls == ["n0"]
    assert "in the callback" in capsys.readouterr().err

    person.answer("n1", "World")
    listening.start()
    while len(calls) < 2:
        time.sleep(0.02)
    with pytest.raises(ZeroDivisionError):
        listening.stop()
    assert calls == ["n0", "n1"]


def test_a_deleted_dataset_ends_the_listening(dataset, transport):
    listening = Listener(dataset, print, transport=transport, interval_s=POLL_S).start()
    dataset.delete()
    with pytest.raises(DatasetDeletedError, match=dataset.name):
        listening.wait(timeout_s=WAIT_S)
    listening.stop()
    with pytest.raises(DatasetDeletedError):
        listening.start()


def test_waiting_ends(dataset):
    with (
        Listener(dataset, print, transport="polling") as listening,
        pytest.raises(NothingHeardError, match=r"After 0\.1 s"),
    ):
        listening.wait(lambda: False, timeout_s=0.1)


def test_wrong_use(dataset):
    for query in (" ", '"*"', "(*)", 5):
        with pytest.raises(ListenerError, match="no word"):
            Listener(dataset, print, query=query)
    with pytest.raises(ListenerError, match="pigeon"):
        Listener(dataset, print, transport="pigeon")
    for interval_s in (0, -1, float("nan"), float("inf"), "2", None):
        with pytest.raises(ListenerError, match=f"interval_s is {interval_s!r}"):
            Listener(dataset, print, interval_s=interval_s)
    with (
        Listener(dataset, print, transport="polling") as listening,
        pytest.raises(ListenerError, match="already"),
    ):
        listening.start()


@pytest.mark.parametrize("transport", ["webhook", "polling"])
def test_a_server_that_is_down_is_named(dataset, monkeypatch, transport):
    monkeypatch.setattr(dataset._client.http_client, "base_url", "http://127.0.0.1:1")
    with pytest.raises(ServerGoneError, match="out of reach"):
        Listener(dataset, print, transport=transport).start()
