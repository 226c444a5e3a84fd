"""What the stock server fails on with 500: it is refused, with a reason, and nothing of it is stored."""

import time

import argilla as rg
import httpx
import pytest

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

LARGE = 2**63
METADATA = {"entity": "metadata", "metadata_property": "size"}
DATE = {"entity": "record", "property": "inserted_at"}
SCORE = {"entity": "suggestion", "question": "stars", "property": "score"}


@pytest.fixture(scope="module")
def http(local_argilla):
    headers = {"X-Argilla-Api-Key": read_credentials(Home(local_argilla.home)).api_key}
    with httpx.Client(
        base_url=f"{local_argilla.url}/api/v1/", headers=headers, timeout=60, trust_env=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def dataset(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text", required=False), rg.ImageField("image", required=False)],
        questions=[
            rg.TextQuestion("note"),
            rg.RatingQuestion("stars", values=[1, 2, 3], required=False),
            rg.RankingQuestion("order", values=["x", "y"], required=False),
            rg.LabelQuestion("topic", labels=["x", "y"], required=False),
            rg.MultiLabelQuestion("tags", labels=["x", "y"], required=False),
            rg.SpanQuestion("spans", field="text", labels=["x"], required=False),
        ],
        metadata=[rg.IntegerMetadataProperty("size")],
    )
    dataset = rg.Dataset(f"refusals-{time.time_ns()}", settings=settings, client=client).create()
    dataset.records.log([{"id": "only", "text": "a text"}])
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def url(dataset):
    return f"datasets/{dataset.id}"


@pytest.fixture(scope="module")
def record(dataset):
    return next(iter(dataset.records))._server_id


def test_a_page_beyond_all_numbers(http, url):
    refused = http.get(f"{url}/records?offset={LARGE}")
    assert (refused.status_code, refused.json()["detail"]) == (422, "a number is too large: stay below 2^63")
    assert http.get(f"{url}/records?offset={LARGE - 1}").json()["items"] == []


@pytest.mark.parametrize("prefix", ["", "me/"])
def test_a_page_of_hits_beyond_all_numbers(http, url, prefix):
    refused = http.post(f"{prefix}{url}/records/search?offset={LARGE}", json={"query": {"text": {"q": "x"}}})
    assert refused.status_code == 422


def test_vectors_beyond_all_numbers(http, url):
    made = []
    for size in (LARGE, LARGE * 2, LARGE - 1):
        body = {"name": f"of-{size}", "title": "t", "dimensions": size}
        made.append(http.post(f"{url}/vectors-settings", json=body).status_code)
    assert made == [422, 422, 201]
    names = [each["name"] for each in http.get(f"{url}/vectors-settings").json()["items"]]
    assert names == [f"of-{LARGE - 1}"]


@pytest.mark.parametrize("scope", [METADATA, DATE, SCORE], ids=["metadata", "date", "score"])
@pytest.mark.parametrize("ends", [(1, "x"), ("1", 2), (1.5, "2020-01-01")], ids=str)
def test_a_range_from_a_number_to_a_text(http, url, scope, ends):
    body = {"filters": {"and": [{"type": "range", "scope": scope, "ge": ends[0], "le": ends[1]}]}}
    refused = http.post(f"{url}/records/search", json=body)
    assert refused.status_code == 422
    assert "not supported between instances of" in refused.json()["detail"]["params"]["errors"][0]["msg"]


def test_filters_that_are_null(http, url):
    assert http.post(f"{url}/records/search", json={"filters": {"and": None}}).status_code == 422
    assert http.post(f"{url}/records/search", json={"filters": None}).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"order": {"value": ["x", "y"]}},
        {"order": {"value": [{"value": "x", "rank": None}, {"value": "y", "rank": 9}]}},
        {"spans": {"value": ["x"]}},
        {"spans": {"value": [{"value": "x"}]}},
    ],
    ids=str,
)
def test_an_answer_of_another_kind(http, url, record, values):
    body = {"values": {"note": {"value": "n"}, **values}, "status": "submitted"}
    refused = http.post(f"records/{record}/responses", json=body)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("a value is not of the type that is expected")
    listed = http.get(f"{url}/records?include=responses").json()["items"]
    assert [each["responses"] for each in listed] == [[]]


@pytest.mark.parametrize("name", ["order", "spans"])
def test_a_suggestion_of_another_kind(http, url, record, name):
    questions = {each["name"]: each["id"] for each in http.get(f"{url}/questions").json()["items"]}
    body = {"question_id": questions[name], "value": ["x"]}
    assert http.put(f"records/{record}/suggestions", json=body).status_code == 422


@pytest.mark.parametrize("image", [{"a": 1}, [{"role": "user", "content": "x"}]], ids=str)
def test_an_image_that_is_no_text(http, url, image):
    refused = http.post(f"{url}/records/bulk", json={"items": [{"fields": {"image": image}}]})
    assert refused.status_code == 422
    assert http.get(f"{url}/progress").json()["total"] == 1


@pytest.mark.parametrize("name", ["topic", "tags", "spans"])
@pytest.mark.parametrize("key", ["options", "allow_overlapping"])
def test_a_question_is_not_made_unreadable(http, url, name, key):
    """The stock server stores a null there, and from then on cannot tell any question of the dataset."""
    before = http.get(f"{url}/questions").json()
    question = next(each for each in before["items"] if each["name"] == name)
    if key in question["settings"]:
        body = {"settings": {"type": question["settings"]["type"], key: None}}
        assert http.patch(f"questions/{question['id']}", json=body).status_code == 422
        assert http.get(f"{url}/questions").json() == before


@pytest.mark.parametrize("key", ["fields", "suggestions"])
def test_a_record_is_not_changed_to_nothing(http, url, record, key):
    assert http.patch(f"records/{record}", json={key: None}).status_code == 422
    assert http.patch(f"records/{record}", json={"metadata": None}).status_code == 200


def test_a_name_that_is_taken(http, url):
    name, workspace = f"taken-{time.time_ns()}", http.get(url).json()["workspace_id"]
    other = (
        http.post("datasets", json={"name": name, "workspace_id": workspace}).raise_for_status().json()["id"]
    )
    refused = http.patch(url, json={"name": name})
    assert refused.status_code == 409
    assert "UNIQUE constraint failed: datasets.name" in refused.json()["detail"]
    http.delete(f"datasets/{other}").raise_for_status()


@pytest.mark.parametrize(
    "path", ["%00", "a%00b", "%00/", "x" * 300, "x" * 5000, "a/" * 3000], ids=lambda path: path[:6]
)
def test_a_path_that_no_file_can_have(local_argilla, path):
    answered = httpx.get(f"{local_argilla.url}/{path}", trust_env=False)
    assert answered.status_code == 404
    page = httpx.get(f"{local_argilla.url}/any-page", trust_env=False)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
