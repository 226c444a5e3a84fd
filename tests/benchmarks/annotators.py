"""Many annotators at once: does each response that was acknowledged stay?"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

import argilla as rg
import httpx

from helpers.argilla_local import LocalArgilla

LABELS = ("World", "Sports", "Business", "Sci/Tech")
PAGE = 1000
PATIENCE_S = 60
COMPLETED = {"scope": {"entity": "record", "property": "status"}, "values": ["completed"]}


@dataclass
class Annotator:
    """One user, and what the server has acknowledged."""

    id: str
    http: httpx.Client
    acknowledged: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def work(self, records: Sequence[str], until: float) -> None:
        """Submit responses one after the other, and change every third of them."""
        for number, record in enumerate(records):
            if monotonic() > until:
                return
            label = LABELS[number % len(LABELS)]
            body = {"values": {"topic": {"value": label}}, "status": "submitted"}
            response = self._send("POST", f"/api/v1/records/{record}/responses", body, record, label)
            if response is not None and number % 3 == 0:
                label = LABELS[(number + 1) % len(LABELS)]
                body = {"values": {"topic": {"value": label}}, "status": "submitted"}
                self._send("PUT", f"/api/v1/responses/{response['id']}", body, record, label)

    def _send(self, method: str, url: str, body: object, record: str, label: str) -> dict | None:
        try:
            answer = self.http.request(method, url, json=body).raise_for_status().json()
        except httpx.HTTPError as error:
            self.failures.append(repr(error))
            return None
        self.acknowledged[record] = label
        return answer


def annotate(server: LocalArgilla, dataset: rg.Dataset, number: int, seconds: float) -> dict[str, int]:
    """Let new users submit responses to the same records; return how many came, failed and were lost."""
    http = server.client.http_client
    before = _found(http, dataset, COMPLETED)
    records = [record["id"] for record in _page(dataset) if record["status"] == "pending"]
    annotators = [_annotator(server, dataset) for _ in range(number)]
    until = monotonic() + seconds
    threads = []
    for place, annotator in enumerate(annotators):
        # Every two begin at the same record, so that it gets two responses at a time.
        start = place // 2 * 7
        order = records[start:] + records[:start]
        threads.append(threading.Thread(target=annotator.work, args=(order, until)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = {record for annotator in annotators for record in annotator.acknowledged}
    return {
        "responses": sum(len(annotator.acknowledged) for annotator in annotators),
        "failed": sum(len(annotator.failures) for annotator in annotators),
        "lost": _lost(dataset, annotators),
        "lost_to_searches": sum(_lost_to_searches(dataset, annotator) for annotator in annotators)
        + abs(_found(http, dataset, COMPLETED) - before - len(answered)),
    }


def _page(dataset: rg.Dataset) -> list[dict]:
    url, parameters = f"/api/v1/datasets/{dataset.id}/records", {"limit": PAGE, "include": "responses"}
    answer = dataset._client.http_client.get(url, params=parameters).raise_for_status()
    return answer.json()["items"]


def _annotator(server: LocalArgilla, dataset: rg.Dataset) -> Annotator:
    name = f"annotator{uuid4().hex}"
    user = rg.User(username=name, password=name, role="annotator", client=server.client).create()
    user.add_to_workspace(dataset.workspace)
    known = server.client.http_client.get(f"/api/v1/users/{user.id}").raise_for_status().json()
    headers = {"X-Argilla-Api-Key": known["api_key"]}
    return Annotator(
        str(user.id),
        httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE_S, trust_env=False),
    )


def _lost(dataset: rg.Dataset, annotators: Sequence[Annotator]) -> int:
    """Count the acknowledged responses that the database does not hold as they were acknowledged."""
    stored = {
        (record["id"], response["user_id"]): response["values"]["topic"]["value"]
        for record in _page(dataset)
        for response in record["responses"]
    }
    return sum(
        stored.get((record, annotator.id)) != label
        for annotator in annotators
        for record, label in annotator.acknowledged.items()
    )


def _lost_to_searches(dataset: rg.Dataset, annotator: Annotator) -> int:
    expected = Counter(annotator.acknowledged.values())
    scope = {"entity": "response", "question": "topic"}
    return sum(
        abs(expected[label] - _found(annotator.http, dataset, {"scope": scope, "values": [label]}, "me/"))
        for label in LABELS
    )


def _found(http: httpx.Client, dataset: rg.Dataset, filter: dict, whose: str = "") -> int:
    url = f"/api/v1/{whose}datasets/{dataset.id}/records/search"
    body = {"filters": {"and": [{"type": "terms", **filter}]}}
    return http.post(url, params={"limit": 1}, json=body).raise_for_status().json()["total"]
