"""An index that does not take a change, or is damaged, while the real server runs."""

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import argilla as rg
import httpx
import pytest

from helpers import argilla_local
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

LIMIT_S = 60.0
TEXT = "word " * 200


@pytest.fixture(scope="module")
def home(tmp_path_factory, local_argilla):
    """A stopped home; its index is larger than what a connection keeps of it."""
    assert local_argilla.client  # before ours, so that it stays the SDK's default for the other tests
    home = Home(tmp_path_factory.mktemp("upkeep") / "home")
    with argilla_local.start(home.path) as server:
        dataset = new_dataset(server, "large")
        dataset.records.log([{"id": str(number), "text": f"{TEXT} w{number}"} for number in range(3000)])
    return home


@pytest.fixture
def server(home):
    with argilla_local.start(home.path) as server:
        yield server


@pytest.fixture
def http(home, server):
    headers = {"X-Argilla-Api-Key": read_credentials(home).api_key}
    with httpx.Client(
        base_url=f"{server.url}/api/v1/", headers=headers, timeout=LIMIT_S, trust_env=False
    ) as http:
        yield http


def new_dataset(server, name):
    client = server.client  # before the settings, which need one
    settings = rg.Settings(
        fields=[rg.TextField("text")], questions=[rg.LabelQuestion("topic", labels=["a", "b"])]
    )
    return rg.Dataset(name, settings=settings, client=client).create()


def wait_until(condition):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def found(dataset, query=None, filter=None):
    return sorted(record.id for record in dataset.records(rg.Query(query=query, filter=filter)))


def damage(home):
    """Write garbage over the middle half of the index."""
    with closing(sqlite3.connect(home.index)) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    quarter = home.index.stat().st_size // 4
    with home.index.open("r+b") as index:
        index.seek(quarter)
        index.write(b"once upon a time" * (2 * quarter // 16))


def test_what_an_index_that_is_locked_does_not_take_is_in_it_soon_after(home, server, http):
    dataset = new_dataset(server, "locked")
    dataset.records.log([{"id": id, "text": f"text {id}"} for id in "abcd"])
    a, b, c, _ = (record._server_id for record in dataset.records)
    answer = {"values": {"topic": {"value": "a"}}, "status": "submitted"}
    new = {"items": [{"external_id": "e", "fields": {"text": "new"}}]}
    rules = {"name": "rules", "title": "rules", "settings": {"type": "terms"}}
    requests = [
        ("POST", f"records/{a}/responses", answer, 201),
        ("POST", f"records/{b}/responses", answer, 201),
        ("POST", f"records/{b}/responses", answer, 409),
        ("PATCH", f"records/{c}", {"fields": {"text": "changed"}}, 200),
        ("PUT", f"datasets/{dataset.id}/records/bulk", new, 200),
        ("POST", f"datasets/{dataset.id}/metadata-properties", rules, 201),
        ("DELETE", f"datasets/{dataset.id}/records?ids={c}", None, 204),
    ]
    with closing(sqlite3.connect(home.index)) as index, ThreadPoolExecutor() as other:
        index.execute("BEGIN IMMEDIATE")
        first = other.submit(http.request, "POST", f"records/{a}/responses", json=answer)
        # While a change waits for the lock, others are answered.
        while not first.done():
            began = time.monotonic()
            assert http.get("version").is_success
            assert time.monotonic() - began < 1.5
        assert first.result().status_code == 201
        for method, path, body, status in requests[1:]:
            assert http.request(method, path, json=body).status_code == status
        assert http.get(f"datasets/{dataset.id}/progress").json()["total"] == 4
        published = new_dataset(server, "published")
        answer = http.get(f"datasets/{published.id}/progress")
        assert (answer.status_code, "try again" in answer.json()["detail"]) == (503, True)
    wait_until(lambda: http.get(f"datasets/{published.id}/progress").is_success)
    wait_until(lambda: found(dataset, filter=("topic.response", "==", "a")) == ["a", "b"])
    wait_until(lambda: found(dataset, "new") == ["e"])
    assert found(dataset, "changed") == []
    assert found(dataset, filter=("status", "==", "completed")) == ["a", "b"]
    assert dataset.progress() == {"total": 4, "completed": 2, "pending": 2}
    assert "level with" in home.log("server").read_text()


def test_a_damaged_index_is_built_anew_by_a_search_that_meets_the_damage(home, server, http):
    dataset = server.client.datasets("large")
    damage(home)
    body = {"query": {"text": {"q": ""}}}
    for number in range(0, 3000, 100):
        body["query"]["text"]["q"] = f"w{number}"
        answer = http.post(f"datasets/{dataset.id}/records/search", json=body)
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code == 200:
            assert [item["record"]["external_id"] for item in answer.json()["items"]] == [str(number)]
        else:
            assert "is being built anew" in answer.json()["detail"]
            time.sleep(1)
    assert dataset.progress()["total"] == 3000
    assert "damaged" in home.log("server").read_text()


def test_a_damaged_index_is_built_anew_at_the_start(home, all_gone):
    assert all_gone(home.path)
    damage(home)
    with argilla_local.start(home.path) as server:
        dataset = server.client.datasets("large")
        assert found(dataset, "w2999") == ["2999"]
        assert dataset.progress()["total"] == 3000
        assert "built anew" in home.log("server").read_text()


FULL = """
import subprocess, sys, time
from pathlib import Path
import argilla as rg
from helpers import argilla_local
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

home, disk = Home(Path(sys.argv[1])), Path(sys.argv[2])
with argilla_local.start(home.path):
    pass
for name in ("index.db", "index.db-wal", "index.db-shm"):
    file = home.path / name
    file.touch()
    (disk / name).write_bytes(file.read_bytes())
    subprocess.run(["mount", "--bind", disk / name, file], check=True)
with argilla_local.start(home.path) as server:
    http = server.client.http_client
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.LabelQuestion("topic", labels=["a", "b"])])
    dataset = rg.Dataset("full", settings=settings, client=server.client).create()
    dataset.records.log([{"id": str(number), "text": f"text {number}"} for number in range(200)])
    records = list(dataset.records)
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    answer = {"values": {"topic": {"value": "a"}}, "status": "submitted"}
    codes = {http.post(f"/api/v1/records/{record._server_id}/responses", json=answer).status_code for record in records}
    codes.add(http.put(f"/api/v1/datasets/{dataset.id}/records/bulk", json={"items": [{"fields": {"text": "later"}}]}).status_code)
    print(sorted(codes), dataset.progress()["completed"] < 200)
    (disk / "filler").unlink()
    deadline = time.monotonic() + 60
    while dataset.progress()["completed"] < 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    print(dataset.progress(), len(list(dataset.records(rg.Query(filter=("topic.response", "==", "a"))))), len(list(dataset.records("later"))))
"""  # noqa: E501


def test_what_does_not_fit_on_a_full_disk_is_in_the_index_when_there_is_room_again(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = f'mount -t tmpfs -o size=1500k tmpfs "{disk}"; exec "$@"'
    done = subprocess.run(
        [
            *("unshare", "--mount", "--map-root-user", "sh", "-ec", mounted, "sh"),
            *(sys.executable, "-W", "ignore", "-c", FULL, tmp_path / "home", disk),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"this system lets nobody mount a disk of his own: {done.stderr.strip()}")
    assert done.stdout.splitlines()[-2:] == [
        "[200, 201] True",
        "{'total': 201, 'completed': 200, 'pending': 1} 200 1",
    ], done.stderr
