"""The one process per home that owns Redis, web server and worker, and ends them with the last lease."""

import asyncio
import contextlib
import hashlib
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
from helpers.argilla_local.backups import back_up, check_database
from helpers.argilla_local.credentials import ensure_credentials
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import PARTS, UNUSABLE, Home, State
from helpers.argilla_local.locks import try_lock
from helpers.argilla_local.parts import Part, PartFailedError
from helpers.argilla_local.redis_server import RedisPart

FIRST_LEASE_S = 3.0
START_S = 150.0
PREDECESSOR_S = 20.0
# How often it is seen whether the database has a copy of today.
BACKUP_S = 3600.0
# Where sockets go that the home has no place for.
ELSEWHERE = "/tmp"

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
        self._home = home
        self._state = state
        self._redis = RedisPart(home, redis, state.redis_socket)
        descriptor = web.fileno()
        self._users_of_redis = [
            Part(
                "server", home, "server_main", str(descriptor), descriptors=(descriptor,), after=self._redis
            ),
            Part("worker", home, "worker_main", after=self._redis),
        ]
        self._parts = [self._redis, *self._users_of_redis]
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
        keepers = {part: asyncio.create_task(part.keep()) for part in self._parts}
        backups = asyncio.create_task(self._back_up())
        try:
            await self._watch(set(keepers.values()))
        except PartFailedError as failure:
            logger.error("Giving up: %s", failure)
            self._conclude({"event": "failed", "part": failure.part, "reason": failure.reason})
        self._stop.set()
        backups.cancel()
        door.close()
        Path(self._state.supervisor_socket).unlink(missing_ok=True)
        for parts in (self._users_of_redis, [self._redis]):
            for part in parts:
                keepers[part].cancel()
            await asyncio.wait([keepers[part] for part in parts])

    async def _watch(self, keepers: set["asyncio.Task[None]"]) -> None:
        stop = asyncio.create_task(self._stop.wait())
        start = asyncio.create_task(self._wait_until_ready())
        done, _ = await asyncio.wait(
            {stop, start, *keepers}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            part = next(part for part in self._parts if not part.ready.is_set())
            raise PartFailedError(part.name, f"it was not ready after {START_S:.0f} s.")
        if start in done:
            self._started.set()
            self._conclude({"event": "ready", "url": self._state.url})
            done, _ = await asyncio.wait({stop, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        for task in done & keepers:
            task.result()

    async def _wait_until_ready(self) -> None:
        for part in self._parts:
            await part.ready.wait()

    async def _back_up(self) -> None:
        await self._started.wait()
        while True:
            try:
                if copy := await asyncio.to_thread(back_up, self._home):
                    logger.info("The database is copied to %s.", copy)
            except (HomeError, OSError) as error:
                logger.warning("No copy of the database was made: %s", error)
            await asyncio.sleep(BACKUP_S)

    def _conclude(self, outcome: leases.Message) -> None:
        self._outcome = outcome
        for writer in self._leases:
            writer.write(leases.encode(outcome))

    def _stop_without_lease(self) -> None:
        if not self._leases and not self._is_held:
            self._stop.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            request = leases.decode(await reader.readline())
        except (ValueError, ConnectionError):  # A line that is too long, or a client that is gone.
            request = {}
        match request.get("action"):
            case "lease" | "hold" as action if not self._stop.is_set():
                await self._lease(reader, writer, outlives=action == "hold")
            case "announce":
                for part in self._users_of_redis:
                    if part.name == request.get("part"):
                        part.ready.set()
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
            while await reader.read(65536):
                pass
        self._leases.discard(writer)
        self._is_held |= outlives and self._started.is_set()
        self._stop_without_lease()

    def _status(self) -> leases.Message:
        return {
            "url": self._state.url,
            "is_ready": self._started.is_set(),
            "pid": os.getpid(),
            "leases": len(self._leases) + self._is_held,
            "parts": {part.name: part.status() for part in self._parts},
        }


def main(home: Home, redis: str) -> None:
    """Become the supervisor of a home in the background; return at once where it has one that listens.

    When the process that was started returns, a supervisor listens.
    """
    os.umask(0o077)
    try:
        lock = _lock_or_find_other(home)
        if lock is None:
            return
        ensure_credentials(home)
        check_database(home)
        shutil.rmtree(home.temporary, ignore_errors=True)
        home.temporary.mkdir(exist_ok=True)
        for part in PARTS:
            home.log(part).write_bytes(b"")
        before = home.read_state()
        web = _listen_on_web(before.port if before else 0)
        listener, sockets = _listen_to_clients(home, before)
        state = State(sockets, web.getsockname()[1])
        home.write_state(state)
    except (HomeError, OSError) as error:
        print(
            error if isinstance(error, HomeError) else f"The home {home.path} cannot be used ({error}).",
            file=sys.stderr,
        )
        sys.exit(UNUSABLE)
    if os.fork():
        os._exit(0)
    os.setsid()
    _redirect(home.log("supervisor"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_supervise(home, state, web, redis, listener, lock))


async def _supervise(
    home: Home, state: State, web: socket.socket, redis: str, listener: socket.socket, lock: IO[bytes]
) -> None:
    await Supervisor(home, state, web, redis).run(listener)
    shutil.rmtree(home.temporary, ignore_errors=True)
    _remove_sockets(home, state.sockets)
    # The system would close these last, when clients have been told that all is over.
    web.close()
    lock.close()
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
    # Where somebody deleted the file, the one that runs holds the lock of a file without a name.
    if (other := leases.connect(home)) is not None:
        other.close()
        lock.close()
        return None
    return lock


def _listen_on_web(port: int) -> socket.socket:
    # The port of the last time, if it is free, so that open browser tabs and bookmarks stay valid.
    with contextlib.suppress(OSError):
        return socket.create_server(("127.0.0.1", port))
    return socket.create_server(("127.0.0.1", 0))


def _listen_to_clients(home: Home, before: State | None) -> tuple[socket.socket, str]:
    if before is not None:
        _remove_sockets(home, before.sockets)
    listener = socket.socket(socket.AF_UNIX)
    sockets = str(home.sockets)
    try:
        _bind(listener, sockets)
    except OSError:
        # The path is longer than a socket's may be (about 108 bytes), or the file system has no sockets.
        sockets = tempfile.mkdtemp(prefix=_sockets_prefix(home), dir=ELSEWHERE)
        _bind(listener, sockets)
    listener.listen()
    return listener, sockets


def _bind(listener: socket.socket, sockets: str) -> None:
    path = Path(State(sockets, 0).supervisor_socket)
    if path.is_socket():
        path.unlink()
    listener.bind(str(path))


def _sockets_prefix(home: Home) -> str:
    return f"argilla-{hashlib.sha256(os.fsencode(home.path)).hexdigest()[:8]}-"


def _remove_sockets(home: Home, folder: str) -> None:
    """Remove a folder that was made elsewhere for the sockets of this home, and nothing else."""
    parent, name = os.path.split(folder)
    if parent != ELSEWHERE or not name.startswith(_sockets_prefix(home)) or not leases.is_own_folder(folder):
        return
    state = State(folder, 0)
    with contextlib.suppress(OSError):  # It holds what is none of ours.
        for path in map(Path, (state.supervisor_socket, state.redis_socket)):
            if path.is_socket():
                path.unlink()
        Path(folder).rmdir()


def _redirect(log: Path) -> None:
    with Path(os.devnull).open("rb") as nothing, log.open("ab") as file:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
