"""What argilla_server 2.8.0 does wrong, and the embedded one does right."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import argilla as rg
import httpx
import pytest

from helpers.argilla_local.home import Home

READING_S = 2.0
# Enough for the stock server to fail nine times in ten.
RECORDS = 60


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("topic", labels=["World", "Sports"])],
        distribution=rg.TaskDistribution(min_submitted=2),
    )
    dataset = rg.Dataset(f"mends-{uuid4().hex}", settings=settings, client=client).create()
    yield dataset
    dataset.delete()


@pytest.fixture
def annotators(local_argilla, dataset):
    """Three users, as HTTP clients."""
    users, clients = [], []
    for _ in range(3):
        name = f"mends{uuid4().hex}"
        user = rg.User(username=name, password=name, role="annotator", client=local_argilla.client).create()
        user.add_to_workspace(dataset.workspace)
        key = local_argilla.client.http_client.get(f"/api/v1/users/{user.id}").json()["api_key"]
        headers = {"X-Argilla-Api-Key": key}
        clients.append(httpx.Client(base_url=local_argilla.url, headers=headers, timeout=60, trust_env=False))
        users.append(user)
    yield clients
    for user, client in zip(users, clients, strict=True):
        client.close()
        user.delete()


def test_each_change_of_a_datasets_metadata_is_stored(local_argilla, dataset):
    http, url = local_argilla.client.http_client, f"/api/v1/datasets/{dataset.id}"
    for metadata in ({"a": 1, "b": {"c": 2}}, {"a": 3}, {"b": {"d": 4}}, {"e": 5}):
        http.patch(url, json={"metadata": metadata}).raise_for_status()
    assert http.get(url).json()["metadata"] == {"a": 3, "b": {"d": 4}, "e": 5}


@pytest.mark.parametrize(("text", "end"), [("\U0001f680 Ann", 6), ("Ann", 3), ("Ann \U0001f680", 6)])
def test_a_span_may_reach_the_end_of_a_text_as_browsers_count(local_argilla, text, end):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text")], questions=[rg.SpanQuestion("spans", field="text", labels=["PER"])]
    )
    dataset = rg.Dataset(f"mends-{uuid4().hex}", settings=settings, client=client).create()
    dataset.records.log([{"text": text}])
    (record,) = dataset.records
    url = f"/api/v1/records/{record._server_id}/responses"
    status = []
    for last in (end + 1, end):
        values = {"spans": {"value": [{"label": "PER", "start": 0, "end": last}]}}
        status.append(
            client.http_client.post(url, json={"values": values, "status": "submitted"}).status_code
        )
    assert status == [422, 201]
    dataset.delete()


def test_who_answers_at_the_same_moment_completes_a_record(dataset, annotators):
    """Of a complete record one response is taken back while another one is submitted: it stays complete."""
    dataset.records.log([{"text": f"text {number}"} for number in range(RECORDS)])
    records = [record._server_id for record in dataset.records]
    before, after = ("submitted", "draft", "submitted"), ("discarded", "submitted", "submitted")

    def answer(annotator: httpx.Client, method: str, url: str, status: str) -> str:
        body = {"values": {"topic": {"value": "World"}}, "status": status}
        return annotator.request(method, f"/api/v1/{url}", json=body).raise_for_status().json()["id"]

    with ThreadPoolExecutor(3) as pool:
        for record in records:
            url = f"records/{record}/responses"
            ids = list(pool.map(answer, annotators, ["POST"] * 3, [url] * 3, before))
            list(pool.map(answer, annotators, ["PUT"] * 3, [f"responses/{id}" for id in ids], after))
    stored = dataset._client.http_client.get(f"/api/v1/datasets/{dataset.id}/records?limit=1000").json()
    assert [record["status"] for record in stored["items"]] == ["completed"] * RECORDS
    assert dataset.progress()["completed"] == RECORDS


def test_who_answers_while_records_are_logged_is_found(dataset, annotators):
    """Records are logged again, with other suggestions, while two users answer some of them."""
    records = [{"id": f"r{number}", "text": f"text {number}"} for number in range(5 * RECORDS)]
    dataset.records.log(records)
    ids = [record._server_id for record in dataset.records]
    answer = {"values": {"topic": {"value": "Sports"}}, "status": "submitted"}

    def answer_all(annotator: httpx.Client, ids: list[str]) -> None:
        for id in ids:
            annotator.post(f"/api/v1/records/{id}/responses", json=answer).raise_for_status()

    sports, completed, found = rg.Query(filter=("topic.response", "==", "Sports")), [], []
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(ids), 10):
            some = ids[start : start + 10]
            answering = [pool.submit(answer_all, annotator, some) for annotator in annotators[:2]]
            dataset.records.log([{**record, "topic": "World"} for record in records])
            for each in answering:
                each.result()
            completed.append(dataset.progress()["completed"])
            found.append(len(list(dataset.records(sports))))
    assert completed == found == list(range(10, len(ids) + 1, 10))


@pytest.fixture
def at_once(local_argilla):
    """Let requests read what is there, and change it only when all have read."""

    def send(requests, refused_is_fine=False):
        """Send requests, each a client, a method, a URL and a body."""
        with ThreadPoolExecutor(len(requests)) as pool:
            with closing(sqlite3.connect(Home(local_argilla.home).database, timeout=30)) as database:
                database.execute("BEGIN IMMEDIATE")
                sent = [
                    pool.submit(client.request, method, f"/api/v1/{url}", json=body)
                    for client, method, url, body in requests
                ]
                # They wait for us before they write; there is nothing to ask whether they have come so far.
                time.sleep(READING_S)
            assert refused_is_fine or all(each.result().is_success for each in sent)

    return send


def test_of_two_changes_of_an_answer_at_the_same_moment_one_is_stored_and_found(dataset, annotators, at_once):
    dataset.records.log([{"id": str(number), "text": f"text {number}"} for number in range(3)])
    annotator = annotators[0]
    answer = {"values": {"topic": {"value": "Sports"}}, "status": "draft"}
    ids = [
        annotator.post(f"/api/v1/records/{record._server_id}/responses", json=answer).json()["id"]
        for record in dataset.records
    ]
    # Each changes one half of what both have read.
    one = {"values": {"topic": {"value": "World"}}, "status": "draft"}
    other = {"values": {"topic": {"value": "Sports"}}, "status": "submitted"}
    at_once([(annotator, "PUT", f"responses/{id}", body) for id in ids for body in (one, other)])
    for record in dataset.records(with_responses=True):
        [response] = record.responses
        stored = (response.value, response.status.value)
        assert stored in {("World", "draft"), ("Sports", "submitted")}
        filters = [("topic.response", "==", stored[0]), ("response.status", "==", stored[1])]
        for filter in filters:
            assert record.id in {found.id for found in dataset.records(rg.Query(filter=filter))}


def test_who_answers_while_a_record_is_changed_is_found(local_argilla, dataset, annotators, at_once):
    dataset.records.log([{"id": str(number), "text": f"text {number}"} for number in range(5)])
    owner, answer = local_argilla.client.http_client, {"values": {"topic": {"value": "World"}}}
    requests = []
    for record in dataset.records:
        url = f"records/{record._server_id}"
        requests.append((owner, "PATCH", url, {"fields": {"text": "changed"}}))
        requests.append((annotators[0], "POST", f"{url}/responses", {**answer, "status": "submitted"}))
    at_once(requests)
    for query in (rg.Query(query="changed"), rg.Query(filter=("topic.response", "==", "World"))):
        assert [record.id for record in dataset.records(query)] == list("01234")


def test_what_is_deleted_while_it_is_logged_again_is_not_found(local_argilla, dataset, at_once):
    dataset.records.log([{"id": str(number), "text": f"text {number}"} for number in range(6)])
    owner, url = local_argilla.client.http_client, f"datasets/{dataset.id}/records"
    requests = []
    for record in dataset.records:
        item = {"external_id": record.id, "fields": {"text": "text again"}}
        requests.append((owner, "PUT", f"{url}/bulk", {"items": [item]}))
        requests.append((owner, "DELETE", f"{url}?ids={record._server_id}", None))
    # Who would log a record again that is gone by then is refused.
    at_once(requests, refused_is_fine=True)
    assert (
        [record.id for record in dataset.records("text")] == [record.id for record in dataset.records] == []
    )
    assert dataset.progress()["total"] == 0


def test_who_answers_while_no_status_can_be_stored_is_not_refused(local_argilla, dataset, annotators):
    dataset.records.log([{"text": "a text"}])
    [record] = dataset.records
    answer = {"values": {"topic": {"value": "World"}}, "status": "submitted"}
    with closing(sqlite3.connect(Home(local_argilla.home).database, timeout=30)) as database:
        # Every change of a status fails, as on a full disk.
        database.execute(
            "CREATE TRIGGER no_room BEFORE UPDATE OF status ON records BEGIN SELECT no_room(); END"
        )
        for annotator in annotators[:2]:
            url = f"/api/v1/records/{record._server_id}/responses"
            annotator.post(url, json=answer).raise_for_status()
        assert dataset.progress()["completed"] == 0
        database.execute("DROP TRIGGER no_room")
    deadline = time.monotonic() + 60
    while dataset.progress()["completed"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    [record] = dataset.records(rg.Query(filter=("topic.response", "==", "World")))
    assert record.status == "completed"
