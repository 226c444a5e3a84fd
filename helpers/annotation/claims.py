"""One process at a time has a dataset, for two that make it anew or fill it undo each other's work."""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import sys
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from helpers.annotation.errors import DatasetInUseError
from helpers.argilla_local.locks import try_lock

if TYPE_CHECKING:
    import argilla as rg

NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"
"""The environment variable in which Jupyter tells a kernel the path of its notebook."""

_held: dict[Path, IO[bytes]] = {}


def claim_dataset(name: str, workspace: rg.Workspace) -> None:
    """Take a dataset for this process until it ends, however it ends. It may take it again.

    The claim is a lock on a file in the user's data directory, so processes of one user see each other's,
    on all machines that share the directory. It is no matter whether the dataset is there already.

    Raises
    ------
    DatasetInUseError
        If another process has it, or the user's data directory cannot be written.
    """
    path = _path(name, workspace)
    if path in _held or sys.platform == "win32":  # which has no such locks
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _lock(path)
    except OSError as error:
        raise DatasetInUseError(
            f"Whether another process uses the dataset {name!r} cannot be told, as {path.parent} cannot be "
            f"written ({error.strerror}). Make it writable."
        ) from error
    if file is None:
        holder = path.read_text(encoding="utf-8", errors="replace") or "another process"
        raise DatasetInUseError(
            f"The dataset {name!r} is in use by {holder}. Shut that kernel or process down, or choose "
            "another name (NAME in a notebook)."
        )
    file.truncate(0)
    file.write(_me().encode())
    file.flush()
    _held[path] = file


def release_dataset(name: str, workspace: rg.Workspace) -> None:
    """Give a dataset up that this process has taken."""
    _release(_path(name, workspace))


def _path(name: str, workspace: rg.Workspace) -> Path:
    from platformdirs import user_data_path

    # A workspace's id is no other server's, and stays the same where the server's address changes.
    file_name = f"{workspace.id}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return user_data_path("labeling-notebooks") / "claims" / file_name


def _lock(path: Path) -> IO[bytes] | None:
    while (file := try_lock(path)) is not None:
        # Between opening and locking it, a process that ended may have removed it.
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            break
        file.close()
    return file


def _release(path: Path) -> None:
    path.unlink(missing_ok=True)
    _held.pop(path).close()


@atexit.register
def _release_all() -> None:
    for path in list(_held):
        _release(path)


def _me() -> str:
    what = os.environ.get(NOTEBOOK_VARIABLE) or sys.argv[0] or "Python"
    return f"process {os.getpid()} on {platform.node()} ({what}), since {datetime.now():%Y-%m-%d %H:%M}"
