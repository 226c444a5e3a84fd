import subprocess

import pytest

from helpers.argilla_local import environment
from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.errors import EnvironmentBuildError, PlatformError

BUILD = """
import sys
from pathlib import Path
from helpers.argilla_local.environment import ensure_environment
ensure_environment(Path(sys.argv[1]))
"""


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """Requirements that need no package index, for an environment in a temporary cache."""
    monkeypatch.delenv("ARGILLA_LOCAL_ENV", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    return requirements


def test_an_environment_is_built_once(nothing, tmp_path, capfd):
    folder = ensure_environment(nothing)
    assert folder.is_relative_to(tmp_path / "cache")
    assert subprocess.run([python_of(folder), "-I", "-c", ""], check=True).returncode == 0
    assert ensure_environment(nothing) == folder
    assert capfd.readouterr().out.count("Making the environment") == 1


def test_other_requirements_get_another_environment(nothing):
    folder = ensure_environment(nothing)
    nothing.write_text("# still nothing\n")
    assert ensure_environment(nothing) != folder


@pytest.mark.parametrize("missing", ["argilla-local-complete", "bin/python"])
def test_a_half_built_environment_is_built_again(nothing, missing, capfd):
    folder = ensure_environment(nothing)
    assert "half-built" not in capfd.readouterr().out
    (folder / missing).unlink()
    (folder / "left-over").touch()
    assert ensure_environment(nothing) == folder
    assert f"{folder} is outdated or half-built, and is replaced." in capfd.readouterr().out
    assert (folder / missing).exists()
    assert not (folder / "left-over").exists()


def test_builders_wait_for_each_other(nothing, run_python):
    builders = [run_python(BUILD, nothing) for _ in range(2)]
    said = "".join(builder.communicate()[0] for builder in builders)
    assert [builder.returncode for builder in builders] == [0, 0]
    assert said.count("Making the environment") == 1


def test_the_variable_names_the_folder_and_new_requirements_replace_it(nothing, tmp_path, monkeypatch):
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(tmp_path / "mine"))
    assert ensure_environment(nothing) == tmp_path / "mine"
    (tmp_path / "mine" / "left-over").touch()
    nothing.write_text("# still nothing\n")
    assert ensure_environment(nothing) == tmp_path / "mine"
    assert not (tmp_path / "mine" / "left-over").exists()


def test_a_folder_with_other_files_is_left_alone(nothing, tmp_path, monkeypatch):
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(tmp_path))
    with pytest.raises(EnvironmentBuildError, match="holds other files"):
        ensure_environment(nothing)
    assert nothing.exists()


def test_an_environment_of_another_project_is_left_alone(nothing, tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "pyvenv.cfg").touch()
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(theirs))
    with pytest.raises(EnvironmentBuildError, match="holds other files: delete it, or set"):
        ensure_environment(nothing)
    assert (theirs / "pyvenv.cfg").exists()


def test_without_a_package_index_it_says_what_to_do(nothing, tmp_path, monkeypatch):
    nothing.write_text("argilla-server==2.8.0\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(tmp_path / "mine"))
    with pytest.raises(EnvironmentBuildError, match=r"(?s)package index.*UV_DEFAULT_INDEX.*argilla-server"):
        ensure_environment(nothing)
    assert not (tmp_path / "mine").exists()


def test_a_place_that_cannot_be_written_says_what_to_do(nothing, tmp_path, monkeypatch):
    monkeypatch.setenv("ARGILLA_LOCAL_ENV", str(nothing / "below-a-file"))
    with pytest.raises(EnvironmentBuildError, match="ARGILLA_LOCAL_ENV"):
        ensure_environment(nothing)


def test_a_newer_python_is_refused(nothing, monkeypatch):
    monkeypatch.setattr(environment, "NEWEST_PYTHON", (3, 10))
    with pytest.raises(PlatformError, match=r"up to 3\.10"):
        ensure_environment(nothing)


def test_uv_gets_pips_index_unless_it_has_its_own():
    with_pip_index = environment._with_pip_index
    assert with_pip_index({"PIP_INDEX_URL": "file:///a"})["UV_DEFAULT_INDEX"] == "file:///a"
    own = {"PIP_INDEX_URL": "file:///a", "UV_DEFAULT_INDEX": "file:///b"}
    assert with_pip_index(own) == own
