import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import nbformat
import pytest
import yaml
from interrupting import interrupted
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import set_up

ROOT = set_up.ROOT
NO_INDEX = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
}


def pinned(line: str) -> bool:
    return re.fullmatch(r"[\w.-]+==[\w.]+", line) is not None


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text().splitlines()
    return [line for line in text if line and not line.startswith("#")]


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def dry(*arguments: str) -> str:
    return make("--dry-run", *arguments, "PYTHON=python3").stdout


def test_every_requirement_is_pinned_exactly():
    assert [line for line in lines("requirements.txt") if not pinned(line)] == []


def test_the_latest_set_names_the_same_packages():
    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[=<>;]", line)[0].lower() for line in requirements}

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    tools = lines("requirements-latest.txt")
    assert tools.pop(0) == "-e .[notebooks]"
    latest = names(extras["notebooks"] + tools)
    assert names(lines("requirements.txt")) - latest == {"classy-classification"}
    assert latest <= names(lines("requirements.txt"))


def test_the_conda_environment_has_the_tested_python_and_our_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *packages, from_pip = environment["dependencies"]
    assert "python=3.11" in packages
    assert from_pip == {"pip": ["-r requirements.txt", "-e ."]}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-latest.txt", "environment.yml"])
def test_pytorch_for_cpu_is_one_commented_line_away(name):
    commented = r"^ *# (- )?--extra-index-url https://\S+/whl/cpu$"
    assert re.search(commented, (ROOT / name).read_text(), re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two tiny notebooks."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    record = "from helpers.results import record\nrecord(data=DATA, name=NAME)"
    (tmp_path / "notebooks").mkdir()
    for name in ("01_a", "02_b"):
        parameters = new_code_cell('DATA = "auto"\nNAME = "news"', metadata={"tags": ["parameters"]})
        cells = [new_markdown_cell("# Title"), parameters, new_code_cell(record)]
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return tmp_path


def make_in(project: Path, *arguments: str) -> list[str]:
    """Return the command line of make in another project, which has its set-up behind it."""
    options = ["--file", str(ROOT / "Makefile"), "--directory", str(project), "--no-print-directory"]
    return ["make", *options, "PYTHON=true", f"VENV={sys.prefix}", *arguments]


def test_make_passes_notebooks_data_and_parameters_as_they_are(project):
    (project / "my news").mkdir()
    # What the shell or make would take for theirs.
    name = 'a "quoted" `name` \\ #1; it\'s'
    done = make_in(project, "notebooks", "NB=02", "DATA=my news", f"PARAMS=NAME={shlex.quote(name)}")
    subprocess.run(done, check=True, capture_output=True)
    metrics = json.loads((project / "runs" / "metrics.json").read_text())
    assert metrics == {"02_b": {"data": str(project / "my news"), "name": name}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["notebooks", "SEED=3"], "make notebooks takes no SEED, only DATA NB PARAMS PYTHON VENV."),
        (["SEED=3"], "make notebooks takes no SEED"),
        (["notebooks", "PARAM=SEED=3"], 'as in: make notebooks PARAMS="SEED=3"'),
        (["notebooks", "data=hub"], "make notebooks takes no data"),
        (["lab", "PART=01"], "make lab takes no PART, only ARGS NB PYTHON VENV."),
        (["check", "NB=01"], "make check takes no NB"),
    ],
)
def test_make_refuses_what_it_would_ignore(project, arguments, said):
    done = subprocess.run(make_in(project, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (project / "runs").exists()


def test_make_names_a_wrong_parameter(project):
    wrong = make_in(project, "notebooks", "PARAMS=SEED=7 NAME=team/news")
    done = subprocess.run(wrong, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "None of these notebooks has a parameter 'SEED', only DATA, NAME." in done.stderr
    assert not (project / "runs").exists()


def test_make_lab_serves_a_copy_and_leaves_the_notebook_as_it_is(project):
    """As whoever runs the tests, root included, and with arguments of JupyterLab's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    before = (project / "notebooks" / "01_a.ipynb").read_text()
    open_to_all = "--IdentityProvider.token='' --ServerApp.disable_check_xsrf=True"
    arguments = f"ARGS=--no-browser --port {port} {open_to_all}"
    with subprocess.Popen(
        make_in(project, "lab", "NB=01", arguments), stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            while not answers(url):
                assert process.poll() is None
                time.sleep(0.2)
            assert httpx.get(url).headers["location"].startswith("/lab/tree/01_a.ipynb")
            listed = httpx.get(f"{url}/api/contents/").json()["content"]
            assert [each["name"] for each in listed] == ["01_a.ipynb"]
            served = httpx.get(f"{url}/api/contents/01_a.ipynb").json()
            served["content"]["cells"][1]["source"] = "SEED = 7"
            saved = {"type": "notebook", "content": served["content"]}
            httpx.put(f"{url}/api/contents/01_a.ipynb", json=saved).raise_for_status()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    assert "SEED = 7" in (project / "lab" / "01_a.ipynb").read_text()
    assert (project / "notebooks" / "01_a.ipynb").read_text() == before


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False


def test_the_tests_of_the_latest_set_have_their_own_environment():
    plan = dry("test-latest")
    assert "--venv .venv-latest --requirements requirements-latest.txt" in plan
    assert ".venv-latest/bin/python -m pytest" in plan


def test_an_old_python_is_refused_with_what_to_do():
    problem = set_up.version_problem((3, 10, 13), "python3")
    assert "Python 3.11 or newer is needed, and python3 is Python 3.10." in problem
    assert "make notebooks PYTHON=python3.11" in problem
    assert set_up.version_problem((3, 14, 0)) == ""


def test_without_an_index_set_up_says_so_in_one_message(tmp_path):
    done = make("setup", f"PYTHON={sys.executable}", f"VENV={tmp_path / 'venv'}", **NO_INDEX)
    assert done.returncode != 0
    assert done.stderr.startswith("No package index answers, and set-up needs one, once.")
    assert "PIP_INDEX_URL" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "venv" / set_up.STAMP).exists()


def test_an_environment_of_another_python_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    done = make("setup", f"PYTHON={sys.executable}", f"VENV={tmp_path}")
    assert done.returncode != 0
    assert f"{tmp_path} has no Python {sys.version_info.major}.{sys.version_info.minor}" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_ctrl_c_ends_set_up_in_a_sentence(tmp_path):
    began = tmp_path / "began"
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {began}\nsleep 60\n")
    python.chmod(0o755)
    script = str(ROOT / "helpers" / "set_up.py")
    command = [sys.executable, script, "--venv", str(tmp_path / "venv")]
    assert interrupted(command, began, tmp_path) == (
        130,
        "Interrupted: run the same command again to go on.\n",
    )


def test_of_two_set_ups_at_once_one_waits(tmp_path):
    began, ends = tmp_path / "began", tmp_path / "ends"
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {began}\nuntil [ -e {ends} ]; do sleep 0.1; done\necho 2 7\n")
    python.chmod(0o755)
    command = [sys.executable, str(ROOT / "helpers" / "set_up.py"), "--venv", str(python.parents[1])]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as first:
        while not began.exists():
            assert first.poll() is None
            time.sleep(0.05)
        began.unlink()
        with subprocess.Popen(command, **pipes) as second:
            assert second.stdout.readline() == "Waiting for another set-up that is under way ...\n"
            assert not began.exists()
            ends.touch()
            assert "has no Python" in first.communicate()[1]
            assert "has no Python" in second.communicate()[1]
    assert began.exists()


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Just as much of an environment as set-up looks at."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "pip").touch()
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What set-up would run."""
    made: list[list[str]] = []
    monkeypatch.setattr(set_up, "_run", lambda command, problem, quiet=False: made.append(command))
    return made


def test_a_finished_set_up_is_not_repeated(venv, commands, tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("numpy")
    set_up.set_up(venv, requirements)
    first = len(commands)
    assert any("-r" in command for command in commands)
    set_up.set_up(venv, requirements)
    assert [command[-1] for command in commands[first:]] == ["--server"]
    requirements.write_text("numpy>2")
    set_up.set_up(venv, requirements)
    assert len(commands) > first + 2


def test_classy_classification_is_installed_apart_in_the_latest_set(venv, commands, tmp_path, capsys):
    requirements = tmp_path / "requirements-latest.txt"
    requirements.write_text("numpy")
    set_up.set_up(venv, requirements)
    assert ["--no-deps", "--ignore-requires-python", "classy-classification"] in [c[-3:] for c in commands]
    assert "gets the newest releases" in capsys.readouterr().out


def test_the_continuous_integration_runs_both_commands():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-2:] == ["make check", "make test"]
