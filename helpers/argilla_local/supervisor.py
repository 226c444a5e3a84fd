"""The one process per home that owns Redis, web server and worker, and ends them with the last lease."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from helpers.argilla_local import leases
from helpers.argilla_local.credentials import ensure_credentials
from helpers.argilla_local.home import PARTS, Home, State
from helpers.argilla_local.locks import try_lock
from helpers.argilla_local.parts import Part, PartFailedError

FIRST_LEASE_S = 3.0
START_S = 150.0
PREDECESSOR_S = 20.0

logger = logging.getLogger(__name__)


class Supervisor:
    """Runs the parts of a home as long as somebody holds a lease.

    Parameters
    ----------
    home
        The home; its lock is ours.
    state
        Where we are reached.
    web
        The listening socket of the web server. It is ours, so that it outlives a server that dies: requests
        wait for the next one.
    redis
        The Redis server program.
    """

    def __init__(self, home: Home, state: State, web: socket.socket, redis: str) -> None:
        self._state = state
        self._redis = Part("redis", home, "redis_server", redis)
        self._users_of_redis = [
            Part("server", home, "server_main", str(web.fileno()), descriptors=(web.fileno(),)),
            Part("worker", home, "worker_main"),
        ]
        self._parts = [self._redis, *self._users_of_redis]
        self._unready = {part.name for part in self._users_of_redis}
        self._started = asyncio.Event()
        self._stop = asyncio.Event()
        self._outcome: leases.Message | None = None
        self._leases: set[asyncio.StreamWriter] = set()
        self._is_held = False
        self._open: set[asyncio.StreamWriter] = set()

    async def run(self, listener: socket.socket) -> None:
        """Start everything, serve clients, stop everything."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.call_later(FIRST_LEASE_S, self._stop_without_lease)
        door = await asyncio.start_unix_server(self._serve, sock=listener)
        keepers = {part: asyncio.create_task(part.keep(self._started)) for part in self._parts}
        try:
            await self._watch(set(keepers.values()))
        except PartFailedError as failure:
            logger.error("Giving up: %s", failure)
            self._conclude({"event": "failed", "part": failure.part, "reason": failure.reason})
        self._stop.set()
        door.close()
        Path(self._state.supervisor_socket).unlink(missing_ok=True)
        for parts in (self._users_of_redis, [self._redis]):
            for part in parts:
                keepers[part].cancel()
            await asyncio.wait([keepers[part] for part in parts])

    async def _watch(self, keepers: set["asyncio.Task[None]"]) -> None:
        stop = asyncio.create_task(self._stop.wait())
        started = asyncio.create_task(self._started.wait())
        done, _ = await asyncio.wait(
            {stop, started, *keepers}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            raise PartFailedError(min(self._unready), f"it was not ready after {START_S:.0f} s.")
        if started in done:
            self._conclude({"event": "ready", "url": self._state.url})
            done, _ = await asyncio.wait({stop, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        for task in done & keepers:
            task.result()

    def _conclude(self, outcome: leases.Message) -> None:
        self._outcome = outcome
        for writer in self._leases:
            writer.write(leases.encode(outcome))

    def _stop_without_lease(self) -> None:
        if not self._leases and not self._is_held:
            self._stop.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        request = leases.decode(await reader.readline())
        match request.get("action"):
            case "lease" | "hold" as action if not self._stop.is_set():
                await self._lease(reader, writer, outlives=action == "hold")
            case "announce":
                self._unready.discard(request["part"])
                if not self._unready:
                    self._started.set()
            case "status":
                writer.write(leases.encode(self._status()))
            case "stop":
                self._stop.set()
        # While we stop, the connections stay open: clients take their end, at our own, for that of all.
        if not self._stop.is_set():
            self._open.discard(writer)
            writer.close()

    async def _lease(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, outlives: bool
    ) -> None:
        self._leases.add(writer)
        writer.write(leases.encode({"event": "accepted"}))
        if self._outcome is not None:
            writer.write(leases.encode(self._outcome))
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self._leases.discard(writer)
        self._is_held |= outlives and self._started.is_set()
        self._stop_without_lease()

    def _status(self) -> leases.Message:
        return {
            "url": self._state.url,
            "is_ready": self._started.is_set(),
            "pid": os.getpid(),
            "leases": len(self._leases) + self._is_held,
            "parts": {
                part.name: {"pid": part.process.pid if part.process else None, "starts": part.starts}
                for part in self._parts
            },
        }


def main(home: Home, redis: str) -> None:
    """Become the supervisor of a home in the background; return at once where it has one that listens.

    When the process that was started returns, a supervisor listens.
    """
    os.umask(0o077)
    lock = _lock_or_find_other(home)
    if lock is None:
        return
    ensure_credentials(home)
    shutil.rmtree(home.temporary, ignore_errors=True)
    home.temporary.mkdir()
    for part in PARTS:
        home.log(part).write_bytes(b"")
    before = home.read_state()
    web = _listen_on_web(before.port if before else 0)
    listener, sockets = _listen_to_clients(home, before)
    state = State(sockets, web.getsockname()[1])
    home.write_state(state)
    if os.fork():
        os._exit(0)
    os.setsid()
    _redirect(home.log("supervisor"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_supervise(home, state, web, redis, listener))


async def _supervise(
    home: Home, state: State, web: socket.socket, redis: str, listener: socket.socket
) -> None:
    await Supervisor(home, state, web, redis).run(listener)
    shutil.rmtree(home.temporary, ignore_errors=True)
    if state.sockets != str(home.sockets):
        shutil.rmtree(state.sockets)
    # At once, with the clients' connections open to the very end.
    os._exit(0)


def _lock_or_find_other(home: Home) -> IO[bytes] | None:
    deadline = time.monotonic() + PREDECESSOR_S
    while (lock := try_lock(home.lock)) is None:
        # The one that holds the lock listens, is about to, or has ceased to and is about to end.
        if (other := leases.connect(home)) is not None:
            other.close()
            return None
        if time.monotonic() > deadline:
            sys.exit(
                f"another supervisor of {home.path} neither listens nor ends (`fuser {home.lock}` names it)."
            )
        time.sleep(0.05)
    return lock


def _listen_on_web(port: int) -> socket.socket:
    # The port of the last time, if it is free, so that open browser tabs and bookmarks stay valid.
    with contextlib.suppress(OSError):
        return socket.create_server(("127.0.0.1", port))
    return socket.create_server(("127.0.0.1", 0))


def _listen_to_clients(home: Home, before: State | None) -> tuple[socket.socket, str]:
    if before is not None and before.sockets != str(home.sockets):
        shutil.rmtree(before.sockets, ignore_errors=True)
    listener = socket.socket(socket.AF_UNIX)
    sockets = str(home.sockets)
    try:
        _bind(listener, sockets)
    except OSError:
        # The path is longer than a socket's may be (about 108 bytes), or the file system has no sockets.
        sockets = tempfile.mkdtemp(prefix="argilla-", dir="/tmp")
        _bind(listener, sockets)
    listener.listen()
    return listener, sockets


def _bind(listener: socket.socket, sockets: str) -> None:
    path = State(sockets, 0).supervisor_socket
    Path(path).unlink(missing_ok=True)
    listener.bind(path)


def _redirect(log: Path) -> None:
    with Path(os.devnull).open("rb") as nothing, log.open("ab") as file:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
