"""Whatever is typed into the search box or sent in a search request, the server answers it."""

import asyncio
import json
import string
from uuid import uuid4

import argilla as rg
import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

BATCH = 50
WORDS = [
    "oil",
    "prices",
    "İzmir",
    "日本語",
    "a",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "_id",
    "text",
    "_exists_",
    "every",
]
FRAGMENTS = [
    *(
        '"',
        "'",
        "`",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "^",
        "~",
        "*",
        "?",
        ":",
        "\\",
        "/",
        "|",
        "+",
        "-",
        "&&",
        "!",
    ),
    *("--", "/*", "*/", ";", "%", "\0", "\n", "\t", "\x1b", "\ud800", "\ufeff", "\u202e", "💥", "e\u0301"),
    *(
        "' OR 1=1 --",
        "'; DROP TABLE records; --",
        '" OR ""="',
        "NEAR(a b, 5)",
        "f0 : a",
        "{f0 f1} : a",
        "a*b*",
    ),
    *(
        "every : _",
        'every : "_"',
        "^a",
        "a NOT b",
        "rank MATCH 'bm25(10)'",
        "~99999999999999999999",
        "a~2",
        '"a b"~3',
    ),
]
queries = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=40),
    st.text(st.sampled_from(string.printable), max_size=60),
    st.lists(st.sampled_from(WORDS + FRAGMENTS), max_size=20).map("".join),
    st.lists(st.sampled_from(WORDS + FRAGMENTS), max_size=20).map(" ".join),
)
# around Elasticsearch's limit of clauses, which is ours
long_queries = st.builds(str.__mul__, st.sampled_from(WORDS + FRAGMENTS), st.sampled_from([1023, 1024, 1025]))
properties = st.sampled_from(
    [
        {"entity": "metadata", "metadata_property": "size"},
        {"entity": "metadata", "metadata_property": "weight"},
        {"entity": "metadata", "metadata_property": "rules"},
        {"entity": "suggestion", "question": "topic", "property": "score"},
        {"entity": "suggestion", "question": "topic"},
        {"entity": "suggestion", "question": "why"},
        {"entity": "response", "question": "stars"},
        {"entity": "response", "property": "status"},
        {"entity": "record", "property": "inserted_at"},
        {"entity": "record", "property": "external_id"},
        {"entity": "metadata", "metadata_property": "'; DROP TABLE records; --"},
        {"entity": "response"},
    ]
)
# argilla_server's own schema compares the two ends, which must be of one kind
numbers = st.none() | st.floats(allow_nan=False) | st.integers(-(10**30), 10**30)
texts = st.none() | queries
filters = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("terms"), "scope": properties, "values": st.lists(queries, min_size=1, max_size=3)}
    ),
    *(
        st.fixed_dictionaries({"type": st.just("range"), "scope": properties, "ge": ends, "le": ends})
        for ends in (numbers, texts)
    ),
)
orders = st.fixed_dictionaries({"scope": properties, "order": st.sampled_from(["asc", "desc"])})
vectors = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["direction", "nowhere"]),
        "value": st.lists(st.floats(), min_size=1, max_size=3),
        "order": st.sampled_from(["most_similar", "least_similar"]),
    }
)


def body(text, field, filter, order, vector):
    query = {"text": {"q": text, "field": field}} if field else {"text": {"q": text}}
    if vector:
        query["vector"] = vector
    return {
        "query": query,
        **({"filters": {"and": [filter]}} if filter else {}),
        **({"sort": [order]} if order else {}),
    }


bodies = st.builds(
    body,
    st.one_of(queries, queries, queries, queries, long_queries),
    st.sampled_from([None, None, None, "text", "talk", "photo"]),
    st.none() | filters,
    st.none() | orders,
    st.none() | vectors,
)


@pytest.fixture(scope="module")
def dataset(local_argilla):
    assert local_argilla.client
    settings = rg.Settings(
        fields=[
            rg.TextField("text"),
            rg.ChatField("talk", required=False),
            rg.ImageField("photo", required=False),
        ],
        questions=[
            rg.LabelQuestion("topic", labels=["World", "Sports"]),
            rg.RatingQuestion("stars", values=[1, 2], required=False),
            rg.TextQuestion("why", required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("rules"),
            rg.IntegerMetadataProperty("size"),
            rg.FloatMetadataProperty("weight"),
        ],
        vectors=[rg.VectorField("direction", dimensions=2)],
    )
    name = f"queries-{uuid4().hex[:8]}"
    dataset = rg.Dataset(name, settings=settings, client=local_argilla.client).create()
    dataset.records.log(
        [
            {"text": "oil prices a b", "topic": "World", "size": 1, "weight": 0.5, "direction": [1.0, 0.0]},
            {"text": "日本語 İzmir 💥", "rules": ["a", "b"], "direction": [0.0, 1.0]},
        ]
    )
    yield dataset
    dataset.delete()


def post(dataset, path, contents):
    """Send all requests, a few at a time, and return the answers."""
    client = dataset._client.http_client

    async def send():
        limits = httpx.Limits(max_connections=4)
        async with httpx.AsyncClient(
            base_url=client.base_url, headers=client.headers, limits=limits, trust_env=False, timeout=60
        ) as http:
            headers = {"content-type": "application/json"}
            url = f"/api/v1/{path}/records/search"
            return await asyncio.gather(
                *(http.post(url, content=json.dumps(c), headers=headers) for c in contents)
            )

    return asyncio.run(send())


def check(dataset, path, contents):
    for content, answer in zip(contents, post(dataset, path, contents), strict=True):
        if answer.status_code >= 500:
            pytest.fail(f"{answer.text[:2000]}\nafter {json.dumps(content)[:2000]}", pytrace=False)


@settings(
    max_examples=2000 // BATCH,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(bodies, min_size=BATCH, max_size=BATCH))
def test_no_request_makes_the_server_fail(dataset, contents):
    half = BATCH // 2
    check(dataset, f"datasets/{dataset.id}", contents[:half])
    check(dataset, f"me/datasets/{dataset.id}", contents[half:])


def test_huge_queries(dataset):
    parts = ["oil ", '"', "(", "-", "a|", "~1 ", "日", "\0", "\\", "a* ", '"a b"~9 ', "a~2 "]
    contents = [body(part * 100_000, None, None, None, None) for part in parts]
    check(dataset, f"datasets/{dataset.id}", contents)


def test_what_is_no_date_is_refused_in_words(dataset):
    inserted = {"entity": "record", "property": "inserted_at"}
    filters = [{"type": "range", "scope": inserted, "ge": ge} for ge in ("soon", "now-1d")]
    contents = [body("oil", None, filter, None, None) for filter in filters]
    refused, answered = post(dataset, f"datasets/{dataset.id}", contents)
    assert refused.status_code == 422
    assert "'soon' is no date" in refused.text
    assert answered.json()["total"] == 1


def test_the_dataset_is_still_there(dataset):
    assert [record.fields["text"] for record in dataset.records(rg.Query(query="oil | izmir"))] != []
    assert dataset.progress()["total"] == 2
