"""Our ways of storing and finding records against argilla_server's own: same requests, same effects."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from twin_datasets import Receiver, Twin

from helpers import argilla_local
from helpers.argilla_local.faster import STOCK_VARIABLE

SIZE = 200
# Few of the records that are logged make one of these events: a delivery takes the worker 20 ms or more.
EVENTS = ["record.updated", "record.deleted", "record.completed"]
EVENTS += ["response.created", "response.updated"]
OLDEST_FIRST = [{"scope": {"entity": "record", "property": "inserted_at"}, "order": "asc"}]
BULK = "datasets/{dataset}/records/bulk"
STATUSES = [(), ("submitted", "submitted"), ("draft", "submitted"), ("discarded",)]
NOBODY = str(UUID(int=7))


@pytest.fixture(scope="module")
def servers(local_argilla, tmp_path_factory) -> Iterator[list[argilla_local.LocalArgilla]]:
    """Start argilla_server as it is, beside ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STOCK_VARIABLE, "1")
        stock = argilla_local.start(tmp_path_factory.mktemp("stock") / "home")
    with stock:
        yield [local_argilla, stock]


@pytest.fixture
def twins(servers) -> Iterator[list[Twin]]:
    twins = [Twin(server) for server in servers]
    yield twins
    for twin in twins:
        twin.delete()


def item(twin: Twin, number: int) -> dict:
    """Return a record; in some of them, each thing occurs that a record can have."""
    body = {
        "external_id": f"r{number}" if number % 10 else None,
        "fields": {"text": f"word{number % 7} word {number}"},
        "metadata": None if number % 5 == 0 else {"rules": ["a", "b"], "size": number, "extra": "é"},
        "suggestions": suggestions(twin, number)[: number % 7] if number % 2 else None,
        "responses": responses(twin, number),
    }
    if number % 3 == 0:
        body["fields"] |= {"chat": [{"role": "user", "content": f"hello {number}"}], "custom": {"a": [None]}}
        body["vectors"] = {"direction": [number / 3, 1.0]}
        body["metadata"] = {"weight": number / 7}
    return body


def suggestions(twin: Twin, number: int) -> list[dict]:
    by_question = {
        "topic": {"value": "World", "score": number % 10 / 10, "agent": "model"},
        "tags": {"value": ["a", "b"], "score": [0.5, 1.0], "type": "model"},
        "stars": {"value": 2},
        "order": {"value": [{"value": "x", "rank": 1}, {"value": "y", "rank": 2}]},
        "spans": {"value": [{"label": "word", "start": 0, "end": 4}]},
        "note": {"value": f"note {number}"},
    }
    return [{"question_id": twin.questions[name], **body} for name, body in by_question.items()]


def responses(twin: Twin, number: int) -> list[dict] | None:
    values = {"topic": {"value": "Sports"}, "stars": {"value": 3}, "tags": {"value": ["b"]}}
    return [
        {"user_id": user, "status": status, "values": None if status == "discarded" else values}
        for user, status in zip(twin.users, STATUSES[number % 4], strict=False)
    ] or None


def log(twin: Twin) -> list[tuple[int, object]]:
    """Add records by both ways, then change some while the rest is added; return the answers."""
    items = [item(twin, number) for number in range(SIZE)]
    changes = [
        {"external_id": "r71", "metadata": {"rules": ["new"]}},
        {"external_id": "r72", "responses": responses(twin, 1)},
        {"external_id": "r73", "responses": responses(twin, 3)},
        {"external_id": "r74", "suggestions": suggestions(twin, 74)},
        {**item(twin, 111), "fields": {"text": "another text"}, "vectors": {"direction": [9.0, 9.0]}},
        {"external_id": "r113"},
    ]
    return [
        twin.send("POST", BULK, {"items": items[:80]}),
        twin.send("PUT", BULK, {"items": items[80:160]}),
        twin.send("PUT", BULK, {"items": [*changes[:3], *items[160:], *changes[3:]]}),
    ]


def found(twin: Twin, query: str) -> list[object]:
    search = "datasets/{dataset}/records/search?limit=1000&include=responses&include=suggestions"
    body = {"query": {"text": {"q": query}}, "sort": OLDEST_FIRST}
    return [twin.send("POST", path, body) for path in (search, f"me/{search}")]


def test_records_are_stored_and_indexed_as_by_the_stock_server(twins):
    ours, stock = map(log, twins)
    assert [status for status, _ in ours] == [201, 200, 200]
    assert ours == stock
    ours, stock = (twin.stored() for twin in twins)
    assert len(ours["records"]) == SIZE
    assert ours == stock
    ours, stock = (twin.indexed() for twin in twins)
    assert any(len(rows) == SIZE for rows in ours.values())
    assert ours == stock
    for query in ("word1", "another", "hello 90", "-word2", "nothing"):
        ours, stock = (found(twin, query) for twin in twins)
        assert ours == stock


def test_webhooks_hear_the_same(servers, twins):
    answer = {"values": {"topic": {"value": "World"}}, "status": "submitted"}
    heard = []
    for server, twin in zip(servers, twins, strict=True):
        with Receiver(server, EVENTS) as receiver:
            answers = log(twin)
            empty, drafted, deleted = map(twin.record_id, ("r4", "r2", "r191"))
            answers += [
                twin.send("POST", f"records/{empty}/responses", answer),
                twin.send("POST", "me/responses/bulk", {"items": [{"record_id": drafted, **answer}]}),
                twin.send("DELETE", f"datasets/{{dataset}}/records?ids={deleted}"),
            ]
            heard.append(twin.heard(receiver, 41))
        with Receiver(server, ["record.created"]) as receiver:
            more = [item(twin, number) for number in range(SIZE, SIZE + 4)]
            answers.append(twin.send("PUT", BULK, {"items": more}))
            heard[-1] += twin.heard(receiver, 3)
        assert [status for status, _ in answers] == [201, 200, 200, 201, 200, 204, 200]
    ours, stock = heard
    assert {event["type"] for event in ours} == {*EVENTS, "record.created"}
    assert ours == stock
    ours, stock = (twin.stored() for twin in twins)
    assert ours == stock
    ours, stock = (twin.indexed() for twin in twins)
    assert ours == stock


def test_what_is_refused_is_refused_in_the_same_words(twins):
    answers = []
    for twin in twins:
        no_topic = {"user_id": twin.users[0], "status": "submitted", "values": {"note": {"value": "x"}}}
        too_long = {
            "question_id": twin.questions["spans"],
            "value": [{"label": "word", "start": 0, "end": 99}],
        }
        refused = [
            {"fields": {}},
            {"fields": {"text": "x", "title": "y"}},
            {"metadata": {"size": -1}},
            {"vectors": {"direction": [1.0]}},
            {"responses": [{"user_id": NOBODY, "status": "discarded"}]},
            {"responses": [no_topic]},
            {"suggestions": [too_long]},
            {"suggestions": [too_long, too_long]},
        ]
        good = [item(twin, number) for number in range(4)]
        answers.append(
            [
                twin.send(method, BULK, {"items": [*good, item(twin, 4) | wrong]})
                for method in ("POST", "PUT")
                for wrong in refused
            ]
        )
        assert twin.stored()["records"] == []
    ours, stock = answers
    assert {status for status, _ in ours} == {422}
    assert ours == stock
