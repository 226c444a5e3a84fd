import json
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from helpers.argilla_local.credentials import ensure_credentials
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home, State, replace_text, tail


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_argument_comes_before_the_variable_before_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("ARGILLA_LOCAL_HOME", raising=False)
    assert Home.locate().path == tmp_path / "data" / "argilla-local"
    monkeypatch.setenv("ARGILLA_LOCAL_HOME", str(tmp_path / "named"))
    assert Home.locate().path == tmp_path / "named"
    assert Home.locate(tmp_path / "given").path == tmp_path / "given"


def test_two_names_of_a_folder_are_one_home(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Home.locate(tmp_path / "link") == Home.locate(tmp_path / "x" / ".." / "real")


def test_a_path_that_a_database_url_cannot_hold_is_refused(tmp_path):
    with pytest.raises(HomeError, match="100%"):
        Home.locate(tmp_path / "100%")


def test_a_home_is_open_to_its_owner_alone(tmp_path):
    home = Home(tmp_path / "a" / "home")
    home.create()
    home.create()
    assert {mode(path) for path in (home.path, home.logs, home.redis, home.sockets)} == {0o700}


def test_many_may_create_a_home_at_once(tmp_path):
    together = Barrier(8)

    def create(home: Home) -> None:
        together.wait()
        home.create()

    with ThreadPoolExecutor(8) as pool:
        for number in range(100):
            list(pool.map(create, [Home(tmp_path / str(number))] * 8))


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    before = mode(tmp_path)
    with pytest.raises(HomeError, match="holds other files"):
        Home(tmp_path).create()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert mode(tmp_path) == before


@pytest.mark.parametrize(
    "names", [["lock", "tmp/thesis.tex"], ["lock", "logs/server.log"], ["lock", "main.py"]]
)
def test_a_lock_does_not_make_a_folder_a_home(tmp_path, names):
    for path in (tmp_path / name for name in names):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    with pytest.raises(HomeError, match="holds other files"):
        Home(tmp_path).create()


def test_a_home_without_its_lock_is_one(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    ensure_credentials(home)
    (home.path / "notes.txt").touch()
    home.log("server").touch()
    home.lock.unlink()
    home.create()
    assert home.lock.exists()


@pytest.mark.parametrize(
    "name", ["lock", "credentials.json", "state.json", "argilla.db", "index.db", "logs/server.log"]
)
def test_a_folder_or_link_in_the_place_of_a_file(tmp_path, name):
    home = Home(tmp_path / "home")
    home.create()
    ensure_credentials(home)
    home.write_state(State(str(home.sockets), 0))
    (home.path / name).unlink(missing_ok=True)
    (home.path / name).mkdir()
    with pytest.raises(HomeError, match=rf"{name} is not a file .*delete it or move it away"):
        home.create()
    (home.path / name).rmdir()
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("x")
    (home.path / name).symlink_to(thesis)
    with pytest.raises(HomeError, match=rf"{name} is not a file "):
        home.create()
    assert thesis.read_text() == "x"


@pytest.mark.parametrize("name", ["tmp", "redis", "logs", "sockets", "backups"])
def test_a_file_or_link_in_the_place_of_a_folder(tmp_path, name):
    home = Home(tmp_path / "home")
    home.create()
    ensure_credentials(home)
    if (home.path / name).exists():
        (home.path / name).rmdir()
    (home.path / name).touch()
    with pytest.raises(HomeError, match=rf"{name} is not a folder .*delete it or move it away"):
        home.create()
    (home.path / name).unlink()
    (home.path / name).symlink_to(tmp_path)
    with pytest.raises(HomeError, match=rf"{name} is not a folder "):
        home.create()


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    home.database.touch(0)
    with pytest.raises(HomeError, match=r"argilla\.db may not be read and written"):
        home.create()


@pytest.mark.parametrize("path", ["~nobody-of-this-name/home", "a\0b"])
def test_a_path_that_is_none(path):
    with pytest.raises(HomeError, match="is no path"):
        Home.locate(path)


def test_a_file_is_no_home(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeError, match="cannot be used"):
        Home(tmp_path / "file").create()


def test_state_is_kept(tmp_path):
    home = Home(tmp_path)
    assert home.read_state() is None
    home.write_state(State("/run/x", 6900))
    state = home.read_state()
    assert state == State("/run/x", 6900)
    assert state.url == "http://127.0.0.1:6900"


def test_a_copy_of_a_home_does_not_lead_to_the_original(tmp_path):
    home, copy = Home(tmp_path / "home"), Home(tmp_path / "copy")
    home.create()
    home.write_state(State("/run/x", 6900))
    shutil.copytree(home.path, copy.path)
    assert copy.read_state() is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "[" * 100_000, json.dumps({"sockets": "/x"})),
        *(json.dumps({"sockets": "/x", "port": port}) for port in (-1, 99999, "6900", True, 6900.0, None)),
        *(json.dumps({"sockets": path, "port": 6900}) for path in (None, 7, "x", "", "/\0", "/\ud800")),
    ],
)
def test_a_damaged_state_says_what_to_do(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(HomeError, match="delete it"):
        Home(tmp_path).read_state()


def test_a_state_that_is_a_folder_says_what_to_do(tmp_path):
    (tmp_path / "state.json").mkdir()
    with pytest.raises(HomeError, match="delete it"):
        Home(tmp_path).read_state()


def test_replaced_text_is_private_and_leaves_no_draft(tmp_path):
    path = tmp_path / "file"
    path.write_text("old and longer")
    replace_text(path, "new")
    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_tail(tmp_path):
    path = tmp_path / "log"
    assert tail(path, 2) == ""
    path.write_bytes(b"one\ntwo\nthr\xffee\n")
    assert tail(path, 2) == "two\nthr\N{REPLACEMENT CHARACTER}ee"
    assert tail(path / "below-a-file", 2) == ""
    assert "Is a directory" in tail(tmp_path, 2)
