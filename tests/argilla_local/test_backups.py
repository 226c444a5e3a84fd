"""Copies of a database, and homes whose database is gone or damaged."""

import datetime
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from helpers.argilla_local import backups
from helpers.argilla_local.backups import back_up, check_database, copies
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home


@pytest.fixture
def home(tmp_path):
    """A home with a small database like the server's, in the write-ahead mode that it has."""
    home = Home(tmp_path / "it's a home")
    home.create()
    with closing(sqlite3.connect(home.database)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(
            "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('x');"
            "CREATE TABLE records (text); CREATE TABLE users (name); INSERT INTO users VALUES ('argilla');"
        )
    add(home, *(f"text {number} " * 50 for number in range(200)))
    return home


@pytest.fixture
def on(monkeypatch):
    """Set the day."""

    def set_day(day):
        class Date(datetime.date):
            @classmethod
            def today(cls):
                return cls.fromisoformat(day)

        monkeypatch.setattr(backups, "date", Date)

    return set_day


def add(home, *texts):
    with closing(sqlite3.connect(home.database)) as database, database:
        database.executemany("INSERT INTO records VALUES (?)", [(text,) for text in texts])


def texts(path):
    with closing(sqlite3.connect(path)) as database:
        return {text for (text,) in database.execute("SELECT text FROM records")}


def names(home):
    return sorted(path.name for path in home.backups.iterdir())


def overwrite(path, where, content):
    with path.open("rb+") as file:
        file.seek(where)
        file.write(content)


def test_there_is_one_copy_a_day_of_the_last_two_days(home, on):
    for day in ("2026-11-25", "2026-11-26", "2026-11-27"):
        on(day)
        add(home, day)
        assert back_up(home) == home.backups / f"argilla-{day}.db"
        assert back_up(home) is None
    assert names(home) == ["argilla-2026-11-26.db", "argilla-2026-11-27.db"]
    assert "2026-11-27" not in texts(copies(home)[0])
    assert texts(copies(home)[1]) == texts(home.database)


def test_files_of_others_are_left_alone(home, on):
    home.backups.mkdir()
    theirs = ["argilla-2020-01-01.db.gz", "argilla.db", "notes.txt"]
    for name in theirs:
        (home.backups / name).touch()
    for day in ("2026-11-25", "2026-11-26", "2026-11-27"):
        on(day)
        back_up(home)
    assert set(theirs) <= set(names(home))
    assert len(names(home)) == 5


def test_a_copy_holds_what_is_committed_and_waits_for_no_writer(home):
    with closing(sqlite3.connect(home.database, timeout=0)) as writer:
        writer.execute("INSERT INTO records VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO records VALUES ('not committed')")
        copy = back_up(home)
        writer.commit()
    assert "committed" in texts(copy)
    assert texts(home.database) - texts(copy) == {"not committed"}


def test_what_a_killed_process_left_of_a_copy_is_replaced(home):
    home.backups.mkdir()
    (home.backups / "argilla.draft").write_bytes(b"half")
    copy = back_up(home)
    assert names(home) == [copy.name]
    assert texts(copy) == texts(home.database)


def test_without_room_there_is_none(home, on, monkeypatch):
    on("2026-11-26")
    back_up(home)
    on("2026-11-27")
    usage = shutil.disk_usage(home.path)._replace(free=2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(HomeError, match=r"1 MB are free .* a copy needs 50"):
        back_up(home)
    assert names(home) == ["argilla-2026-11-26.db"]


def test_a_damaged_database_does_not_take_the_place_of_whole_copies(home, on):
    for day in ("2026-11-25", "2026-11-26"):
        on(day)
        back_up(home)
    size = home.database.stat().st_size
    overwrite(home.database, size // 2 // 4096 * 4096, b"garbage " * 1024)
    on("2026-11-27")
    with pytest.raises(HomeError, match="cannot be copied whole"):
        back_up(home)
    home.database.write_bytes(b"")
    with pytest.raises(HomeError, match="holds nothing"):
        back_up(home)
    assert names(home) == ["argilla-2026-11-25.db", "argilla-2026-11-26.db"]


def test_a_new_home_and_a_whole_one_are_well(home, tmp_path):
    check_database(home)
    new = Home(tmp_path / "new")
    new.create()
    check_database(new)
    new.database.touch()  # A first start that was cut short.
    check_database(new)


def cut(path):
    overwrite(path, 0, b"")
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"not a database" * 1000),
        lambda path: overwrite(path, 0, bytes(16)),
        lambda path: overwrite(path, path.stat().st_size // 2 // 4096 * 4096, b"garbage " * 1024),
        cut,
    ],
    ids=["other content", "header", "middle", "cut"],
)
def test_a_damaged_database_can_be_restored_as_the_message_says(home, damage):
    copy = back_up(home)
    before = texts(home.database)
    add(home, "later")
    damage(home.database)
    with pytest.raises(
        HomeError, match=r"argilla\.db is damaged \(.*\): restore it, as it was on "
    ) as caught:
        check_database(home)
    command = str(caught.value).split("`")[1]
    assert str(copy) in command.replace("'\"'\"'", "'")
    subprocess.run(["sh", "-ec", command], check=True)
    check_database(home)
    assert texts(home.database) == before


def test_a_copy_that_was_damaged_since_is_not_named(home, on):
    for day in ("2026-11-26", "2026-11-27"):
        on(day)
        back_up(home)
    home.database.write_bytes(b"garbage" * 1000)
    copies(home)[1].write_bytes(b"garbage" * 1000)
    with pytest.raises(HomeError, match="restore it, as it was on 2026-11-26, with"):
        check_database(home)
    copies(home)[0].write_bytes(b"")
    with pytest.raises(HomeError, match="restore it from a copy of your own"):
        check_database(home)


@pytest.mark.parametrize("left", ["index", "copy", "log"])
@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_database_that_is_gone_is_not_a_new_home(home, state, left):
    if left == "copy":
        back_up(home)
    home.database.unlink()
    if state == "empty":
        home.database.touch()
    if left != "copy":
        (home.index if left == "index" else home.path / "argilla.db-wal").write_bytes(b"x")
    with pytest.raises(
        HomeError, match=rf"argilla\.db is {state}, though .* restore it.* To begin anew"
    ) as caught:
        check_database(home)
    assert ("`mv " in str(caught.value)) == (left == "copy")


def test_tables_without_content_beside_an_index_are_gone_content(home):
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("DELETE FROM records")
        database.execute("DELETE FROM users")
    home.index.touch()
    with pytest.raises(HomeError, match="is empty"):
        check_database(home)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute('CREATE TABLE "my "" notes" AS SELECT \'a note\' AS text')
    with pytest.raises(HomeError, match="another program's"):
        check_database(home)


def test_a_database_that_another_program_holds_is_not_damaged(home, monkeypatch):
    monkeypatch.setattr(backups, "BUSY_S", 0.1)
    with closing(sqlite3.connect(home.database)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HomeError, match=r"cannot be read .*locked.*: end what uses it"):
            check_database(home)
