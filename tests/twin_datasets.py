"""One dataset on two servers, to compare what the same requests leave behind there."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import apsw
import argilla as rg

from helpers.argilla_local import LocalArgilla

DELIVERY_S = 120.0
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")


class Twin:
    """A dataset with every kind of field and question on one server, with two users.

    What its methods return holds names in place of ids, and no times.
    """

    def __init__(self, server: LocalArgilla) -> None:
        client = server.client
        name = f"twin{uuid4().hex}"
        self.annotator = rg.User(username=name, password="12345678", client=client).create()
        self.dataset = rg.Dataset(name, settings=_settings(), client=client).create()
        self.users = [str(client.me.id), str(self.annotator.id)]
        self.questions = {question.name: str(question.id) for question in self.dataset.settings.questions}
        self._home = Path(server.home)
        self._http = client.http_client

    def delete(self) -> None:
        """Leave nothing behind on the server."""
        self.dataset.delete()
        self.annotator.delete()

    def send(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """Return the status and the body of an answer; `path` may hold ``{dataset}``."""
        url = f"/api/v1/{path.format(dataset=self.dataset.id)}"
        answer = self._http.request(method, url, json=body)
        return answer.status_code, self._plain(answer.json() if answer.content else None)

    def record_id(self, external_id: str) -> str:
        """Return the server's id of a record."""
        return next(id for id, name in self._records() if name == external_id)

    def stored(self) -> dict[str, list[str]]:
        """Return the rows of the database, and whether a record's times differ."""
        dataset = f"dataset_id = '{self.dataset.id.hex}'"
        of_records = f"record_id IN (SELECT id FROM records WHERE {dataset})"
        queries = {
            "records": f"SELECT *, inserted_at = updated_at FROM records WHERE {dataset}",
            "datasets_users": f"SELECT * FROM datasets_users WHERE {dataset}",
            "suggestions": f"SELECT * FROM suggestions WHERE {of_records}",
            "responses": f"SELECT * FROM responses WHERE {of_records}",
            "vectors": f"SELECT * FROM vectors WHERE {of_records}",
        }
        with closing(sqlite3.connect(self._home / "argilla.db")) as database:
            return {table: self._sorted(database.execute(query)) for table, query in queries.items()}

    def indexed(self) -> dict[str, list[str]]:
        """Return the rows of the dataset's tables in the index, except those that SQLite's FTS5 keeps."""
        database = apsw.Connection(str(self._home / "index.db"), flags=apsw.SQLITE_OPEN_READONLY)
        query = (
            "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE type = 'table' AND name LIKE ?"
        )
        tables = dict(database.execute(query, (f"%{self.dataset.id.hex}%",)))
        of_fts5 = tuple(table for table, is_virtual in tables.items() if is_virtual)
        return {
            table.replace(self.dataset.id.hex, ""): self._sorted(database.execute(f"SELECT * FROM {table}"))
            for table in tables
            if not table.startswith(of_fts5)
        }

    def heard(self, receiver: "Receiver", number: int) -> list[object]:
        """Wait for so many events of the dataset, and return them in order of arrival."""
        deadline = time.monotonic() + DELIVERY_S
        while len(events := receiver.events_of(str(self.dataset.id))) < number:
            assert time.monotonic() < deadline, f"{len(events)} of {number} events have arrived"
            time.sleep(0.1)
        return [self._plain(event) for event in events]

    def _records(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._home / "argilla.db")) as database:
            query = "SELECT id, coalesce(external_id, fields ->> 'text') FROM records WHERE dataset_id = ?"
            return database.execute(query, (self.dataset.id.hex,)).fetchall()

    def _sorted(self, rows: Iterable[tuple[object, ...]]) -> list[str]:
        return sorted(json.dumps(row) for row in self._plain(list(rows)))

    def _plain(self, value: object) -> object:
        text = json.dumps(value, sort_keys=True, default=lambda blob: blob.hex())
        names = {id: name for name, id in self.questions.items()} | dict(self._records())
        names |= {self.users[0]: "owner", self.users[1]: "annotator", str(self.dataset.id): "dataset"}
        by_hex = {id.replace("-", ""): f"<{name}>" for id, name in names.items()}
        text = _ID.sub(lambda id: by_hex.get(id[0].replace("-", ""), "<id>"), text)
        text = text.replace(self.dataset.name, "<name>")
        return json.loads(_TIME.sub("<time>", text))


class Receiver:
    """Hears a server's webhook events while it is open."""

    def __init__(self, server: LocalArgilla, events: list[str]) -> None:
        self._events: list[dict] = []
        received = self._events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._door = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._door.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self._door.server_port}"
        self._webhook = rg.Webhook(url=url, events=events, _client=server.client).create()

    def events_of(self, dataset_id: str) -> list[dict]:
        """Return type and data of the events of a dataset so far."""
        return [
            {"type": event["type"], "data": event["data"]}
            for event in list(self._events)
            if dataset_id in json.dumps(event)
        ]

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *_: object) -> None:
        self._webhook.delete()
        self._door.shutdown()
        self._door.server_close()


def _settings() -> rg.Settings:
    return rg.Settings(
        fields=[
            rg.TextField("text"),
            rg.ChatField("chat", required=False),
            rg.CustomField("custom", template="{{record.fields.custom}}", required=False),
        ],
        questions=[
            rg.LabelQuestion("topic", labels=["World", "Sports"]),
            rg.MultiLabelQuestion("tags", labels=["a", "b"], required=False),
            rg.RatingQuestion("stars", values=[1, 2, 3], required=False),
            rg.RankingQuestion("order", values=["x", "y"], required=False),
            rg.TextQuestion("note", required=False),
            rg.SpanQuestion("spans", labels=["word"], field="text", required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("rules"),
            rg.IntegerMetadataProperty("size", min=0),
            rg.FloatMetadataProperty("weight"),
        ],
        vectors=[rg.VectorField("direction", dimensions=2)],
        allow_extra_metadata=True,
        distribution=rg.TaskDistribution(min_submitted=2),
    )
