"""Ctrl-C on a command, as a terminal does it."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


def interrupted(command: Sequence[str], began: Path, cwd: Path) -> tuple[int, str]:
    """Run a command, interrupt it once a file is there, and return its status and what it said as errors."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not began.exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1]
    return process.returncode, said
