import json
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

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


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"sockets": "/x"})])
def test_a_damaged_state_says_what_to_do(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
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
