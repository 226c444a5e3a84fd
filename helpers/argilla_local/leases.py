"""How clients speak with the supervisor of a home: lines of JSON on its Unix socket.

A client asks for a lease: ``{"action": "lease"}``. It reads ``{"event": "accepted"}`` at once, then ``ready``
with the URL or ``failed`` with the part and its log. From then on the open connection is the lease: the
system closes it when the client dies, however it dies. A client that gives its lease back closes its side for
writing and reads to the end, which comes when it was not the last lease, or when everything has stopped. An
end before ``accepted`` means that the supervisor is stopping: a new one is needed.
"""

import json
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.argilla_local.errors import StartError, StopError
from helpers.argilla_local.home import Home, tail

ANSWER_S = 10.0
START_S = 180.0
STOP_S = 15.0
ATTEMPTS = 5

Message = dict[str, Any]


@dataclass(frozen=True)
class Lease:
    """A lease on a running Argilla, and where it is."""

    connection: "Connection"
    url: str

    def release(self) -> None:
        """Give the lease back. Where it was the last one, wait until everything has stopped.

        Raises
        ------
        StopError
            It has not stopped in good time.
        """
        self.connection.finish()

    def forget(self) -> None:
        """Close this process's copy of the connection, in a fork whose parent keeps the lease."""
        self.connection.close()


class Connection:
    """An open connection to a supervisor."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._unread = b""

    def send(self, message: Message) -> None:
        """Send one message."""
        self._socket.sendall(encode(message))

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, None at the end of the connection; TimeoutError where neither comes."""
        self._socket.settimeout(timeout_s)
        while b"\n" not in self._unread:
            try:
                received = self._socket.recv(65536)
            except ConnectionError:
                received = b""
            if not received:
                return None
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        return decode(line)

    def finish(self) -> None:
        """Say that no message follows, wait for the end of the other side, and close.

        Raises
        ------
        StopError
            That end does not come.
        """
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while self.receive(STOP_S) is not None:
                pass
        except TimeoutError as error:
            raise StopError(
                f"Argilla has not stopped after {STOP_S:.0f} s: end its supervisor (`fuser` on the file "
                "`lock` in the home names it)."
            ) from error
        except OSError:
            pass  # Nobody is there any more: there is nothing to wait for.
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def encode(message: Message) -> bytes:
    r"""Return a message as one line.

    Examples
    --------
    >>> encode({"action": "lease"})
    b'{"action": "lease"}\n'
    """
    return json.dumps(message).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message of a line, empty where the line holds none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def connect(home: Home) -> Connection | None:
    """Connect to the supervisor of a home, None where none listens."""
    state = home.read_state()
    if state is None or not is_own_folder(state.sockets):
        return None
    connected = socket.socket(socket.AF_UNIX)
    try:
        connected.connect(state.supervisor_socket)
    except OSError:
        connected.close()
        return None
    return Connection(connected)


def is_own_folder(path: str) -> bool:
    """Tell whether a folder is this user's: in /tmp, another one could make it anew once ours is gone."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def read_status(home: Home) -> Message | None:
    """Return what the supervisor of a home says of itself, None where none answers."""
    connection = connect(home)
    if connection is None:
        return None
    try:
        connection.send({"action": "status"})
        return connection.receive(ANSWER_S)
    except (ConnectionError, TimeoutError):
        return None
    finally:
        connection.close()


def stop(home: Home) -> bool:
    """Have the supervisor of a home stop everything, and wait for that; return False where none listens.

    Raises
    ------
    StopError
        It has not stopped in good time.
    """
    connection = connect(home)
    if connection is None:
        return False
    connection.send({"action": "stop"})
    connection.finish()
    return True


def announce(home: Home, part: str) -> None:
    """Tell the supervisor that a part is ready."""
    connection = connect(home)
    if connection is not None:
        connection.send({"action": "announce", "part": part})
        connection.close()


def acquire(home: Home, launch: Callable[[], None], *, hold: bool = False) -> Lease:
    """Take a lease on the Argilla of a home, and wait until it is ready.

    Parameters
    ----------
    home
        The home.
    launch
        Starts a supervisor and returns when one listens. Called where none does.
    hold
        Let the lease outlive its connection, until somebody asks the supervisor to stop.

    Raises
    ------
    StartError
        A part failed, the supervisor does not answer, or somebody stopped it meanwhile.
    """
    for _ in range(ATTEMPTS):
        connection = connect(home)
        if connection is not None:
            if _is_accepted(connection, "hold" if hold else "lease", home):
                return _wait_until_ready(connection, home)
            connection.close()
        launch()
    raise StartError(
        "supervisor",
        f"{ATTEMPTS} supervisors stopped before they took a lease.",
        tail(home.log("supervisor"), 20),
    )


def _is_accepted(connection: Connection, action: str, home: Home) -> bool:
    try:
        connection.send({"action": action})
        return connection.receive(ANSWER_S) is not None
    except ConnectionError:
        return False
    except TimeoutError as error:
        connection.close()
        raise StartError(
            "supervisor",
            f"the one of {home.path} does not answer: end it (`fuser {home.lock}` names it) and start again.",
            tail(home.log("supervisor"), 20),
        ) from error


def _wait_until_ready(connection: Connection, home: Home) -> Lease:
    try:
        outcome = connection.receive(START_S)
    except TimeoutError:
        outcome = {
            "event": "failed",
            "part": "supervisor",
            "reason": f"nothing was ready after {START_S:.0f} s.",
        }
    if outcome is None:
        outcome = {"event": "failed", "part": "supervisor", "reason": "it was stopped during the start."}
    if outcome["event"] == "failed":
        connection.finish()
        part = outcome["part"]
        raise StartError(part, outcome["reason"], tail(home.log(part), 20))
    return Lease(connection, outcome["url"])
