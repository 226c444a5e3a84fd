"""A Hugging Face Hub on 127.0.0.1: as much of its protocol as our loading and pushing take.

Repositories are kept in memory. As on the Hub, Parquet files are uploaded on their own as large files (Git
LFS, transfer "basic"), all others inside the commit. Protocol: https://huggingface.co/docs/hub/api
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_token_of_the_tests"
USER = "tester"

Repositories = dict[str, dict[str, bytes]]
"""Name of a repository -> path -> content."""


class HubServer(ThreadingHTTPServer):
    """The server and what it holds.

    Attributes
    ----------
    datasets, models
        The repositories; a test puts files in and looks at what was pushed.
    large_files
        SHA-256 -> content of what was uploaded as a large file.
    requests
        Every request so far, as "METHOD path".
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.datasets: Repositories = {}
        self.models: Repositories = {}
        self.large_files: dict[str, bytes] = {}
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        """What goes into ``HF_ENDPOINT``."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serve() -> Iterator[HubServer]:
    """Run a server until the end of the block."""
    with HubServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def online(hub: HubServer, home: Path, script: str, token: str = "") -> tuple[str, Any]:
    """Run a script as a user would, Hub and all; return what it printed and its last line's JSON."""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_OFFLINE")}
    environment |= {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_XET": "1",  # the local Hub stores large files as Git LFS only
    }
    start = "import json\nfrom helpers.data.sources import choose_source\nsource = choose_source('hub')\n"
    done = subprocess.run(
        [sys.executable, "-c", start + script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *printed, last = done.stdout.splitlines()
    return "\n".join(printed), json.loads(last)


class _Handler(BaseHTTPRequestHandler):
    server: HubServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._dispatch("HEAD")

    def do_GET(self) -> None:
        self._dispatch("GET")

    def do_POST(self) -> None:
        self._dispatch("POST")

    def do_PUT(self) -> None:
        self._dispatch("PUT")

    def _dispatch(self, method: str) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{method} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # A revision may hold slashes, which the client escapes: cut first, then unescape.
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        match method, parts:
            case "GET", ["api", "datasets"]:
                self._json([])
            case "GET", ["api", "whoami-v2"]:
                if self._authorized():
                    self._json({"type": "user", "name": USER, "orgs": [], "auth": {"type": "access_token"}})
            case "POST", ["api", "validate-yaml"]:
                self._json({"errors": [], "warnings": []})
            case "GET", ["api", "datasets", _]:
                self._error(404, "RepoNotFound")
            case "POST", ["api", "repos", "create"]:
                if self._authorized():
                    asked = json.loads(body)
                    name = f"{USER}/{asked['name']}"
                    is_dataset = asked.get("type") == "dataset"
                    (self.server.datasets if is_dataset else self.server.models).setdefault(name, {})
                    folder = "datasets/" if is_dataset else ""
                    self._json({"url": f"{self.server.url}/{folder}{name}", "name": name})
            case _, ["api", "datasets", owner, name, *rest]:
                self._api(self.server.datasets, f"{owner}/{name}", rest, body)
            case _, ["api", "models", owner, name, *rest]:
                self._api(self.server.models, f"{owner}/{name}", rest, body)
            case "POST", ["datasets", _, _, "info", "lfs", "objects", "batch"]:
                if self._authorized():
                    self._large_file_batch(json.loads(body)["objects"])
            case "PUT", ["large-files", oid]:
                self.server.large_files[oid] = body
                self._answer(200, b"", {})
            case _, ["datasets", owner, name, "resolve", _, *file]:
                self._file(self.server.datasets.get(f"{owner}/{name}"), "/".join(file))
            case _, [owner, name, "resolve", _, *file]:
                self._file(self.server.models.get(f"{owner}/{name}"), "/".join(file))
            case _:
                self._error(404, "NotFound")

    def _api(self, repositories: Repositories, name: str, rest: list[str], body: bytes) -> None:
        files = repositories.get(name)
        if files is None:
            self._error(404, "RepoNotFound")
            return
        match rest:
            case [] | ["revision", _]:
                siblings = [{"rfilename": path} for path in files]
                self._json(
                    {"id": name, "sha": _sha(files), "siblings": siblings, "private": False, "tags": []}
                )
            case ["tree", _, *folder]:
                recursive = "recursive=true" in urlsplit(self.path).query.lower()
                entries = list(_tree(files, "/".join(folder), recursive))
                if folder and not entries:
                    self._error(404, "EntryNotFound")
                else:
                    self._json(entries)
            case ["paths-info", _]:
                asked = self._form(body)
                self._json([_entry(path, files[path]) for path in asked if path in files])
            case ["preupload", _]:
                asked = [file["path"] for file in json.loads(body)["files"]]
                self._json({"files": [_upload_mode(path) for path in asked]})
            case ["commit", _]:
                if self._authorized():
                    folder = "datasets/" if repositories is self.server.datasets else ""
                    address = f"{self.server.url}/{folder}{name}"
                    self._commit(files, address, [json.loads(line) for line in body.splitlines()])
            case _:
                self._error(404, "NotFound")

    def _commit(self, files: dict[str, bytes], address: str, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.large_files[value["oid"]]
            elif line["key"] == "deletedFile":
                files.pop(value["path"], None)
        sha = _sha(files)
        self._json({"success": True, "commitOid": sha, "commitUrl": f"{address}/commit/{sha}"})

    def _large_file_batch(self, objects: list[dict[str, Any]]) -> None:
        for item in objects:
            item["actions"] = {"upload": {"href": f"{self.server.url}/large-files/{item['oid']}"}}
        self._json({"transfer": "basic", "objects": objects})

    def _file(self, files: dict[str, bytes] | None, path: str) -> None:
        if files is None or path not in files:
            self._error(404, "RepoNotFound" if files is None else "EntryNotFound")
            return
        content = files[path]
        headers = {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": _sha(files), "Accept-Ranges": "bytes"}
        status, start, end = 200, 0, len(content) - 1
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            status, start, end = 206, int(first), min(int(last or end), end)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self._answer(status, content[start : end + 1], headers)

    def _form(self, body: bytes) -> list[str]:
        if self.headers.get("Content-Type", "").startswith("application/json"):
            paths = json.loads(body)["paths"]
            return paths if isinstance(paths, list) else [paths]
        pairs = [pair.partition("=") for pair in body.decode().split("&")]
        return [unquote(value.replace("+", " ")) for key, _, value in pairs if key == "paths"]

    def _authorized(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._error(401, "InvalidToken")
        return False

    def _json(self, value: Any) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _error(self, status: int, code: str) -> None:
        self._answer(
            status, json.dumps({"error": code}).encode(), {"X-Error-Code": code, "X-Error-Message": code}
        )

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


def _tree(files: dict[str, bytes], folder: str, recursive: bool) -> Iterator[dict[str, Any]]:
    below = {PurePosixPath(path) for path in files if PurePosixPath(folder) in PurePosixPath(path).parents}
    parents = {parent for path in below for parent in path.parents} - {PurePosixPath(folder)}
    for path in sorted(below | parents):
        if PurePosixPath(folder) == path.parent or (recursive and PurePosixPath(folder) in path.parents):
            yield _entry(str(path), files[str(path)]) if path in below else _directory(str(path))


def _entry(path: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "oid": _oid(content), "size": len(content)}


def _upload_mode(path: str) -> dict[str, Any]:
    mode = "lfs" if path.endswith(".parquet") else "regular"
    return {"path": path, "uploadMode": mode, "shouldIgnore": False}


def _directory(path: str) -> dict[str, Any]:
    return {"type": "directory", "path": path, "oid": _oid(path.encode()), "size": 0}


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def _sha(files: dict[str, bytes]) -> str:
    return _oid(b"".join(path.encode() + files[path] for path in sorted(files)))
