"""The search engine plug-in, through the real server and Argilla's own SDK."""

from uuid import uuid4

import argilla as rg
import pytest

TEXTS = {
    "oil": "Oil prices rise as the dollar falls",
    "war": "War over oil, says the minister",
    "cup": "Cup final: a game of two halves",
    "net": "The web, software and oil rigs",
}


@pytest.fixture(scope="module")
def dataset(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text"), rg.TextField("note", required=False)],
        questions=[
            rg.LabelQuestion("topic", labels=["World", "Sports", "Business"]),
            rg.RatingQuestion("stars", values=[1, 2, 3, 4, 5], required=False),
            rg.MultiLabelQuestion("tags", labels=["a", "b", "c"], required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("rules"),
            rg.IntegerMetadataProperty("size"),
            rg.FloatMetadataProperty("weight"),
        ],
        vectors=[rg.VectorField("direction", dimensions=2)],
    )
    dataset = rg.Dataset(f"engine-{uuid4().hex[:8]}", settings=settings, client=client).create()
    user = client.me
    dataset.records.log(
        [
            rg.Record(
                id="oil",
                fields={"text": TEXTS["oil"], "note": "dull"},
                metadata={"rules": ["oil", "dollar"], "size": 3, "weight": 0.5},
                vectors={"direction": [1.0, 0.0]},
                suggestions=[
                    rg.Suggestion("topic", "Business", score=0.9, agent="model"),
                    rg.Suggestion("tags", ["a", "b"], score=[0.7, 0.2], agent="model"),
                ],
                responses=[rg.Response("topic", "Business", user_id=user.id, status="submitted")],
            ),
            rg.Record(
                id="war",
                fields={"text": TEXTS["war"], "note": "cup"},
                metadata={"rules": ["oil"], "size": 7},
                vectors={"direction": [0.0, 1.0]},
                suggestions=[
                    rg.Suggestion("topic", "World", score=0.4, agent="rules"),
                    rg.Suggestion("stars", 2),
                ],
                responses=[rg.Response("topic", "World", user_id=user.id, status="draft")],
            ),
            rg.Record(
                id="cup",
                fields={"text": TEXTS["cup"]},
                metadata={"size": 1, "weight": 2.5},
                vectors={"direction": [-1.0, 0.1]},
            ),
            rg.Record(id="net", fields={"text": TEXTS["net"]}),
        ]
    )
    yield dataset
    dataset.delete()


def found(dataset, query=None, filter=None):
    return [record.id for record in dataset.records(rg.Query(query=query, filter=filter))]


def sorted_by(dataset, *keys):
    """Sort as the web UI asks for it; the SDK has no parameter for it."""
    sort = [{"scope": scope, "order": order} for scope, order in keys]
    url = f"/api/v1/me/datasets/{dataset.id}/records/search"
    answer = dataset._client.http_client.post(url, json={"sort": sort}).raise_for_status().json()
    return [item["record"]["external_id"] for item in answer["items"]]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("oil", {"oil", "war", "net"}),
        ("oil -dollar", {"war", "net"}),
        ("war cup", {"war"}),
        ('"oil prices"', {"oil"}),
        ("soft*", {"net"}),
        ("halvs~1", {"cup"}),
        ("dollar | game", {"oil", "cup"}),
        ("-oil", {"cup"}),
        ('"(~*|+', set()),
        ("12", set()),
    ],
)
def test_text(dataset, query, ids):
    assert set(found(dataset, query)) == ids


def test_without_query_records_come_in_insertion_order(dataset):
    assert found(dataset) == ["oil", "war", "cup", "net"]


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        (("metadata.rules", "in", ["dollar"]), ["oil"]),
        (("metadata.rules", "==", "oil"), ["oil", "war"]),
        (("metadata.size", ">=", 3), ["oil", "war"]),
        (("metadata.weight", "<=", 0.5), ["oil"]),
        (("topic.suggestion", "==", "World"), ["war"]),
        (("topic.score", ">=", 0.5), ["oil"]),
        (("topic.agent", "==", "rules"), ["war"]),
        (("tags.suggestion", "in", ["b", "c"]), ["oil"]),
        (("stars.suggestion", "==", 2), ["war"]),
        (("topic.response", "==", "Business"), ["oil"]),
        (("response.status", "==", "submitted"), ["oil"]),
        (("response.status", "==", "pending"), ["cup", "net"]),
        (("response.status", "in", ["pending", "draft"]), ["war", "cup", "net"]),
        (("status", "==", "completed"), ["oil"]),
        (("id", "in", ["cup", "net", "nobody"]), ["cup", "net"]),
        ([("metadata.rules", "==", "oil"), ("topic.score", "<=", 0.5)], ["war"]),
        (("inserted_at", "<=", "2020-01-01"), []),
        (("inserted_at", ">=", "2020-01-01"), ["oil", "war", "cup", "net"]),
    ],
)
def test_filters(dataset, filter, ids):
    assert found(dataset, filter=filter) == ids


def test_a_query_and_a_filter_both_apply(dataset):
    assert found(dataset, "oil", filter=("metadata.size", ">=", 5)) == ["war"]


SIZE = {"entity": "metadata", "metadata_property": "size"}
WEIGHT = {"entity": "metadata", "metadata_property": "weight"}
SCORE = {"entity": "suggestion", "question": "topic", "property": "score"}
ANSWER = {"entity": "response", "question": "topic"}
STATUS = {"entity": "record", "property": "status"}
ID = {"entity": "record", "property": "external_id"}


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ([(SIZE, "asc")], ["cup", "oil", "war", "net"]),
        ([(SIZE, "desc")], ["war", "oil", "cup", "net"]),
        ([(WEIGHT, "desc")], ["cup", "oil", "war", "net"]),
        ([(SCORE, "asc")], ["war", "oil", "cup", "net"]),
        ([(ANSWER, "desc")], ["war", "oil", "cup", "net"]),
        ([(STATUS, "asc"), (ID, "desc")], ["oil", "war", "net", "cup"]),
    ],
)
def test_sorting_puts_missing_values_last(dataset, keys, ids):
    assert sorted_by(dataset, *keys) == ids


def test_similarity(dataset):
    query = rg.Query(similar=rg.Similar("direction", [1.0, 0.0]))
    hits = list(dataset.records(query))
    assert [record.id for record, _ in hits] == ["oil", "war", "cup"]
    assert [score for _, score in hits] == pytest.approx([1.0, 0.5, 0.5 - 0.5 / 1.01**0.5])
    least = rg.Query(similar=rg.Similar("direction", [1.0, 0.0], most_similar=False))
    assert next(iter(dataset.records(least)))[0].id == "cup"


def test_similar_records_leave_out_the_record_itself(dataset):
    record = next(iter(dataset.records(rg.Query(filter=("id", "==", "oil")))))
    similar = rg.Query(similar=rg.Similar("direction", record))
    assert [other.id for other, _ in dataset.records(similar)] == ["war", "cup"]


def test_progress_and_metrics(dataset):
    assert dataset.progress() == {"total": 4, "completed": 1, "pending": 3}
    http = dataset._client.http_client
    properties = {
        item["name"]: item["id"]
        for item in http.get(f"/api/v1/me/datasets/{dataset.id}/metadata-properties").json()["items"]
    }
    metrics = {
        name: http.get(f"/api/v1/metadata-properties/{id}/metrics").json() for name, id in properties.items()
    }
    assert metrics["rules"]["values"] == [{"term": "oil", "count": 2}, {"term": "dollar", "count": 1}]
    assert metrics["rules"]["total"] == 3
    assert (metrics["size"]["min"], metrics["size"]["max"]) == (1, 7)
    assert (metrics["weight"]["min"], metrics["weight"]["max"]) == (0.5, 2.5)
    own = http.get(f"/api/v1/me/datasets/{dataset.id}/metrics").json()
    assert own["responses"] == {"total": 4, "submitted": 1, "discarded": 0, "draft": 1, "pending": 2}


def test_changes_show_in_the_next_search(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("topic", labels=["World", "Sports"])],
        metadata=[rg.TermsMetadataProperty("rules")],
    )
    dataset = rg.Dataset(f"changes-{uuid4().hex[:8]}", settings=settings, client=client).create()
    http = client.http_client
    dataset.records.log([{"id": "1", "text": "peace talks"}, {"id": "2", "text": "cup final"}])
    first = next(record for record in dataset.records if record.id == "1")

    dataset.records.log([{"id": "1", "text": "war games", "rules": ["war"]}])
    assert found(dataset, "peace") == []
    assert found(dataset, "war", filter=("metadata.rules", "==", "war")) == ["1"]

    answer = {"values": {"topic": {"value": "World"}}, "status": "submitted"}
    response = http.post(f"/api/v1/records/{first._server_id}/responses", json=answer).json()
    assert found(dataset, filter=("topic.response", "==", "World")) == ["1"]
    assert found(dataset, filter=("status", "==", "completed")) == ["1"]
    http.put(f"/api/v1/responses/{response['id']}", json=answer | {"status": "discarded"})
    assert found(dataset, filter=("response.status", "==", "discarded")) == ["1"]
    http.delete(f"/api/v1/responses/{response['id']}")
    assert found(dataset, filter=("response.status", "==", "pending")) == ["1", "2"]

    question = dataset.settings.questions["topic"]
    suggestion = {"question_id": str(question.id), "value": "Sports", "score": 0.5, "agent": "model"}
    created = http.put(f"/api/v1/records/{first._server_id}/suggestions", json=suggestion).json()
    assert found(dataset, filter=("topic.suggestion", "==", "Sports")) == ["1"]
    http.delete(f"/api/v1/records/{first._server_id}/suggestions", params={"ids": created["id"]})
    assert found(dataset, filter=("topic.suggestion", "==", "Sports")) == []

    dataset.records.delete([first])
    assert found(dataset, "war") == []
    assert found(dataset, "-war") == ["2"]
    dataset.delete()
