import os
import socket
import time

import pytest

from helpers.argilla_local import leases
from helpers.argilla_local.errors import StartError, StopError
from helpers.argilla_local.home import Home, State


def count(home: Home) -> int:
    status = leases.read_status(home)
    assert status is not None
    return status["leases"]


@pytest.fixture
def home(local_argilla):
    return Home(local_argilla.home)


def test_an_open_connection_is_a_lease(home, local_argilla):
    before = count(home)
    connection = leases.connect(home)
    assert count(home) == before  # It has not asked for one.
    connection.send({"action": "lease"})
    assert connection.receive(10) == {"event": "accepted"}
    assert connection.receive(10) == {"event": "ready", "url": local_argilla.url}
    assert count(home) == before + 1
    connection.finish()
    assert count(home) == before


def test_a_lease_that_is_not_the_last_is_given_back_at_once(home):
    before = count(home)
    lease = leases.acquire(home, pytest.fail)
    assert count(home) == before + 1
    lease.release()
    assert count(home) == before


def test_a_closed_connection_is_no_lease(home):
    before = count(home)
    lease = leases.acquire(home, pytest.fail)
    assert count(home) == before + 1
    lease.forget()
    deadline = time.monotonic() + 10
    while count(home) > before:  # Nobody waited for the supervisor to notice.
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"\n", b"nonsense\n", b"\xff\n", b"[1]\n", b"[" * 60_000 + b"\n", b"x" * 100_000),
        *(b'{"action": "dance"}\n', b'{"action": ["stop"]}\n', b'{"action": "announce"}\n'),
        *(b'{"action": "announce", "part": ["server"]}\n', b'{"action": "announce", "part": "redis"}\n'),
    ],
    ids=lambda said: repr(said[:40]),
)
def test_nonsense_is_answered_with_an_end(home, said):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(home.read_state().supervisor_socket)
        client.settimeout(10)
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert count(home) >= 1
    assert "Traceback" not in home.log("supervisor").read_text()


def test_nobody_is_there(tmp_path):
    home = Home(tmp_path / "home")
    assert leases.connect(home) is None
    assert leases.read_status(home) is None
    assert leases.stop(home) is False


def test_a_socket_that_nobody_listens_on_any_more(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    home.write_state(State(str(home.sockets), 0))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(home.read_state().supervisor_socket)
    assert leases.connect(home) is None


def test_a_folder_of_another_user_is_not_trusted(home, monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: os.geteuid() + 1)
    assert leases.connect(home) is None


def test_a_supervisor_that_never_comes_is_an_error(tmp_path):
    calls = []
    with pytest.raises(StartError, match="stopped before they took a lease") as caught:
        leases.acquire(Home(tmp_path), lambda: calls.append(1))
    assert caught.value.part == "supervisor"
    assert len(calls) == leases.ATTEMPTS


def test_a_supervisor_that_does_not_answer_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "ANSWER_S", 0.1)
    home = Home(tmp_path / "home")
    home.create()
    home.write_state(State(str(home.sockets), 0))
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(home.read_state().supervisor_socket)
        silent.listen()
        with pytest.raises(StartError, match="does not answer"):
            leases.acquire(home, pytest.fail)
        assert leases.read_status(home) is None
        monkeypatch.setattr(leases, "STOP_S", 0.1)
        with pytest.raises(StopError, match="has not stopped"):
            leases.stop(home)
