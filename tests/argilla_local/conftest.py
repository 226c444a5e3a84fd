"""What the tests of the embedded Argilla's processes share."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.argilla_local.home import Home, State

collect_ignore = ["engine_contract.py"]  # run by test_engine_contract.py

GONE_S = 10.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is in use by nobody."""
    home = Home(tmp_path / "home")
    home.create()
    home.write_state(State(str(home.sockets), 0))
    return home


@pytest.fixture
def processes() -> Callable[[Path], dict[int, str]]:
    """Return the processes of an Argilla, by id: their command lines name its home."""

    def find(home: Path) -> dict[int, str]:
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # It has just ended.
                continue
            if str(home) in command and ("entry.py" in command or "redis" in command):
                found[int(folder.name)] = command
        return found

    return find


@pytest.fixture
def all_gone(processes: Callable[[Path], dict[int, str]]) -> Callable[[Path], bool]:
    """Tell whether no process of a home is left within the promised time."""

    def wait(home: Path) -> bool:
        deadline = time.monotonic() + GONE_S
        while processes(home) and time.monotonic() < deadline:
            time.sleep(0.1)
        return not processes(home)

    return wait


@pytest.fixture
def run_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python program with arguments; it is killed at the end of the test."""
    started: list[subprocess.Popen[str]] = []

    def run(program: str, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()  # It closes its input too, which ends forks that read it.
