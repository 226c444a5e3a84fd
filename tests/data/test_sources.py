import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from helpers.data import sources
from helpers.data.errors import DataFolderError, HubUnreachableError
from helpers.data.sources import Source, choose_source


class _Hub(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *arguments: object) -> None:
        pass


class _BrokenHub(_Hub):
    status = 503


def _serve(monkeypatch: pytest.MonkeyPatch, handler: type[_Hub]) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        yield endpoint
        server.shutdown()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from _serve(monkeypatch, _Hub)


@pytest.fixture
def broken_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from _serve(monkeypatch, _BrokenHub)


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An address at which nobody listens, and libraries whose state nobody else sees."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setenv("HF_HUB_OFFLINE", "")
        monkeypatch.setattr(sources, "_OFFLINE_CONSTANTS", ())
        yield


def test_auto_takes_the_hub_where_it_answers(hub, capsys):
    assert choose_source() == Source("hub", hub_reachable=True)
    message = f"Data source: the Hugging Face Hub at {hub}, because {hub} answers.\n"
    assert capsys.readouterr().out == message
    assert os.environ["HF_HUB_OFFLINE"] == "0"


def test_auto_falls_back_and_says_why(no_hub, capsys):
    assert choose_source("auto") == Source("bundled")
    out = capsys.readouterr().out
    assert out.startswith("Data source: the samples bundled with this project, because http://127.0.0.1:")
    assert "is out of reach" in out
    assert out.count("\n") == 1
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("value", ["1", "true", "ON", "Yes"])
def test_offline_mode_counts_as_out_of_reach(hub, monkeypatch, capsys, value):
    monkeypatch.setattr(sources, "_OFFLINE_CONSTANTS", ())
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert choose_source() == Source("bundled")
    assert "because HF_HUB_OFFLINE=1 is set." in capsys.readouterr().out


def test_a_hub_that_answers_with_an_error_is_out_of_reach(broken_hub, monkeypatch):
    monkeypatch.setattr(sources, "_OFFLINE_CONSTANTS", ())
    with pytest.raises(HubUnreachableError, match="answers with HTTP status 503"):
        choose_source("hub")


def test_a_hub_that_accepts_and_stays_silent_is_given_up(monkeypatch):
    monkeypatch.setattr(sources, "_OFFLINE_CONSTANTS", ())
    monkeypatch.setattr(sources, "PROBE_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("HF_HUB_OFFLINE", "")
        started = time.monotonic()
        assert choose_source().kind == "bundled"
        assert time.monotonic() - started < 60


def test_the_hub_by_name_never_falls_back(no_hub):
    with pytest.raises(HubUnreachableError, match="set DATA to 'auto' or 'bundled'"):
        choose_source("hub")


def test_the_bundled_data_by_name(hub, capsys):
    assert choose_source("bundled") == Source("bundled", hub_reachable=True)
    assert "because DATA='bundled' asks for it" in capsys.readouterr().out


def test_a_folder_by_name(no_hub, tmp_path, monkeypatch, capsys):
    assert choose_source(str(tmp_path)) == Source("folder", tmp_path)
    assert f"the folder {tmp_path}" in capsys.readouterr().out
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert choose_source("data").folder == tmp_path / "data"


@pytest.mark.parametrize("data", ["Hub", "nowhere/at/all", __file__, ""])
def test_what_is_neither_a_source_nor_a_folder_is_named(data, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataFolderError, match="is not a folder"):
        choose_source(data)


def test_libraries_that_are_loaded_already_go_offline_too():
    script = """
import huggingface_hub, datasets, transformers.utils.hub
from huggingface_hub.utils import get_session
from helpers.data.sources import choose_source
opened_online = get_session()
assert choose_source().kind == "bundled"
assert huggingface_hub.constants.HF_HUB_OFFLINE and datasets.config.HF_HUB_OFFLINE
assert transformers.utils.hub.is_offline_mode()
try:
    get_session().get("http://127.0.0.1:9/")
except Exception as error:
    print(type(error).__name__)
"""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_OFFLINE")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["OfflineModeIsEnabled"], done.stderr


def test_the_policy_imports_no_hugging_face_library():
    script = (
        "import sys, helpers.data.sources as s; s.choose_source();"
        "print({'huggingface_hub', 'datasets', 'transformers', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"
