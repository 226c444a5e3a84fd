import os
import signal
import sys
import time
from pathlib import Path

import pytest

# A parent starts a child, which forks a grandchild; each writes its process id, and all wait for ever.
PROGRAM = r"""
import os, subprocess, sys, time
from helpers.argilla_local.lifeline import die_with, let_forks_die_with_us
if sys.argv[1] == "parent":
    os.write(1, f"{os.getpid()}\n".encode())
    subprocess.run([sys.executable, "-c", sys.argv[2], "child", str(os.getpid())])
else:
    die_with(int(sys.argv[2]))
    let_forks_die_with_us()
    os.fork()
    os.write(1, f"{os.getpid()}\n".encode())
    time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_forks_of_a_child_die_with_the_parent(run_python):
    parent = run_python(PROGRAM, "parent", PROGRAM)
    pids = [int(parent.stdout.readline()) for _ in range(3)]
    assert all(map(is_alive, pids))
    os.kill(pids[0], signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, pids))


def test_a_parent_that_is_dead_already(run_python):
    program = "from helpers.argilla_local.lifeline import die_with; die_with(1); print('alive')"
    done = run_python(program)
    assert done.communicate()[0] == ""
    assert done.returncode == 1
