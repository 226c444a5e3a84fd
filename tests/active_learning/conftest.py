"""Datasets on the embedded server, and people who answer in them."""

import uuid
from collections.abc import Callable, Iterator, Sequence

import argilla as rg
import httpx
import pytest

from helpers.active_learning.loop import active_learning_settings
from helpers.annotation import create_dataset, log_records

LABELS = ["World", "Sports"]


class Person:
    """An annotator who answers as the web UI does."""

    def __init__(self, client: rg.Argilla, dataset: rg.Dataset) -> None:
        new = {
            "username": uuid.uuid4().hex,
            "first_name": "Ann",
            "role": "annotator",
            "password": uuid.uuid4().hex,
        }
        self._http = client.http_client
        user = self._http.post("/api/v1/users", json=new).raise_for_status().json()
        self._http.post(
            f"/api/v1/workspaces/{dataset.workspace.id}/users", json={"user_id": user["id"]}
        ).raise_for_status()
        self._key = {"X-Argilla-Api-Key": user["api_key"]}
        self._ids = {record.id: record._server_id for record in dataset.records()}

    def answer(self, record_id: str, label: str | None, status: str = "submitted") -> httpx.Response:
        """Submit a label, or discard the record where there is none."""
        values = None if label is None else {"label": {"value": label}}
        status = "discarded" if label is None else status
        return self._http.post(
            f"/api/v1/records/{self._ids[record_id]}/responses",
            json={"values": values, "status": status},
            headers=self._key,
        )

    def change(self, response: httpx.Response, label: str) -> None:
        self._http.put(
            f"/api/v1/responses/{response.json()['id']}",
            json={"values": {"label": {"value": label}}, "status": "submitted"},
            headers=self._key,
        ).raise_for_status()


@pytest.fixture
def make_dataset(client) -> Callable[[Sequence[str]], rg.Dataset]:
    def make(texts: Sequence[str]) -> rg.Dataset:
        dataset = create_dataset(
            client, f"active-{uuid.uuid4().hex[:8]}", active_learning_settings(client, LABELS)
        )
        log_records(dataset, [rg.Record(id=f"n{i}", fields={"text": text}) for i, text in enumerate(texts)])
        return dataset

    return make


@pytest.fixture
def dataset(make_dataset) -> rg.Dataset:
    return make_dataset(["The cup final", "War and peace", "A quiet day", "The final word"])


@pytest.fixture
def person(client, dataset) -> Person:
    return Person(client, dataset)


@pytest.fixture
def new_person(client) -> Callable[[rg.Dataset], Person]:
    return lambda dataset: Person(client, dataset)


@pytest.fixture
def requests(client) -> Iterator[list[tuple[str, str]]]:
    """The method and path of each request that the client makes from now on."""
    made: list[tuple[str, str]] = []
    hooks = client.http_client.event_hooks

    def note(request: httpx.Request) -> None:
        made.append((request.method, request.url.path))

    client.http_client.event_hooks = {**hooks, "request": [*hooks["request"], note]}
    yield made
    client.http_client.event_hooks = hooks
