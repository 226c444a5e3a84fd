"""Building the search index of a home anew from its database, for when searches and records disagree."""

import subprocess

from helpers.argilla_local.backups import check_database
from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home
from helpers.argilla_local.leases import read_status
from helpers.argilla_local.locks import try_lock
from helpers.argilla_local.parts import ENTRY


def reindex(home: Home) -> str:
    """Build the search index of a stopped Argilla anew, and return what was done.

    Raises
    ------
    HomeError
        No Argilla has been in this home, one runs in it, or its database is gone or damaged.
    """
    if not (home.database.exists() or home.index.exists()):
        raise HomeError(f"No Argilla has been in {home.path}: there is nothing to index.")
    lock = try_lock(home.lock)
    # The file of a lock can be deleted while Argilla runs.
    if lock is None or read_status(home) is not None:
        raise HomeError(
            f"Argilla runs in {home.path}: run `python -m helpers.argilla_local stop`, then `reindex` again. "
            "(Each start brings the index level with the database, too.)"
        )
    with lock:
        check_database(home)
        command = [
            str(part) for part in (python_of(ensure_environment()), "-I", ENTRY, "reindex_main", home.path)
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HomeError(f"The index of {home.path} could not be built:\n{done.stderr.strip()}")
    return done.stdout.strip()
