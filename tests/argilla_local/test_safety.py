"""What other users of the machine, other websites and readers of logs and notebooks can get at: nothing."""

import json
import os
import re
import socket
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home
from helpers.set_up import ROOT

NOBODY = 65534
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def home(local_argilla):
    return Home(local_argilla.home)


def test_all_processes_together_listen_on_one_port_of_this_machine_alone(home, local_argilla, processes):
    own = {
        str(descriptor.readlink())
        for pid in processes(home.path)
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
        if descriptor.is_symlink()
    }
    listening = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = row.split()
            if f"socket:[{rest[5]}]" in own and (state == "0A" or table.startswith("udp")):
                listening.add((table, local))
    port = int(local_argilla.url.rpartition(":")[2])
    assert listening == {("tcp", f"0100007F:{port:04X}")}


def test_redis_listens_on_its_socket_alone(home):
    sockets = Path(home.read_state().sockets)
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(home.read_state().redis_socket)
        redis.sendall(b"CONFIG GET port\r\n")
        assert redis.recv(1000).split() == [b"*2", b"$4", b"port", b"$1", b"0"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
@pytest.mark.parametrize(
    "path", ["", "credentials.json", "argilla.db", "logs/server.log", "sockets/redis.sock"]
)
def test_another_user_cannot_read_the_home(home, path):
    done = subprocess.run(
        ["ls", "-d", home.path / path / "."] if not path else ["cat", home.path / path],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Permission denied" in done.stderr


@pytest.mark.parametrize("path", ["/api/v1/version", "/api/v1/me", "/api/v1/token", "/"])
def test_no_other_website_may_read_an_answer(local_argilla, path):
    key = read_credentials(Home(local_argilla.home)).api_key
    asked = {
        "Origin": ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-argilla-api-key",
    }
    for method, headers in {"GET": {"Origin": ELSEWHERE, "X-Argilla-Api-Key": key}, "OPTIONS": asked}.items():
        answer = httpx.request(method, f"{local_argilla.url}{path}", headers=headers, trust_env=False)
        assert "access-control-allow-origin" not in answer.headers


def test_a_proxy_may_name_another_host(local_argilla):
    answer = httpx.get(
        f"{local_argilla.url}/api/v1/version", headers={"Host": "proxy.example"}, trust_env=False
    )
    assert answer.status_code == 200


def test_no_secret_is_in_a_log(home, local_argilla):
    credentials = read_credentials(home)
    client = local_argilla.client.http_client
    # What a server may be tempted to write down: refused keys and passwords, failed requests, webhooks.
    client.get("/api/v1/me", headers={"X-Argilla-Api-Key": "wrong" + credentials.api_key})
    client.post("/api/v1/token", data={"username": "argilla", "password": credentials.password + "wrong"})
    user = {"username": "argilla", "first_name": "Again", "password": credentials.password}
    assert client.post("/api/v1/users", json=user).status_code == 409
    webhook = {"url": "http://127.0.0.1:9/", "events": ["dataset.created"], "description": "a test"}
    made = client.post("/api/v1/webhooks", json=webhook).raise_for_status().json()
    ping = f"{local_argilla.url}/api/v1/webhooks/{made['id']}/ping"  # nobody listens there, which is logged
    refused = httpx.post(ping, headers={"X-Argilla-Api-Key": credentials.api_key}, trust_env=False)
    assert refused.status_code == 500
    client.delete(f"/api/v1/webhooks/{made['id']}").raise_for_status()
    logs = "".join(local_argilla.logs(lines=1_000_000).split())  # long words are broken over lines
    for secret in (credentials.password, credentials.api_key, credentials.secret_key, made["secret"]):
        assert secret not in logs


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_secret_is_in_a_committed_notebook(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts = [
        str(text)
        for output in outputs
        for kind, text in {"text": output.get("text"), **output.get("data", {})}.items()
        if not kind.startswith("image/")
    ]
    # The forms in which the embedded Argilla, Argilla and the Hub make keys, and signed tokens.
    secret = r"(?<![\w-])([\w-]{64}|[\w-]{107}|hf_\w{30,}|sk-[\w-]{20,}|eyJ[\w-]+\.[\w-]+\.[\w-]+)(?![\w-])"
    found = {match for text in texts for match in re.findall(secret, text)}
    assert {each for each in found if re.search(r"\d", each) and re.search("[A-Z]", each)} == set()
