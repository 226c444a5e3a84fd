"""Parts are killed at any moment: what the server acknowledged is there once, and searches find it."""

import os
import signal
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import argilla as rg
import httpx
import pytest

from helpers import argilla_local
from helpers.argilla_local import leases
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

LIMIT_S = 120.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with argilla_local.start(tmp_path_factory.mktemp("durable") / "home") as server:
        yield server


@pytest.fixture
def home(server):
    return Home(server.home)


@pytest.fixture
def dataset(server, request):
    client = server.client
    settings = rg.Settings(
        fields=[rg.TextField("text")], questions=[rg.LabelQuestion("topic", labels=["a", "b"])]
    )
    return rg.Dataset(request.node.name, settings=settings, client=client).create()


def wait_until(condition):
    deadline = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def pid_of(home, part):
    """Return the process id of a part, once it runs."""
    return wait_until(lambda: (leases.read_status(home) or {"parts": {part: {}}})["parts"][part].get("pid"))


def kill(*pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def answers(url):
    try:
        return httpx.get(f"{url}/api/v1/version", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def http_client(home):
    return httpx.Client(
        base_url=f"{home.read_state().url}/api/v1/",
        headers={"X-Argilla-Api-Key": read_credentials(home).api_key},
        timeout=LIMIT_S,
        trust_env=False,
    )


class Annotator(threading.Thread):
    """Logs records and answers them until it is told to stop, whatever happens to the server.

    What fails is done again, as a person or the SDK's caller would.
    """

    def __init__(self, home, dataset):
        super().__init__()
        self.records, self.responses = set(), set()
        self.done = threading.Event()
        self._http = http_client(home)
        self._dataset = dataset

    def gets_on(self):
        """Return what tells whether more has been acknowledged since."""
        before = len(self.responses)
        return lambda: len(self.responses) > before + 5

    def run(self):
        for batch in count():
            if self.done.is_set():
                return
            ids = [f"word{batch}x{number}" for number in range(5)]
            items = [{"external_id": id, "fields": {"text": f"a text with {id}"}} for id in ids]
            made = self._again("PUT", f"datasets/{self._dataset.id}/records/bulk", {"items": items})
            self.records |= set(ids)
            for record in made.json()["items"][:2]:
                answer = {"values": {"topic": {"value": "a"}}, "status": "submitted"}
                self._again("POST", f"records/{record['id']}/responses", answer)
                self.responses.add(record["external_id"])

    def _again(self, method, path, body):
        while True:
            try:
                response = self._http.request(method, path, json=body)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            # A conflict: it was stored before, and only its acknowledgement was lost.
            if response.is_success or response.status_code == httpx.codes.CONFLICT:
                return response
            assert response.status_code >= 500, response.text


def found(dataset, query=None, filter=None):
    return sorted(record.id for record in dataset.records(rg.Query(query=query, filter=filter)))


def check(annotator, dataset):
    """Compare what was acknowledged with the database and with what searches find."""
    stored = [record.id for record in dataset.records]
    assert len(stored) == len(set(stored))
    assert set(stored) >= annotator.records
    assert found(dataset, "text") == sorted(stored)
    for id in sorted(annotator.records)[::10]:
        assert found(dataset, id) == [id]
    answered = [record.id for record in dataset.records(with_responses=True) for _ in record.responses]
    assert len(answered) == len(set(answered))
    assert set(answered) >= annotator.responses
    assert found(dataset, filter=("topic.response", "==", "a")) == sorted(answered)
    assert found(dataset, filter=("status", "==", "completed")) == sorted(answered)
    assert dataset.progress()["completed"] == len(answered)


def test_what_is_in_the_database_and_not_yet_in_the_index_is_found_after_a_kill(home, dataset):
    dataset.records.log([{"id": "one", "text": "as it was"}])
    record = next(iter(dataset.records))
    items = [{"external_id": id, "fields": {"text": "another text"}} for id in ("one", "two")]
    answer = {"values": {"topic": {"value": "b"}}, "status": "submitted"}
    for table, method, path, body in (
        ("records", "PUT", f"datasets/{dataset.id}/records/bulk", {"items": items}),
        ("responses", "POST", f"records/{record._server_id}/responses", answer),
    ):
        before = count_rows(home, table)
        with closing(sqlite3.connect(home.index)) as index, ThreadPoolExecutor() as other:
            # The server commits to the database, and then waits for us to leave the index.
            index.execute("BEGIN IMMEDIATE")
            answered = other.submit(http_client(home).request, method, path, json=body)
            wait_until(lambda table=table, before=before: count_rows(home, table) > before)
            kill(pid_of(home, "server"))
            with pytest.raises(httpx.HTTPError):
                answered.result()
        wait_until(lambda: answers(home.read_state().url))
    assert found(dataset, "another") == ["one", "two"]
    assert found(dataset, "was") == []
    assert found(dataset, filter=("topic.response", "==", "b")) == ["one"]
    assert dataset.progress() == {"total": 2, "completed": 1, "pending": 1}


def count_rows(home, table):
    with closing(sqlite3.connect(home.database)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_queued_jobs_are_kept_though_redis_is_killed(home, dataset, processes):
    webhook = {"url": "http://127.0.0.1:9/", "events": ["record.created"], "description": "a test"}
    http_client(home).post("webhooks", json=webhook).raise_for_status()
    # The worker must not take the job before we have looked.
    workers = [pid for pid, command in processes(home.path).items() if "worker_main" in command]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    before = jobs(home)
    dataset.records.log([{"id": "heard", "text": "a text"}])
    queued = jobs(home)
    assert len(queued - before) == 1
    kill(pid_of(home, "redis"))
    wait_until(lambda: leases.read_status(home)["parts"]["redis"]["starts"] == 2)
    assert wait_until(lambda: jobs(home)) == queued
    kill(*workers)


def jobs(home):
    """Return the keys of the jobs that Redis holds, none where it does not answer."""
    with socket.socket(socket.AF_UNIX) as redis:
        try:
            redis.connect(home.read_state().redis_socket)
            redis.sendall(b"KEYS rq:job:*\r\n")
            return {word for word in redis.recv(65536).split() if word.startswith(b"rq:job:")}
        except OSError:
            return set()


def test_kills_at_any_moment(home, dataset):
    annotator = Annotator(home, dataset)
    annotator.start()
    try:
        for parts in (["worker"], ["redis"], ["server", "worker", "redis"]):
            wait_until(annotator.gets_on())
            kill(*[pid_of(home, part) for part in parts])
        wait_until(annotator.gets_on())
        # At last the supervisor, and all with it: the next start finds what it left behind.
        kill(leases.read_status(home)["pid"])
        wait_until(lambda: leases.read_status(home) is None)
        with argilla_local.start(home.path) as again:
            wait_until(annotator.gets_on())
            annotator.done.set()
            annotator.join()
            check(annotator, again.client.datasets(dataset.name))
    finally:
        annotator.done.set()
