"""What no answer could carry is refused by the real server, and nothing of it is stored."""

import json
from uuid import uuid4

import argilla as rg
import pytest

HALF = "half \ud83d"
INFINITE = float("inf")


@pytest.fixture
def dataset(client):
    settings = rg.Settings(
        fields=[
            rg.TextField("text"),
            rg.ChatField("chat", required=False),
            rg.CustomField("custom", template="x", required=False),
        ],
        questions=[rg.TextQuestion("note"), rg.LabelQuestion("topic", labels=["a", "b"], required=False)],
        metadata=[rg.TermsMetadataProperty("rules"), rg.FloatMetadataProperty("weight")],
        vectors=[rg.VectorField("direction", dimensions=2)],
    )
    dataset = rg.Dataset(f"storable-{uuid4().hex}", settings=settings, client=client).create()
    dataset.records.log([{"id": "before", "text": "stored before", "note": "x"}])
    return dataset


@pytest.fixture
def send(client):
    """Send a body as Python writes it, and return the status and what is said."""

    def send(method, path, body, encoding="utf-8"):
        content = body if isinstance(body, bytes) else json.dumps(body).encode(encoding)
        headers = {"Content-Type": "application/json"}
        answer = client.http_client.request(method, f"/api/v1/{path}", content=content, headers=headers)
        return answer.status_code, answer.json().get("detail")

    return send


def stored(dataset):
    """Return all that is stored of the records, and what searches find."""
    http, url = dataset._client.http_client, f"/api/v1/datasets/{dataset.id}/records"
    everything = {"include": "responses,suggestions,vectors", "limit": 1000}
    return (
        http.get(url, params=everything).raise_for_status().json(),
        [record.id for record in dataset.records(rg.Query(query="*"))],
        http.get(f"/api/v1/datasets/{dataset.id}").raise_for_status().json(),
    )


def answer(text):
    return {"values": {"note": {"value": text}}, "status": "submitted"}


RECORDS = [
    ({"metadata": {"rules": HALF}}, "items[1].metadata.rules"),
    ({"metadata": {"rules": ["fine", HALF]}}, "items[1].metadata.rules[1]"),
    ({"metadata": {"rules": "fine", HALF: 1}}, "items[1].metadata.half \\ud83d"),
    ({"fields": {"text": HALF}}, "items[1].fields.text"),
    ({"fields": {"text": "x", "chat": [{"role": HALF, "content": "hi"}]}}, "items[1].fields.chat[0].role"),
    ({"fields": {"text": "x", "custom": {"a": {"b": [HALF]}}}}, "items[1].fields.custom.a.b[0]"),
    ({"fields": {"text": "x", "custom": {"a": INFINITE}}}, "inf at custom.a"),
    ({"external_id": HALF}, "items[1].external_id"),
    ({"vectors": {"direction": [1.0, INFINITE]}}, "direction must have finite"),
    ({"vectors": {"direction": [1e300, 1.0]}}, "direction must have finite"),
    ({"vectors": {"direction": [float("nan"), 1.0]}}, "direction must have finite"),
    ({"metadata": {"weight": INFINITE}}, "inf at weight"),
    ({"suggestions": [{"question_id": "<note>", "value": HALF}]}, "items[1].suggestions[0].value"),
    (
        {"suggestions": [{"question_id": "<note>", "value": "x", "agent": HALF}]},
        "items[1].suggestions[0].agent",
    ),
    ({"responses": [{"user_id": "<me>", **answer(HALF)}]}, "items[1].responses[0].values.note.value"),
]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("part", "place"), RECORDS)
def test_records_that_cannot_be_stored(client, dataset, send, method, part, place):
    note, me = str(dataset.settings.questions["note"].id), str(client.me.id)
    part = json.loads(json.dumps(part).replace("<note>", note).replace("<me>", me))
    before = stored(dataset)
    items = [{"fields": {"text": "fine"}, "external_id": "fine"}, {"fields": {"text": "odd"}, **part}]
    status, said = send(method, f"datasets/{dataset.id}/records/bulk", {"items": items})
    assert status == 422
    assert place in said
    assert stored(dataset) == before


def test_changes_that_cannot_be_stored(client, dataset, send):
    before = stored(dataset)
    [record] = dataset.records
    note, id = str(dataset.settings.questions["note"].id), str(record._server_id)
    here = f"records/{id}"
    workspaces, users = len(client.workspaces), len(client.users)
    for method, path, body in (
        ("PATCH", here, {"metadata": {"rules": [HALF]}}),
        ("PATCH", here, {"fields": {"text": HALF}}),
        ("PATCH", here, {"vectors": {"direction": [INFINITE, 0.0]}}),
        ("PATCH", here, {"metadata": {"weight": -INFINITE}}),
        ("PATCH", here, {"suggestions": [{"question_id": note, "value": HALF}]}),
        ("PUT", f"{here}/suggestions", {"question_id": note, "value": HALF}),
        ("PUT", f"{here}/suggestions", {"question_id": note, "value": "x", "score": INFINITE}),
        ("POST", f"{here}/responses", answer(HALF)),
        ("POST", "me/responses/bulk", {"items": [{"record_id": id, **answer(HALF)}]}),
        ("PATCH", f"datasets/{dataset.id}", {"guidelines": HALF}),
        ("PATCH", f"datasets/{dataset.id}", {"metadata": {"a": [HALF]}}),
        ("PATCH", f"datasets/{dataset.id}", {"metadata": {"a": INFINITE}}),
        ("POST", f"datasets/{dataset.id}/metadata-properties", {"name": "p", "title": HALF}),
        ("POST", f"datasets/{dataset.id}/vectors-settings", {"name": "v", "title": HALF, "dimensions": 2}),
        ("PATCH", f"questions/{note}", {"title": HALF}),
        ("PATCH", f"questions/{note}", {"description": HALF}),
        ("PATCH", f"fields/{dataset.settings.fields['text'].id}", {"title": HALF}),
        ("POST", "datasets", {"name": HALF, "workspace_id": str(dataset.workspace.id)}),
        ("POST", "workspaces", {"name": HALF}),
        ("POST", "users", {"username": f"u{uuid4().hex}", "first_name": HALF, "password": "12345678"}),
        (
            "POST",
            "webhooks",
            {"url": "http://127.0.0.1:9/", "events": ["record.created"], "description": HALF},
        ),
    ):
        status, said = send(method, path, body)
        assert status == 422, (path, body, said)
    assert stored(dataset) == before
    assert (len(client.workspaces), len(client.users)) == (workspaces, users)
    assert client.http_client.get("/api/v1/webhooks").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"guidelines": "half \xed\xa0\xbd"}', 422),
        (json.dumps({"guidelines": HALF}, ensure_ascii=False).encode("utf-16-le", "surrogatepass"), 422),
        (rb'{"guidelines": "\uDE00\uD83D"}', 422),
        (rb'{"guidelines": "whole \ud83d\ude00 \\ud83d"}', 200),
        ('{"guidelines": "whole 😀 한글"}'.encode(), 200),
        ('{"guidelines": "whole 😀"}'.encode("utf-16-le"), 200),
    ],
)
def test_ways_to_write_half_of_a_character(dataset, send, content, status):
    assert send("PATCH", f"datasets/{dataset.id}", content)[0] == status
