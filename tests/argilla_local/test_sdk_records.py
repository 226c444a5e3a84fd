"""Every kind of field, question, property and vector, through Argilla's SDK and the real server."""

import base64
from datetime import UTC, datetime
from uuid import uuid4

import argilla as rg
import pytest

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TALK = [{"role": "user", "content": "Who won?"}, {"role": "assistant", "content": "Nobody knows."}]
SPANS = [{"start": 0, "end": 4, "label": "TEAM"}]
ANSWERS = {
    "topic": "World",
    "tags": ["a", "b"],
    "stars": 2,
    "order": ["y", "x"],
    "why": "because",
    "teams": SPANS,
}


def make_dataset(client, stem):
    settings = rg.Settings(
        guidelines="Read first.",
        fields=[
            rg.TextField("text"),
            rg.ChatField("talk", required=False),
            rg.ImageField("photo", required=False),
            rg.CustomField("extra", template="{{record.fields.extra.mood}}", required=False),
        ],
        questions=[
            rg.LabelQuestion("topic", labels=["World", "Sports"]),
            rg.MultiLabelQuestion("tags", labels={"a": "A", "b": "B", "c": "C"}, required=False),
            rg.RatingQuestion("stars", values=[1, 2, 3], required=False),
            rg.RankingQuestion("order", values=["x", "y"], required=False),
            rg.TextQuestion("why", required=False),
            rg.SpanQuestion("teams", field="text", labels=["TEAM", "CITY"], required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("rules", options=["war", "oil", "cup"]),
            rg.IntegerMetadataProperty("size", min=0, max=100),
            rg.FloatMetadataProperty("weight"),
        ],
        vectors=[rg.VectorField("direction", dimensions=3)],
    )
    return rg.Dataset(f"{stem}-{uuid4().hex[:8]}", settings=settings, client=client).create()


@pytest.fixture(scope="module")
def dataset(local_argilla):
    dataset = make_dataset(local_argilla.client, "records")
    me = local_argilla.client.me
    photo = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
    dataset.records.log(
        [
            rg.Record(
                id="full",
                fields={
                    "text": "Ajax wins",
                    "talk": TALK,
                    "photo": photo,
                    "extra": {"mood": "calm", "levels": [1, 2]},
                },
                metadata={"rules": ["war", "cup"], "size": 7, "weight": 0.25},
                vectors={"direction": [1.0, 0.5, 0.25]},
                suggestions=[
                    rg.Suggestion("topic", "World", score=0.9, agent="model", type="model"),
                    rg.Suggestion("tags", ["a", "b"], score=[0.8, 0.6], agent="rules"),
                    rg.Suggestion("stars", 2, score=0.5),
                    rg.Suggestion("order", ["y", "x"]),
                    rg.Suggestion("why", "because", agent="writer", type="human"),
                    rg.Suggestion("teams", SPANS, score=[0.7]),
                ],
                responses=[
                    rg.Response(question, value, user_id=me.id, status="submitted")
                    for question, value in ANSWERS.items()
                    if question != "order"  # the SDK leaves out the ranks, which the server asks for
                ],
            ),
            rg.Record(id="bare", fields={"text": "Rain in Delft"}),
            rg.Record(id="draft", fields={"text": "Cup final"}, metadata={"size": 0}),
        ]
    )
    yield dataset
    dataset.delete()


def ids(dataset, query=None, **conditions):
    return [record.id for record in dataset.records(rg.Query(query=query, **conditions))]


def test_everything_that_was_written_is_read(dataset):
    full, bare, _ = dataset.records(with_vectors=True, with_responses=True, with_suggestions=True)
    assert (full.id, full.status, bare.status) == ("full", "completed", "pending")
    assert full.fields["text"] == "Ajax wins"
    assert [message.model_dump() for message in full.fields["talk"]] == TALK
    assert full.fields["extra"] == {"mood": "calm", "levels": [1, 2]}
    assert full.fields["photo"].size == (1, 1)
    assert dict(full.metadata) == {"rules": ["war", "cup"], "size": 7, "weight": 0.25}
    assert dict(full.vectors) == {"direction": [1.0, 0.5, 0.25]}
    for question, value in ANSWERS.items():
        assert full.suggestions[question].value == value
        for answer in full.responses[question]:
            assert (answer.value, answer.status) == (value, "submitted")
    assert len(full.responses["teams"]) == 1
    assert (full.suggestions["topic"].score, full.suggestions["topic"].agent) == (0.9, "model")
    assert full.suggestions["tags"].score == [0.8, 0.6]
    assert bare.fields["text"] == "Rain in Delft"
    assert (dict(bare.metadata), dict(bare.vectors)) == ({}, {})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ajax", ["full"]),
        ("nobody knows", ["full"]),
        ("calm ajax won", ["full"]),
        ("assistant", []),
        ("png", []),
        ("final | rain", ["draft", "bare"]),
        ("-ajax", ["bare", "draft"]),
    ],
)
def test_text_in_every_kind_of_field(dataset, query, found):
    assert sorted(ids(dataset, query)) == sorted(found)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("metadata.rules", "==", "cup"), ["full"]),
        (("metadata.size", ">=", 0), ["full", "draft"]),
        (("metadata.weight", "<=", 0.25), ["full"]),
        (("topic", "==", "World"), ["full"]),
        (("topic.type", "==", "model"), ["full"]),
        (("why.agent", "==", "writer"), ["full"]),
        (("tags.score", ">=", 0.8), ["full"]),
        (("stars.suggestion", "in", [1, 2]), ["full"]),
        (("tags.response", "==", "b"), ["full"]),
        (("stars.response", ">=", 3), []),
        (("status", "==", "pending"), ["bare", "draft"]),
        (("response.status", "==", "pending"), ["bare", "draft"]),
        (("inserted_at", "<=", datetime.now(UTC).replace(year=2100)), ["full", "bare", "draft"]),
        (("updated_at", ">=", "2100-01-01"), []),
    ],
)
def test_filters(dataset, condition, found):
    assert ids(dataset, filter=condition) == found


def test_a_record_by_its_server_id(dataset):
    record = next(iter(dataset.records(limit=1)))
    assert ids(dataset, filter=("_server_id", "==", str(record._server_id))) == ["full"]


def test_pages_of_a_search_and_limits(dataset):
    assert [record.id for record in dataset.records(batch_size=1)] == ["full", "bare", "draft"]
    assert [record.id for record in dataset.records(limit=2)] == ["full", "bare"]
    assert [record.id for record in dataset.records(start_offset=1, batch_size=1)] == ["bare", "draft"]
    query = rg.Query(filter=("status", "in", ["pending", "completed"]))
    assert [record.id for record in dataset.records(query, batch_size=2)] == ["full", "bare", "draft"]


def test_records_are_changed_and_deleted(local_argilla):
    dataset = make_dataset(local_argilla.client, "changes")
    dataset.records.log([{"id": str(n), "text": f"old {n}", "size": n} for n in range(4)])
    dataset.records.log([{"id": "1", "text": "new 1", "topic": "Sports"}, {"id": "9", "text": "new 9"}])
    assert ids(dataset) == ["0", "1", "2", "3", "9"]
    assert sorted(ids(dataset, "new")) == ["1", "9"]
    assert ids(dataset, filter=("topic", "==", "Sports")) == ["1"]

    record = next(record for record in dataset.records if record.id == "2")
    record.metadata["size"] = 50
    record.vectors["direction"] = [0.0, 1.0, 0.0]
    record.suggestions.add(rg.Suggestion("stars", 3))
    record.update()
    assert ids(dataset, filter=("metadata.size", ">=", 50)) == ["2"]
    assert ids(dataset, filter=("stars", "==", 3)) == ["2"]
    similar = rg.Query(similar=rg.Similar("direction", [0.0, 2.0, 0.0]))
    assert [(hit.id, score) for hit, score in dataset.records(similar)] == [("2", 1.0)]

    record.delete()
    dataset.records.delete([record for record in dataset.records if record.id in "03"])
    assert ids(dataset) == ["1", "9"]
    assert ids(dataset, "old") == []
    assert dataset.progress()["total"] == 2
    dataset.delete()


def test_exports(dataset, tmp_path):
    as_dicts = dataset.records.to_list(flatten=True)
    assert [row["id"] for row in as_dicts] == ["full", "bare", "draft"]
    assert as_dicts[0]["topic.suggestion"] == "World"
    assert as_dicts[0]["stars.responses"] == [2]
    columns = dataset.records.to_dict()
    assert columns["id"] == ["full", "bare", "draft"]
    written = dataset.records(with_vectors=True).to_json(tmp_path / "records.json")
    assert "Rain in Delft" in (tmp_path / "records.json").read_text()
    assert str(written) == str(tmp_path / "records.json")


def test_exports_to_datasets(dataset):
    # the SDK cannot write a table in which some images are missing
    table = dataset.records(rg.Query(filter=("id", "==", "full"))).to_datasets()
    assert table["id"] == ["full"]
    assert table["text"] == ["Ajax wins"]
    assert table.features["topic.suggestion"].int2str(table["topic.suggestion"]) == ["World"]
    assert table["topic.suggestion.score"] == [0.9]
    assert table["photo"][0].size == (1, 1)


def test_to_disk_and_back(dataset, tmp_path):
    client = dataset._client
    folder = dataset.to_disk(str(tmp_path))
    copy = rg.Dataset.from_disk(folder, name=f"copy-{uuid4().hex[:8]}", client=client)
    assert copy.id != dataset.id
    assert copy.settings.guidelines == "Read first."
    assert [question.name for question in copy.settings.questions] == list(ANSWERS)
    original, copied = (
        list(each.records(with_vectors=True, with_responses=True, with_suggestions=True))
        for each in (dataset, copy)
    )
    assert [record.id for record in copied] == [record.id for record in original]
    assert dict(copied[0].metadata) == dict(original[0].metadata)
    assert copied[0].suggestions["teams"].value == SPANS
    assert copied[0].suggestions["order"].value == ["y", "x"]
    assert copied[0].responses["teams"][0].value == SPANS
    assert sorted(ids(copy, "nobody")) == ["full"]
    copy.delete()
