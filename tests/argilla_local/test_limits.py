"""How much a request may hold: more is refused with the limit and the way out, and nothing is stored."""

import json
import time

import argilla as rg
import pytest

MB = 2**20
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def dataset(client):
    settings = rg.Settings(
        fields=[rg.TextField("text"), rg.CustomField("custom", template="x", required=False)],
        questions=[
            rg.SpanQuestion("spans", field="text", labels=["a", "b"], required=False),
            rg.TextQuestion("note"),
        ],
    )
    return rg.Dataset(f"limits-{time.time_ns()}", settings=settings, client=client).create()


@pytest.fixture
def records(client, dataset):
    """Send records to the server."""
    url = f"/api/v1/datasets/{dataset.id}/records/bulk"
    return lambda *items: client.http_client.post(url, json={"items": items})


def spans(number):
    return [{"label": "a", "start": 2 * place, "end": 2 * place + 1} for place in range(number)]


def nested(levels):
    return json.loads('{"a":' * levels + "1" + "}" * levels)


def answer(client, records, text, value):
    record = records({"fields": {"text": text}}).raise_for_status().json()["items"][0]["id"]
    body = {"values": {"note": {"value": "n"}, "spans": {"value": value}}, "status": "submitted"}
    return client.http_client.post(f"/api/v1/records/{record}/responses", json=body)


def test_a_body_that_is_too_large(dataset, records):
    assert records(*[{"fields": {"text": "word " * 20_000}}] * 100).status_code == 201  # 10 MB
    refused = records({"fields": {"text": "x" * 60 * MB}})
    assert refused.status_code == 413
    assert "33,554,432 are the limit: send fewer records at a time" in refused.json()["detail"]
    assert dataset.progress()["total"] == 100


def test_a_body_that_is_too_large_and_comes_in_pieces(client):
    pieces = (b"x" * MB for _ in range(40))
    refused = client.http_client.post("/api/v1/datasets", content=pieces, headers=JSON)
    assert refused.status_code == 413
    assert client.http_client.get("/api/v1/me").status_code == 200


def test_the_sdk_says_why_a_body_is_refused(dataset):
    with pytest.raises(Exception, match="33,554,432 are the limit"):
        dataset.records.log([{"text": "x" * 5 * MB} for _ in range(10)])
    dataset.records.log([{"text": "x" * 5 * MB} for _ in range(10)], batch_size=5)
    assert dataset.progress()["total"] == 10


def test_as_many_spans_as_argilla_takes_are_taken_at_once(client, records):
    begin = time.monotonic()
    assert answer(client, records, "x" * 20_000, spans(10_000)).status_code == 201
    refused = answer(client, records, "x" * 40_000, spans(20_000))
    assert time.monotonic() - begin < 30
    assert refused.status_code == 422
    errors = refused.json()["detail"]["params"]["errors"]
    assert "at most 10000 items" in errors[0]["msg"]
    assert (len(errors), errors[-1]["msg"][-11:]) == (101, "more errors")


@pytest.mark.parametrize(
    ("pairs", "overlapping"),
    [
        ([(0, 2), (2, 4), (4, 5)], None),
        ([(4, 5), (0, 2), (2, 4)], None),
        ([(0, 9), (2, 3)], (0, 1)),
        ([(2, 3), (4, 5), (0, 9)], (0, 2)),
        ([(0, 1), (3, 5), (1, 2), (4, 6)], (1, 3)),
        ([(0, 1), (0, 1)], (0, 1)),
    ],
)
def test_overlapping_spans_are_refused(client, records, pairs, overlapping):
    value = [{"label": "a", "start": start, "end": end} for start, end in pairs]
    answered = answer(client, records, "ten letters", value)
    if overlapping is None:
        assert answered.status_code == 201
    else:
        assert answered.status_code == 422
        assert answered.json() == {
            "detail": "overlapping values found between spans at index idx={} and idx={}".format(*overlapping)
        }


def test_a_list_that_is_too_long(client, dataset, records):
    refused = [
        records({"fields": {"text": "a"}, "metadata": {"many": list(range(50_001))}}),
        records({"fields": {"text": "a"}, "metadata": dict.fromkeys(map(str, range(50_001)))}),
        client.http_client.post("/api/v1/me/responses/bulk", json=[{}] * 50_001),
    ]
    assert {each.status_code for each in refused} == {422}
    assert all("50,001 items, and 50,000 are the limit" in each.json()["detail"] for each in refused)
    assert dataset.progress()["total"] == 0
    item = {"fields": {"text": "a", "custom": {"many": list(range(50_000))}}}
    assert records(item).status_code == 201


def test_what_is_nested_too_deeply(client, dataset, records):
    """Up to the limit it can be stored and told; what is deeper would be stored, and never be told again."""
    assert records({"fields": {"text": "a", "custom": nested(195)}}).status_code == 201
    url = f"/api/v1/datasets/{dataset.id}"
    for levels in (201, 400, 900):
        refused = records({"fields": {"text": "a", "custom": nested(levels)}})
        assert (refused.status_code, "200 levels" in refused.json()["detail"]) == (422, True)
        refused = client.http_client.patch(url, json={"metadata": nested(levels)})
        assert (refused.status_code, "200 levels" in refused.json()["detail"]) == (422, True)
    refused = client.http_client.patch(url, content="[" * 100_000 + "]" * 100_000, headers=JSON)
    assert (refused.status_code, "200 levels" in refused.json()["detail"]) == (422, True)
    listed = client.http_client.get(f"{url}/records").json()["items"]
    assert [record["fields"]["custom"] for record in listed] == [nested(195)]
