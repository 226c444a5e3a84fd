"""The database's copies, one a day, and whether the database itself is there and whole.

SQLite makes the copies while the server goes on: its readers and its writer do not wait for each other.
"""

import os
import re
import shlex
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import NEEDED_BYTES, Home

KEPT = 2
BUSY_S = 5.0
# Whoever opens a database first puts in order what a killed process left half done, and so has to write.
_WRITABLE = "mode=rw"
_READ_ONLY = "mode=ro&immutable=1"
# A database in which nothing else is filled has nobody's work in it.
_ALWAYS = {"alembic_version"}
_NAME = re.compile(r"argilla-\d{4}-\d\d-\d\d\.db")


def copies(home: Home) -> list[Path]:
    """Return the copies of a home's database, the oldest first."""
    if not home.backups.is_dir():
        return []
    return sorted(path for path in home.backups.iterdir() if _NAME.fullmatch(path.name))


def back_up(home: Home) -> Path | None:
    """Copy a database, in use or not, and keep the last two copies; None where there is a copy of today.

    Raises
    ------
    HomeError
        There is no room for a copy, or the database is damaged. The older copies are kept.
    """
    copy = home.backups / f"argilla-{date.today()}.db"
    if copy.exists():
        return None
    home.backups.mkdir(mode=0o700, exist_ok=True)
    draft = home.backups / "argilla.draft"
    draft.unlink(missing_ok=True)
    needed = _size(home.database) + _size(_log_of(home.database)) + NEEDED_BYTES
    if (free := shutil.disk_usage(home.path).free) < needed:
        raise HomeError(
            f"{free // 2**20} MB are free where {home.path} is, and a copy needs {needed // 2**20}."
        )
    try:
        with closing(_open(home.database, _WRITABLE)) as source, closing(sqlite3.connect(draft)) as target:
            target.execute("PRAGMA journal_mode = OFF")  # What is cut short is deleted.
            source.backup(target)
        if _filled_tables(draft, _READ_ONLY) <= _ALWAYS:
            raise HomeError(f"{home.database} holds nothing.")
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(copy)
    except sqlite3.Error as error:
        raise HomeError(f"{home.database} cannot be copied whole ({error}).") from error
    finally:
        draft.unlink(missing_ok=True)
    for old in copies(home)[:-KEPT]:
        old.unlink()
    return copy


def check_database(home: Home) -> None:
    """Check, before a start, that a database is there where it has been, and whole.

    Raises
    ------
    HomeError
        It is gone, empty or damaged; the message says how to restore it, or to begin anew.
    """
    try:
        filled = _filled_tables(home.database, _WRITABLE) if _size(home.database) else set()
    except sqlite3.OperationalError as error:  # Another program holds it, or the disk fails.
        raise HomeError(
            f"{home.database} cannot be read ({error}): end what uses it, and start again."
        ) from error
    except sqlite3.Error as error:
        raise HomeError(f"{home.database} is damaged ({error}): {_way_out(home)}") from error
    if filled and not filled & _ALWAYS:
        raise HomeError(
            f"{home.database} is another program's, with the tables {sorted(filled)}: move it away and start "
            "again."
        )
    # Where nothing is in it, the home is new, unless there is what comes only after a database with content.
    orphan = not _size(home.database) and _size(_log_of(home.database))
    if filled <= _ALWAYS and (orphan or home.index.exists() or copies(home)):
        state = "empty" if home.database.exists() else "missing"
        raise HomeError(f"{home.database} is {state}, though the home has been in use: {_way_out(home)}")


def _way_out(home: Home) -> str:
    anew = f"To begin anew with nothing, delete the folder {home.path}."
    if (copy := _last_whole_copy(home)) is None:
        return f"restore it from a copy of your own ({home.backups} has none). {anew}"
    database, folder, last = (shlex.quote(str(path)) for path in (home.database, home.backups, copy))
    # A write-ahead log that stayed would be applied to the copy.
    return (
        f"restore it, as it was on {copy.stem.removeprefix('argilla-')}, with "
        f"`mv {database}* {folder}; cp {last} {database}`. {anew}"
    )


def _last_whole_copy(home: Home) -> Path | None:
    for copy in reversed(copies(home)):
        with suppress(sqlite3.Error):
            if not _filled_tables(copy, _READ_ONLY) <= _ALWAYS:
                return copy
    return None


def _filled_tables(database: Path, mode: str) -> set[str]:
    """Return the names of the tables that hold anything; DatabaseError where a database is not whole."""
    with closing(_open(database, mode)) as connection:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise sqlite3.DatabaseError(" ".join(found.split()))
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        quoted = {name: '"{}"'.format(name.replace('"', '""')) for (name,) in tables}
        exists = "SELECT EXISTS (SELECT * FROM {})"
        return {name for name in quoted if connection.execute(exists.format(quoted[name])).fetchone()[0]}


def _open(database: Path, mode: str) -> sqlite3.Connection:
    # A home's path holds no character that has a meaning in a URI.
    return sqlite3.connect(f"file:{database}?{mode}", uri=True, timeout=BUSY_S)


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
