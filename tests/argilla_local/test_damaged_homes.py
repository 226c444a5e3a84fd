"""An embedded Argilla whose home is damaged or gone in part, and whose parts keep dying.

A start takes seconds, so each test walks through several faults, and the home goes on to the next test.
"""

import json
import os
import shutil
import signal
import subprocess
import time

import argilla as rg
import pytest

from helpers import argilla_local
from helpers.argilla_local import leases
from helpers.argilla_local.__main__ import main
from helpers.argilla_local.backups import copies
from helpers.argilla_local.environment import ensure_environment
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.handle import launch
from helpers.argilla_local.home import Home
from helpers.argilla_local.redis_server import find_redis
from helpers.argilla_local.reindexing import reindex


@pytest.fixture(scope="module")
def home(tmp_path_factory, local_argilla):
    """A home that has been in use, with one record."""
    assert local_argilla.client  # before ours, so that it stays the SDK's default for the other tests
    home = Home(tmp_path_factory.mktemp("damaged") / "home")
    with argilla_local.start(home.path) as server:
        settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("comment")])
        dataset = rg.Dataset("kept", settings=settings, client=server.client).create()
        dataset.records.log([{"id": "first", "text": "a text"}])
        wait_until(lambda: copies(home))
    # The next start makes another copy, with the record.
    shutil.rmtree(home.backups)
    yield home
    leases.stop(home)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def part(home, name):
    return leases.read_status(home)["parts"][name]


def test_a_start_deletes_nothing_of_others_and_mends_what_it_can(home, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for name in ("thesis.tex", "supervisor.sock", "redis.sock"):
        (theirs / name).write_text("not ours")
    state = json.loads((home.path / "state.json").read_text())
    (home.path / "state.json").write_text(json.dumps({**state, "sockets": str(theirs)}))
    home.lock.unlink()
    with (home.redis / "appendonly.aof").open("ab") as queue:
        queue.write(b"garbage")

    with argilla_local.start(home.path) as server:
        assert len(list(server.client.datasets("kept").records("text"))) == 1
        assert {path.name: path.read_text() for path in theirs.iterdir()} == dict.fromkeys(
            ["thesis.tex", "supervisor.sock", "redis.sock"], "not ours"
        )
        assert "Redis could not load its queue: it is cut off" in server.logs("supervisor")
        [damaged] = home.path.glob("redis-damaged-*/appendonly.aof")
        assert damaged.read_bytes().endswith(b"garbage")
        wait_until(lambda: copies(home))

        # The lock is deleted while it runs: there is still but one.
        home.lock.unlink()
        environment = ensure_environment()
        launch(home, environment, find_redis(environment))
        with argilla_local.start(home.path) as again:
            assert again.url == server.url
        with pytest.raises(HomeError, match="Argilla runs in"):
            reindex(home)


def test_deaths_of_worker_and_redis_do_not_touch_the_web_server(home, capsys):
    with argilla_local.start(home.path) as server:
        before = part(home, "server")
        for name, deaths in (("worker", 4), ("redis", 1)):
            for starts in range(1, deaths + 1):
                wait_until(lambda name=name, starts=starts: part(home, name)["starts"] == starts)
                os.kill(part(home, name)["pid"], signal.SIGKILL)
        # What is down, for longer and longer, is said.
        assert wait_until(lambda: part(home, "worker")["ending"]) == "killed by signal 9"
        assert main(["status", "--home", str(home.path)]) == 0
        said = capsys.readouterr().out
        assert "worker: down (killed by signal 9), started 4 times" in said
        assert "worker ended, killed by signal 9: it is started again in 4 s" in server.logs("supervisor")
        assert server.client.me.username == "argilla"
        assert part(home, "server") == before
        wait_until(lambda: all(part(home, name)["is_ready"] for name in ("redis", "worker")))
        assert part(home, "worker")["starts"] == 5


def test_a_database_that_is_gone_or_damaged_is_restored_from_the_copy(home):
    home.database.unlink()
    with pytest.raises(
        HomeError, match=r"argilla\.db is missing, though the home has been in use: restore it"
    ):
        argilla_local.start(home.path)
    home.database.write_bytes(b"garbage" * 1000)
    with pytest.raises(HomeError, match=r"argilla\.db is damaged \(file is not a database\)") as caught:
        argilla_local.start(home.path)
    with pytest.raises(HomeError, match=r"argilla\.db is damaged"):
        reindex(home)
    subprocess.run(["sh", "-c", str(caught.value).split("`")[1]], check=True)
    with argilla_local.start(home.path) as server:
        assert [record.id for record in server.client.datasets("kept").records("text")] == ["first"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("state.json", '{"sockets": "/x", "port": -1}', "port is -1, not a port's number"),
        ("credentials.json", "{", "is damaged"),
        ("tmp", "", "tmp is not a folder"),
        ("index.db", None, "index.db is not a file"),
    ],
)
def test_one_sentence_says_what_to_delete(home, name, content, said, capsys):
    path = home.path / name
    before = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    try:
        assert main(["start", "--home", str(home.path)]) == 1
        error = capsys.readouterr().err
        assert said in error
        assert "delete it" in error
        assert error.count("\n") == 1
    finally:
        if path.is_dir():
            path.rmdir()
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
