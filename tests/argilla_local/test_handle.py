import json
import queue
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from helpers import argilla_local
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.handle import password_command
from helpers.argilla_local.home import Home


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def test_the_server_is_argilla_on_our_search_engine(local_argilla):
    status = json.loads(get(f"{local_argilla.url}/api/v1/status"))
    assert status["version"] == "2.8.0"
    assert status["search_engine"]["name"] == "fts5"
    assert "<title>Argilla</title>" in get(local_argilla.url)


def test_it_listens_on_this_machine_alone(local_argilla):
    assert local_argilla.url.startswith("http://127.0.0.1:")
    port = int(local_argilla.url.rpartition(":")[2])
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    sockets = [row.split()[1:4] for row in rows]
    listening = [local for local, _, state in sockets if state == "0A" and int(local[-4:], 16) == port]
    assert listening == [f"0100007F:{port:04X}"]


def test_the_client_is_the_owner(local_argilla):
    client = local_argilla.client
    assert client is local_argilla.client
    assert (client.me.username, client.me.role) == (local_argilla.username, "owner") == ("argilla", "owner")
    assert [workspace.name for workspace in client.workspaces] == ["argilla"]


def test_a_wrong_password_is_refused_and_the_right_one_is_not(local_argilla):
    def sign_in(password: str) -> int:
        form = f"username=argilla&password={password}".encode()
        try:
            with urllib.request.urlopen(f"{local_argilla.url}/api/v1/token", form, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert sign_in(read_credentials(Home(local_argilla.home)).password) == 201
    assert sign_in("12345678") == 401


def test_starting_again_joins_the_running_one(local_argilla):
    with argilla_local.start(local_argilla.home) as again:
        assert again.url == local_argilla.url
    again.stop()  # Once more does no harm.
    assert get(f"{local_argilla.url}/api/v1/version")


def test_logs(local_argilla):
    assert "ready to accept connections" in local_argilla.logs("redis")
    assert len(local_argilla.logs("redis", lines=2).splitlines()) == 2
    assert "== worker ==" in local_argilla.logs()
    with pytest.raises(ValueError, match="'elasticsearch'"):
        local_argilla.logs("elasticsearch")


def test_repr_shows_no_secret(local_argilla):
    assert repr(local_argilla) == f"LocalArgilla(url='{local_argilla.url}', home='{local_argilla.home}')"


def test_show_in_a_terminal(local_argilla, capsys):
    local_argilla.show()
    command = f"{sys.executable} -P -m helpers.argilla_local credentials --home {local_argilla.home}"
    said = capsys.readouterr().out
    assert said.splitlines() == [
        f"Argilla: {local_argilla.url}",
        "User name: argilla",
        f"Password: run `{command}` in a terminal",
    ]


def test_the_password_command_quotes_the_home(tmp_path):
    home = Home(tmp_path / "my data")
    assert password_command(home).endswith(f"credentials --home '{home.path}'")


def test_the_password_command_works_in_any_folder(local_argilla, tmp_path):
    (tmp_path / "helpers").mkdir()  # Another package of that name.
    (tmp_path / "helpers" / "__init__.py").touch()
    command = password_command(Home(local_argilla.home))
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert read_credentials(Home(local_argilla.home)).password in done.stdout


def test_webhooks_are_delivered(local_argilla):
    received: queue.Queue[dict] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    http = local_argilla.client.http_client
    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        asked = {
            "url": f"http://127.0.0.1:{receiver.server_port}/",
            "events": ["dataset.created"],
            "description": "a test",
        }
        webhook = http.post("/api/v1/webhooks", json=asked).raise_for_status().json()
        workspace = local_argilla.client.workspaces.default
        made = {"name": "with a webhook", "workspace_id": str(workspace.id)}
        dataset = http.post("/api/v1/datasets", json=made).raise_for_status().json()
        try:
            event = received.get(timeout=60)
        finally:
            http.delete(f"/api/v1/webhooks/{webhook['id']}").raise_for_status()
            http.delete(f"/api/v1/datasets/{dataset['id']}").raise_for_status()
            receiver.shutdown()
    assert (event["type"], event["data"]["name"]) == ("dataset.created", "with a webhook")
