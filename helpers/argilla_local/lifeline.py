"""Processes that die with their parent, even one ended by ``kill -9``.

Linux sends a signal to a process whose parent dies if it asked for it (prctl(2), PR_SET_PDEATHSIG). Other
systems have nothing like it: there a supervisor ended by ``kill -9`` leaves its processes behind.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the system kill this process as soon as `parent`, its parent, is dead."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the call.
    if os.getppid() != parent:
        os._exit(1)


def let_forks_die_with_us() -> None:
    """Do the same for every process that this one, or a fork of it, forks from now on."""
    parent = os.getpid()

    def in_child() -> None:
        nonlocal parent
        die_with(parent)
        parent = os.getpid()

    os.register_at_fork(after_in_child=in_child)
