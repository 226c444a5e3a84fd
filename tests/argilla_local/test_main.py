import subprocess
import sys

from helpers.argilla_local.__main__ import NOT_RUNNING, main
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

# `start` and `stop` are in test_supervisor.py.


def test_status(local_argilla, capsys):
    assert main(["status", "--home", str(local_argilla.home)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"Argilla runs at {local_argilla.url}.", f"Home: {local_argilla.home}"]
    assert [line.split(":")[0] for line in said[3:]] == ["supervisor", "redis", "server", "worker"]


def test_status_of_none(tmp_path, capsys):
    assert main(["status", "--home", str(tmp_path)]) == NOT_RUNNING
    assert capsys.readouterr().out == f"No Argilla runs in {tmp_path}.\n"


def test_credentials(local_argilla, capsys):
    assert main(["credentials", "--home", str(local_argilla.home)]) == 0
    credentials = read_credentials(Home(local_argilla.home))
    assert capsys.readouterr().out.splitlines() == [
        "User name: argilla",
        f"Password: {credentials.password}",
        f"API key: {credentials.api_key}",
    ]


def test_no_credentials_yet(tmp_path, capsys):
    assert main(["credentials", "--home", str(tmp_path)]) == 1
    assert "no credentials yet" in capsys.readouterr().err


def test_logs(local_argilla, capsys):
    where = ["--home", str(local_argilla.home)]
    assert main(["logs", *where]) == 0
    assert "== server ==" in capsys.readouterr().out
    assert main(["logs", *where, "--part", "redis", "--lines", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_home_that_cannot_be_one(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["start", "--home", str(tmp_path)]) == 1
    assert "holds other files" in capsys.readouterr().err


def test_a_wrong_command():
    done = subprocess.run(
        [sys.executable, "-m", "helpers.argilla_local", "dance"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice: 'dance'" in done.stderr
