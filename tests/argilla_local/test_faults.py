"""A disk that is full or read-only, and homes whose first start was cut short."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from helpers import argilla_local
from helpers.argilla_local import environment, leases
from helpers.argilla_local.home import Home

START = """
import sys
from helpers import argilla_local
try:
    argilla_local.start(sys.argv[1])
except argilla_local.ArgillaLocalError as error:
    print(type(error).__name__, error)
"""
FILL = """
import sys
from pathlib import Path
import argilla as rg
from helpers import argilla_local

home = Path(sys.argv[1])
with argilla_local.start(home) as server:
    client = server.client
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("comment")])
    dataset = rg.Dataset("full", settings=settings, client=client).create()
    dataset.records.log([{"id": "before", "text": "stored before"}])
    with (home.parent / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    try:
        dataset.records.log([{"id": str(number), "text": "too much " * 9} for number in range(500)])
    except Exception as error:
        print(error)
    (home.parent / "filler").unlink()
    dataset.records.log([{"id": "after", "text": "stored after"}])
    print(sorted(record.id for record in dataset.records("stored")), dataset.progress()["total"])
"""


@pytest.fixture
def on_a_disk(tmp_path):
    """Run a program with a home on a disk that is mounted for it alone."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def run(program, mount, limit_s=300):
        mounted = ["unshare", "--mount", "--map-root-user", "sh", "-ec", f'{mount}; exec "$@"', "sh"]
        done = subprocess.run(
            [*mounted, sys.executable, "-W", "ignore", "-c", program, disk / "home"],
            cwd=disk.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
        if "mount:" in done.stderr or "unshare:" in done.stderr:
            pytest.skip(f"this system lets nobody mount a disk of his own: {done.stderr.strip()}")
        return done.stdout

    return run


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return found


def test_too_small_a_disk(on_a_disk):
    said = on_a_disk(START, "mount -t tmpfs -o size=4m tmpfs disk")
    assert said.startswith("HomeError The home ")
    assert "has 4 MB of free space, and Argilla needs 50 to start: free some" in said


def test_a_read_only_disk(on_a_disk, tmp_path):
    Home(tmp_path / "disk" / "home").create()
    said = on_a_disk(START, "mount --bind disk disk; mount -o remount,bind,ro disk")
    assert said.startswith("HomeError The home ")
    assert "Read-only file system" in said
    assert "pass another one, or set ARGILLA_LOCAL_HOME" in said


def test_a_disk_that_fills_up_loses_nothing_that_was_stored(on_a_disk):
    said = on_a_disk(FILL, "mount -t tmpfs -o size=70m tmpfs disk")
    assert "database or disk is full" in said
    assert said.splitlines()[-1] == "['after', 'before'] 2"


def test_a_database_that_the_first_start_left_half_made_is_made_anew(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    with closing(sqlite3.connect(home.database)) as database:
        database.execute("CREATE TABLE users (id CHAR(32))")
    with argilla_local.start(home.path) as server:
        assert server.client.me.username == "argilla"
        assert "was left half-made" in home.log("server").read_text()


def test_a_first_start_that_is_killed_is_simply_done_again(tmp_path, run_python, all_gone):
    home = Home(tmp_path / "home")
    run_python(START, home.path)
    wait_until(lambda: leases.read_status(home) and home.database.exists())
    os.kill(leases.read_status(home)["pid"], signal.SIGKILL)
    assert all_gone(home.path)
    # Neither does the kill of a part end the second one.
    with ThreadPoolExecutor() as other:
        killed = other.submit(kill_during_the_start, home, "server")
        with argilla_local.start(home.path) as server:
            killed.result()
            assert server.client.me.username == "argilla"
            assert leases.read_status(home)["parts"]["server"]["starts"] == 2


def kill_during_the_start(home, part):
    pid = wait_until(lambda: (leases.read_status(home) or {"parts": {part: {}}})["parts"][part].get("pid"))
    os.kill(pid, signal.SIGKILL)


def test_an_environment_whose_building_is_killed_is_built_again(tmp_path, run_python, monkeypatch):
    folder, requirements = tmp_path / "environment", tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(folder))
    build = (
        "import sys; from pathlib import Path; from helpers.argilla_local import environment; "
        "environment.ensure_environment(Path(sys.argv[1]))"
    )
    builder = run_python(build, requirements)
    wait_until((folder / "pyvenv.cfg").exists)
    builder.kill()
    assert builder.wait() == -signal.SIGKILL
    assert environment.ensure_environment(requirements) == folder
    assert subprocess.run([environment.python_of(folder), "-I", "-c", ""], check=True).returncode == 0
