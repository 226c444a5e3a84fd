"""Whole lives of an embedded Argilla on one home, from the first start to the last stop.

A start takes seconds, so each test walks through several situations, and the home goes on to the next test.
"""

import contextlib
import os
import signal
import sqlite3
import stat
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import argilla as rg
import pytest

from helpers import argilla_local
from helpers.argilla_local import leases, supervisor
from helpers.argilla_local.__main__ import main
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.environment import ensure_environment
from helpers.argilla_local.handle import launch
from helpers.argilla_local.home import Home
from helpers.argilla_local.locks import try_lock
from helpers.argilla_local.redis_server import find_redis

# A client that holds a lease, and has a fork that outlives it.
CLIENT = """
import os, sys
from helpers import argilla_local
server = argilla_local.start(sys.argv[1])
if os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
print(server.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("lives") / "home")
    yield home
    leases.stop(home)


def status_of(home: Home) -> dict:
    status = leases.read_status(home)
    assert status is not None
    return status


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def answers(url: str) -> bool:
    # A server that is starting again keeps requests waiting; one that was killed amid a request drops it.
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/api/v1/version", timeout=60) as answer:
        return answer.status == 200
    return False


def wait_until(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_clients_start_at_once_and_are_killed(home, run_python, all_gone, local_argilla):
    clients = [run_python(CLIENT, home.path) for _ in range(2)]
    first, second = (client.stdout.readline().strip() for client in clients)
    assert first == second == home.read_state().url
    assert first != local_argilla.url  # Two homes do not meet.
    assert status_of(home)["leases"] == 2

    api_key = read_credentials(home).api_key
    client = rg.Argilla(api_url=first, api_key=api_key)
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.LabelQuestion("topic", ["a", "b"])])
    dataset = rg.Dataset("kept", workspace="argilla", settings=settings, client=client).create()
    dataset.records.log([{"id": str(number), "text": f"text {number}"} for number in range(20)])

    clients[0].kill()
    wait_until(lambda: status_of(home)["leases"] == 1)
    assert answers(second)
    clients[1].kill()
    assert all_gone(home.path)


def test_it_outlives_its_parts_but_not_its_supervisor(home, capsys, monkeypatch, all_gone, processes):
    # Variables meant for another Argilla, or another Python, do not reach the server.
    monkeypatch.setenv("ARGILLA_BASE_URL", "/elsewhere")
    monkeypatch.setenv("ARGILLA_SEARCH_ENGINE", "elasticsearch")
    monkeypatch.setenv("PYTHONPATH", str(home.path))
    assert main(["start", "--home", str(home.path)]) == 0
    url = home.read_state().url
    said = capsys.readouterr().out
    assert url in said
    assert f"credentials --home {home.path}" in said

    # The data of the first life are there, and can be searched.
    with argilla_local.start(home.path) as server:
        kept = server.client.datasets("kept", workspace="argilla")
        assert len(list(kept.records)) == 20
        found = list(kept.records(rg.Query(query="7")))
        assert [record.id for record in found] == ["7"]
    assert status_of(home)["leases"] == 1  # The lease of `start` stays.

    # A part that dies is started again, at the same place.
    before = status_of(home)["parts"]
    for part in before.values():
        kill(part["pid"])
    wait_until(lambda: all(part["starts"] == 2 for part in status_of(home)["parts"].values()))
    assert not {part["pid"] for part in before.values()} & set(processes(home.path))
    wait_until(lambda: answers(url))

    # Everything is private, and no secret is where it does not belong.
    shut = {home.temporary, home.sockets}  # Nobody else gets into these folders.
    files = [path for path in home.path.rglob("*") if not shut & set(path.parents)]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (home.path, *files)} == {0}
    credentials = read_credentials(home)
    logs = "".join(path.read_text(errors="replace") for path in home.logs.iterdir())
    commands = "".join(processes(home.path).values())
    variables = "".join(Path(f"/proc/{pid}/environ").read_text() for pid in processes(home.path))
    for secret in (credentials.password, credentials.api_key, credentials.secret_key):
        assert secret not in logs + commands + variables

    # A client that comes while the supervisor stops gets the next one, where the last one was.
    pid = status_of(home)["pid"]
    stopper = threading.Thread(target=leases.stop, args=(home,))
    stopper.start()
    wait_until(lambda: leases.read_status(home) is None)
    server = argilla_local.start(home.path)
    stopper.join()
    assert status_of(home)["pid"] != pid
    assert server.url == url

    kill(status_of(home)["pid"])
    assert all_gone(home.path)
    server.stop()  # There is nothing left to stop, and no harm in it.


def test_the_next_start_minds_nothing_that_a_killed_one_left_behind(home, capsys, processes):
    assert leases.connect(home) is None
    assert Path(home.read_state().supervisor_socket).is_socket()
    lost = read_credentials(home)
    home.credentials.unlink()
    with argilla_local.start(home.path) as server:
        # The owner follows the credentials file, even one made anew.
        assert read_credentials(home) != lost
        assert server.client.me.username == "argilla"
        assert main(["stop", "--home", str(home.path)]) == 0
        assert not processes(home.path)
        assert not home.temporary.exists()
    assert main(["stop", "--home", str(home.path)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Argilla has stopped.",
        f"No Argilla runs in {home.path}.",
    ]


def test_a_failed_start_shows_the_log_of_the_part_that_failed(tmp_path, all_gone):
    # So long a path that no socket fits into it: they go elsewhere.
    home = Home(tmp_path / ("long" * 25))
    home.create()
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("CREATE TABLE alembic_version AS SELECT 'of another release' AS version_num")
        database.execute("CREATE TABLE users AS SELECT 'ada' AS username")
    with pytest.raises(
        argilla_local.StartError, match="it ended during the start, with exit status"
    ) as caught:
        argilla_local.start(home.path)
    assert caught.value.part == "server"
    assert "of another release" in caught.value.log
    assert all_gone(home.path)
    sockets = Path(home.read_state().sockets)
    assert sockets.parent == Path("/tmp")
    assert not sockets.exists()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The folder for sockets that a home has no place for, in the place of /tmp."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setattr(supervisor, "ELSEWHERE", str(folder))
    return folder


def a_folder_for_sockets(path):
    path.mkdir()
    for name in ("redis.sock", "supervisor.sock"):
        os.mknod(path / name, stat.S_IFSOCK | 0o600)
    return path


def test_a_folder_for_sockets_goes_with_its_home(tmp_path, elsewhere):
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    prefix = supervisor._sockets_prefix(home)
    ours = a_folder_for_sockets(elsewhere / f"{prefix}1")
    supervisor._remove_sockets(home, str(ours))
    assert not ours.exists()

    theirs = a_folder_for_sockets(elsewhere / f"{supervisor._sockets_prefix(other)}1")
    mixed = a_folder_for_sockets(elsewhere / f"{prefix}2")
    (mixed / "thesis.tex").touch()
    linked = elsewhere / f"{prefix}3"
    linked.symlink_to(theirs)
    within = a_folder_for_sockets(theirs / f"{prefix}4")
    for folder in (theirs, linked, within, mixed, elsewhere, tmp_path):
        supervisor._remove_sockets(home, str(folder))
    assert sorted(path.name for path in theirs.iterdir()) == [within.name, "redis.sock", "supervisor.sock"]
    assert len(list(within.iterdir())) == 2
    assert [path.name for path in mixed.iterdir()] == ["thesis.tex"]


def test_it_ends_when_the_client_dies_during_the_start(tmp_path, run_python, all_gone):
    home = Home(tmp_path / "home")
    client = run_python(CLIENT, home.path)
    wait_until(lambda: (status := leases.read_status(home)) is not None and status["leases"] == 1)
    client.kill()
    assert all_gone(home.path)


def test_it_ends_when_nobody_comes(tmp_path, all_gone):
    home = Home(tmp_path / "home")
    home.create()
    environment = ensure_environment()
    launch(home, environment, find_redis(environment))
    assert leases.read_status(home)["leases"] == 0
    assert all_gone(home.path)


def test_its_home_is_free_as_soon_as_it_has_stopped(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    environment = ensure_environment()
    launch(home, environment, find_redis(environment))
    assert leases.stop(home)
    lock = try_lock(home.lock)
    assert lock is not None
    lock.close()
