"""What a search engine owes Argilla, checked on the real engine with Argilla's own models.

It runs in the server's environment, where alone they can be imported: `test_engine_contract.py` starts it
with the path of entry.py, and reports what it prints, the outcome of each check, as tests.
"""

import asyncio
import importlib.util
import json
import sys
import traceback
from datetime import UTC, datetime, timedelta
from uuid import uuid4

spec = importlib.util.spec_from_file_location("entry", sys.argv[1])
entry = importlib.util.module_from_spec(spec)
spec.loader.exec_module(entry)
entry.load_helpers()

from helpers.argilla_local.settings import skip_web_application  # noqa: E402

skip_web_application()

from argilla_server.enums import (  # noqa: E402
    DatasetStatus,
    RecordStatus,
    ResponseStatus,
    ResponseStatusFilter,
    SimilarityOrder,
    SortOrder,
    SuggestionType,
)
from argilla_server.models import (  # noqa: E402
    Dataset,
    Field,
    MetadataProperty,
    Question,
    Record,
    Response,
    Suggestion,
    User,
    Vector,
    VectorSettings,
)
from argilla_server.search_engine import SearchEngine, TextQuery  # noqa: E402
from argilla_server.search_engine.base import (  # noqa: E402
    AndFilter,
    MetadataFilterScope,
    Order,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
    TermsFilter,
)

from helpers.argilla_local.engine import Fts5SearchEngine  # noqa: E402

NOON = datetime(2026, 5, 1, 12)
ANN, BOB, EVE = (User(id=uuid4(), username=name) for name in ("ann", "bob", "eve"))


def make_dataset(fields=(("text", "text"),), questions=(), metadata=(), vectors=(), status="ready"):
    return Dataset(
        id=uuid4(),
        name="news",
        status=DatasetStatus(status),
        fields=[Field(id=uuid4(), name=name, settings={"type": type}) for name, type in fields],
        questions=[Question(id=uuid4(), name=name, settings={"type": type}) for name, type in questions],
        metadata_properties=[
            MetadataProperty(id=uuid4(), name=name, settings={"type": type}) for name, type in metadata
        ],
        vectors_settings=[VectorSettings(id=uuid4(), name=name, dimensions=2) for name in vectors],
    )


def make_record(dataset, name, text="news", *, at=0, metadata=None, vector=None, **changes):
    moment = NOON + timedelta(minutes=at)
    record = Record(
        id=uuid4(),
        external_id=name,
        fields={"text": text},
        metadata_=metadata,
        status=RecordStatus.pending,
        inserted_at=moment,
        updated_at=moment,
        dataset=dataset,
    )
    for attribute, value in changes.items():
        setattr(record, attribute, value)
    if vector is not None:
        [settings] = dataset.vectors_settings
        record.vectors = [Vector(vector_settings_id=settings.id, value=vector, updated_at=moment)]
    return record


def suggest(record, question, value, **parts):
    [asked] = [item for item in record.dataset.questions if item.name == question]
    # The relationship to the record is set last: SQLAlchemy then adds the suggestion to the record too.
    return Suggestion(
        question=asked, question_id=asked.id, value=value, record_id=record.id, record=record, **parts
    )


def respond(record, user, status="submitted", **answers):
    values = {question: {"value": value} for question, value in answers.items()}
    return Response(
        id=uuid4(), user_id=user.id, user=user, status=ResponseStatus(status), values=values, record=record
    )


async def make_index(dataset, *records):
    engine = await Fts5SearchEngine.new_instance()
    await engine.create_index(dataset)
    await engine.index_records(dataset, records)
    return engine


async def found(engine, dataset, query=None, filter=None, sort=None, **options):
    """Return the names of the records that a search finds."""
    names = {record.id: record.external_id for record in dataset.records}
    hits = await engine.search(dataset, query=query, filter=filter, sort=sort, **options)
    return [names[item.record_id] for item in hits.items]


async def similar(engine, dataset, **options):
    names = {record.id: record.external_id for record in dataset.records}
    hits = await engine.similarity_search(dataset, dataset.vectors_settings[0], **options)
    return [(names[item.record_id], item.score) for item in hits.items]


metadata = MetadataFilterScope
suggestion = SuggestionFilterScope
response = ResponseFilterScope
of_record = RecordFilterScope


def terms(scope, *values):
    return TermsFilter(scope, list(values))


def between(scope, ge=None, le=None):
    return RangeFilter(scope, ge, le)


async def expect(engine, dataset, expected):
    """Compare what each filter finds with names written as one word: "ab" means the records a and b."""
    for filter, names in expected:
        assert await found(engine, dataset, filter=filter) == list(names), (filter, names)


async def raises(error, message, coroutine):
    [outcome] = await asyncio.gather(coroutine, return_exceptions=True)
    assert isinstance(outcome, error), outcome
    assert message in str(outcome), outcome


# --- text


async def texts():
    dataset = make_dataset(
        [("text", "text"), ("talk", "chat"), ("extra", "custom"), ("photo", "image"), ("note", "text")]
    )
    talk = [{"role": "user", "content": "Hello world"}, {"role": "assistant", "content": "Good day"}]
    fields = {"text": "Oil prices rise", "talk": talk, "extra": {"mood": "calm", "n": 12}, "note": None}
    a = make_record(dataset, "a", fields={**fields, "photo": "https://example.org/sunset.png"})
    b = make_record(dataset, "b", fields={"text": "The oil price of war and prices", "note": "world"})
    c = make_record(dataset, "c", fields={"text": "Cup final", "talk": [], "extra": None})
    return await make_index(dataset, a, b, c), dataset


async def check_terms_may_lie_in_different_fields_of_every_kind():
    engine, dataset = await texts()
    for query, names in {
        "oil": "ab",
        "oil hello": "a",
        "hello calm prices": "a",
        "oil cup": "",
        "world": "ab",
        "day mood": "a",
    }.items():
        assert sorted(await found(engine, dataset, query)) == list(names), query


async def check_a_field_restricts_a_query():
    engine, dataset = await texts()
    for field, q, names in [
        ("text", "oil prices", "ab"),
        ("text", "world", ""),
        ("talk", "world", "a"),
        ("talk", "hello day", "a"),
        ("talk", "-world", "bc"),
        ("extra", "calm", "a"),
        ("note", "world", "b"),
        ("text", "-(oil | cup)", ""),
    ]:
        assert sorted(await found(engine, dataset, TextQuery(q=q, field=field))) == list(names), (field, q)


async def check_a_query_may_be_a_number():
    engine, dataset = await texts()
    assert await found(engine, dataset, TextQuery(q=12)) == ["a"]


async def check_the_roles_of_a_chat_and_images_are_never_searched():
    engine, dataset = await texts()
    for query in ("assistant", "user", "sunset", "https*", "example.org"):
        assert await found(engine, dataset, query) == []


async def check_a_dataset_of_images_alone_can_be_searched_in_vain():
    dataset = make_dataset([("photo", "image")])
    photo = make_record(dataset, "a", fields={"photo": "https://example.org/sunset.png"})
    engine = await make_index(dataset, photo)
    for query in ("sunset", "sun*", "sun~1", '"https example"', '"a b"~1', "a | b"):
        assert await found(engine, dataset, query) == []
    assert await found(engine, dataset) == ["a"]


async def check_the_whole_query_language():
    engine, dataset = await texts()
    for query, names in {
        "oil | cup": "abc",
        "oil + prices": "ab",
        "oil -war": "a",
        "-(war | cup)": "a",
        '"oil prices"': "a",
        '"oil prices"~5': "ab",
        "pri*": "ab",
        "prise~1": "ab",
        "(oil war) | final": "bc",
        "OIL": "ab",
        "": "",
        "oil price prices": "b",
    }.items():
        assert sorted(await found(engine, dataset, query)) == list(names), query


async def check_no_query_raises():
    engine, dataset = await texts()
    for query in (
        '"',
        "(",
        "a AND b OR",
        "text:oil",
        "*",
        "~",
        "\0",
        "\ud800",
        "'; DROP TABLE x; --",
        "-" * 5000,
    ):
        await engine.search(dataset, query=TextQuery.model_construct(q=query, field=None))


async def check_scores():
    engine, dataset = await texts()
    without = await engine.search(dataset)
    assert [item.score for item in without.items] == [1.0, 1.0, 1.0]
    hits = await engine.search(dataset, query="oil | prices")
    scores = [item.score for item in hits.items]
    assert len(scores) == 2
    assert min(scores) > 0
    assert scores == sorted(scores, reverse=True)
    pending = terms(response(property="status"), ResponseStatusFilter.pending)
    filtered = await engine.search(dataset, query="oil | prices", filter=pending)
    assert [item.score for item in filtered.items] == scores


async def check_nothing_is_found_in_an_image_field():
    engine, dataset = await texts()
    for q in ("sunset", "-sunset", ""):
        assert await found(engine, dataset, TextQuery(q=q, field="photo")) == []


# --- filters


async def properties():
    dataset = make_dataset(metadata=[("rules", "terms"), ("size", "integer"), ("weight", "float")])
    values = {
        "a": {"rules": ["war", "oil"], "size": "00003", "weight": 0.13},
        "b": {"rules": "oil", "size": 4, "weight": 12.13},
        "c": {"rules": "7", "size": 0, "weight": -1, "unknown": "x"},
        "d": {"rules": None, "size": None},
        "e": None,
    }
    records = [make_record(dataset, name, metadata=value) for name, value in values.items()]
    return await make_index(dataset, *records), dataset


async def check_terms_of_metadata_match_any_element():
    engine, dataset = await properties()
    rules = metadata("rules")
    await expect(
        engine,
        dataset,
        [
            (terms(rules, "oil"), "ab"),
            (terms(rules, "war", "7"), "ac"),
            (terms(rules, "Oil"), ""),
            (terms(rules), ""),
            (terms(metadata("size"), "3"), "a"),
            (terms(metadata("size"), "3.5", "many"), ""),
            (terms(metadata("weight"), "0.13"), "a"),
            (terms(metadata("unknown"), "x"), ""),
        ],
    )


async def check_true_and_false_are_kept_as_json_writes_them():
    dataset = make_dataset(metadata=[("checked", "terms")])
    engine = await make_index(
        dataset,
        make_record(dataset, "a", metadata={"checked": True}),
        make_record(dataset, "b", metadata={"checked": [False, "True"]}),
    )
    checked = metadata("checked")
    await expect(
        engine,
        dataset,
        [(terms(checked, "true"), "a"), (terms(checked, "false"), "b"), (terms(checked, "True"), "b")],
    )


async def check_ranges_include_both_ends_and_never_match_a_missing_value():
    engine, dataset = await properties()
    size, weight = metadata("size"), metadata("weight")
    await expect(
        engine,
        dataset,
        [
            (between(size, 3, 4), "ab"),
            (between(size, 3, 3), "a"),
            (between(size, ge=3.5), "b"),
            (between(size, le=3), "ac"),
            (between(size, ge="3"), "ab"),
            (between(size, ge="many"), ""),
            (between(size, ge=-1e300, le=float("inf")), "abc"),
            (between(weight, 0.13, 0.13), "a"),
            (between(weight, le=0), "c"),
            (between(weight, ge=12.13), "b"),
        ],
    )


async def check_all_filters_of_a_list_apply():
    engine, dataset = await properties()
    oil, small = terms(metadata("rules"), "oil"), between(metadata("size"), le=3)
    await expect(
        engine,
        dataset,
        [
            (AndFilter([oil, small]), "a"),
            (AndFilter([oil, AndFilter([small])]), "a"),
            (AndFilter([]), "abcde"),
        ],
    )


async def check_whole_numbers_beyond_64_bits_are_passed_over():
    dataset = make_dataset(metadata=[("size", "integer")])
    engine = await make_index(
        dataset,
        make_record(dataset, "a", metadata={"size": 2**63}),
        make_record(dataset, "b", metadata={"size": 2**63 - 1}),
    )
    await expect(engine, dataset, [(terms(metadata("size"), str(2**63 - 1)), "b")])


async def check_properties_of_records():
    dataset = make_dataset()
    a = make_record(dataset, "a")
    b = make_record(dataset, "b", at=1, status=RecordStatus.completed)
    c = make_record(dataset, None, at=60 * 24)
    engine = await make_index(dataset, a, b, c)
    c.external_id = "c"  # for the test alone
    inserted, updated = of_record("inserted_at"), of_record("updated_at")
    await expect(
        engine,
        dataset,
        [
            (terms(of_record("external_id"), "a", "z"), "a"),
            (terms(of_record("id"), str(b.id)), "b"),
            (terms(of_record("status"), "completed"), "b"),
            (terms(of_record("status"), "completed", "pending"), "abc"),
            (between(inserted, ge="2026-05-01T12:01:00"), "bc"),
            (between(inserted, le=(NOON + timedelta(seconds=59)).isoformat()), "a"),
            (between(updated, ge="2026-05-01T14:01:00+02:00", le="2026-05-01T12:01:00Z"), "b"),
            (between(updated, ge=NOON.replace(tzinfo=UTC).isoformat(), le="9999-12-31"), "abc"),
        ],
    )


async def check_a_date_without_a_time_is_the_whole_day():
    dataset = make_dataset()
    engine = await make_index(
        dataset,
        make_record(dataset, "a"),
        make_record(dataset, "b", inserted_at=datetime(2026, 5, 1, 23, 59, 59, 999_999)),
        make_record(dataset, "c", inserted_at=datetime(2026, 5, 2)),
    )
    inserted = of_record("inserted_at")
    await expect(
        engine,
        dataset,
        [
            (between(inserted, le="2026-05-01"), "ab"),
            (between(inserted, ge="2026-05-02"), "c"),
            (terms(inserted, "2026-05-01"), "ab"),
            (terms(inserted, "2026-05-01T12"), "a"),
            (terms(inserted, "2026-05-01T12:00"), "a"),
            (terms(inserted, "2026-05-01T23:59:59"), "b"),
            (terms(inserted, "2026-05-01T23:59:59.999998"), ""),
            (between(inserted, ge="2026-05", le="2026-05"), "abc"),
            (between(inserted, le="2025"), ""),
            (between(inserted, ge="now+999y"), ""),
            (between(inserted, le="now+999y"), "abc"),
        ],
    )


async def check_what_is_no_date_is_refused():
    engine, dataset = await answered()
    inserted = of_record("inserted_at")
    for filter in (terms(inserted, "soon"), between(inserted, ge="2026-13"), between(inserted, le=2026.5)):
        await raises(ValueError, "is no date", engine.search(dataset, filter=filter))


QUESTIONS = [
    ("topic", "label_selection"),
    ("tags", "multi_label_selection"),
    ("stars", "rating"),
    ("why", "text"),
    ("order", "ranking"),
    ("parts", "span"),
]


async def answered():
    dataset = make_dataset(questions=QUESTIONS)
    a, b, c, d = (make_record(dataset, name) for name in "abcd")
    suggest(a, "topic", "war", score=0.5, agent="rules", type=SuggestionType.model)
    suggest(a, "tags", ["x", "y"], score=[0.7, 0.2])
    suggest(a, "why", "because", agent="writer")
    suggest(b, "topic", "oil", score=1, type=SuggestionType.human)
    suggest(b, "stars", 2)
    suggest(b, "order", [{"value": "x", "rank": 1}])
    suggest(c, "parts", [{"start": 0, "end": 1, "label": "x"}], score=[0.9])
    respond(a, ANN, "submitted", topic="war", tags=["x", "y"], stars=4, why="because")
    respond(a, BOB, "draft", stars=1)
    respond(b, BOB, "submitted", topic="oil", stars=2)
    respond(c, ANN, "discarded")
    return await make_index(dataset, a, b, c, d), dataset


async def check_suggestions():
    engine, dataset = await answered()
    topic = {part: suggestion("topic", part) for part in ("value", "score", "agent", "type")}
    await expect(
        engine,
        dataset,
        [
            (terms(topic["value"], "war"), "a"),
            (terms(topic["score"], "0.5"), "a"),
            (terms(topic["score"], "1"), "b"),
            (between(topic["score"], ge=0.5, le=1), "ab"),
            (terms(topic["agent"], "rules", "nobody"), "a"),
            (terms(topic["type"], "human"), "b"),
            (terms(suggestion("tags", "value"), "y"), "a"),
            (between(suggestion("tags", "score"), ge=0.7), "a"),
            (between(suggestion("tags", "score"), ge=0.3, le=0.6), ""),
            (terms(suggestion("stars", "value"), "2"), "b"),
            (between(suggestion("stars", "value"), ge=2), "b"),
            (terms(suggestion("why", "agent"), "writer"), "a"),
            (between(suggestion("parts", "score"), ge=0.9), "c"),
        ],
    )


async def check_texts_rankings_and_spans_are_not_compared():
    engine, dataset = await answered()
    scopes = [suggestion("why", "value"), suggestion("order", "value"), suggestion("parts", "value")]
    for scope in [*scopes, response("why")]:
        await expect(engine, dataset, [(terms(scope, "because", "x"), ""), (between(scope, ge="a"), "")])


async def check_values_of_responses():
    engine, dataset = await answered()
    await expect(
        engine,
        dataset,
        [
            (terms(response("topic"), "war", "oil"), "ab"),
            (terms(response("topic", user=ANN), "war", "oil"), "a"),
            (terms(response("tags", user=ANN), "y"), "a"),
            (terms(response("stars"), "2"), "b"),
            (between(response("stars"), ge=2), "ab"),
            (between(response("stars", user=BOB), ge=2), "b"),
            (between(response("stars", user=EVE), ge=0), ""),
        ],
    )


async def check_statuses_of_responses():
    engine, dataset = await answered()
    filters = ResponseStatusFilter
    anyone, ann, eve = (response(property="status", user=user) for user in (None, ANN, EVE))
    await expect(
        engine,
        dataset,
        [
            (terms(anyone, filters.submitted), "ab"),
            (terms(anyone, filters.draft, filters.discarded), "ac"),
            (terms(anyone, filters.pending), "d"),
            (terms(anyone, filters.pending, filters.discarded), "cd"),
            (terms(anyone), "abcd"),
            (terms(ann, filters.submitted), "a"),
            (terms(ann, filters.draft), ""),
            (terms(ann, filters.pending), "bd"),
            (terms(ann, filters.pending, filters.submitted), "abd"),
            (terms(eve, "pending"), "abcd"),
        ],
    )


async def check_a_filter_of_no_kind_is_refused():
    engine, dataset = await answered()
    for filter in (
        between(response(property="status"), ge=1),
        terms(of_record("secret"), "x"),
        terms(response()),
    ):
        await raises(ValueError, "", engine.search(dataset, filter=filter))


# --- order and pages


async def check_the_default_order_is_that_of_insertion():
    dataset = make_dataset()
    records = [make_record(dataset, name, at=-place) for place, name in enumerate("dacb")]
    engine = await make_index(dataset, *records)
    assert await found(engine, dataset) == list("dacb")
    await engine.index_records(dataset, records[1:2])
    assert await found(engine, dataset) == list("dacb")
    assert await found(engine, dataset, "news") == list("dacb")


def orders(*keys):
    return [Order(scope, SortOrder(order)) for scope, order in keys]


async def check_sorting_puts_missing_values_last_in_both_directions():
    dataset = make_dataset(
        questions=QUESTIONS, metadata=[("rules", "terms"), ("size", "integer"), ("weight", "float")]
    )
    a = make_record(dataset, "a", at=2, metadata={"rules": ["m", "z"], "size": 10, "weight": 1.5})
    b = make_record(dataset, "b", at=1, metadata={"rules": "n", "size": "9", "weight": -2})
    c = make_record(dataset, "c", at=3, status=RecordStatus.completed)
    suggest(a, "topic", "war", score=0.5, agent="y")
    suggest(b, "topic", "oil", score=0.6, agent="z")
    suggest(a, "tags", ["x"], score=[0.1, 0.9])
    suggest(b, "tags", ["x"], score=[0.5])
    respond(a, ANN, stars=5, topic="war")
    respond(a, BOB, stars=1)
    respond(b, ANN, stars=4, topic="oil")
    engine = await make_index(dataset, a, b, c)
    for scope, ascending, descending in [
        (metadata("rules"), "abc", "abc"),
        (metadata("size"), "bac", "abc"),
        (metadata("weight"), "bac", "abc"),
        (suggestion("topic", "value"), "bac", "abc"),
        (suggestion("topic", "score"), "abc", "bac"),
        (suggestion("topic", "agent"), "abc", "bac"),
        (suggestion("tags", "score"), "abc", "abc"),
        (response("stars"), "abc", "bac"),
        (response("stars", user=ANN), "bac", "abc"),
        (response("stars", user=BOB), "abc", "abc"),
        (response("topic"), "bac", "abc"),
        (of_record("external_id"), "abc", "cba"),
        (of_record("inserted_at"), "bac", "cab"),
        (of_record("updated_at"), "bac", "cab"),
        (of_record("status"), "cab", "abc"),
        (suggestion("why", "value"), "abc", "abc"),
    ]:
        for order, names in (("asc", ascending), ("desc", descending)):
            assert await found(engine, dataset, sort=orders((scope, order))) == list(names), (scope, order)


async def check_sorting_by_the_ratings_of_all_rounds_their_mean():
    dataset = make_dataset(questions=QUESTIONS)
    ratings = {"a": [4, 5], "b": [5], "c": [4, 4, 5], "d": [2, 5]}
    records = [make_record(dataset, name) for name in ratings]
    for record, stars in zip(records, ratings.values(), strict=True):
        for user, rating in zip((ANN, BOB, EVE), stars, strict=False):
            respond(record, user, stars=rating)
    engine = await make_index(dataset, *records)
    assert await found(engine, dataset, sort=orders((response("stars"), "asc"))) == list("cdab")
    assert await found(engine, dataset, sort=orders((response("stars"), "desc"))) == list("abcd")


async def check_several_keys_and_a_stable_order():
    dataset = make_dataset(metadata=[("group", "integer"), ("size", "integer")])
    values = {"a": (1, 5), "b": (2, 5), "c": (1, 7), "d": (2, 9), "e": (1, 5)}
    records = [
        make_record(dataset, name, metadata={"group": group, "size": size})
        for name, (group, size) in values.items()
    ]
    engine = await make_index(dataset, *records)
    group, size = metadata("group"), metadata("size")
    for keys, names in [
        ([(group, "asc")], "acebd"),
        ([(group, "desc")], "bdace"),
        ([(group, "asc"), (size, "desc")], "caedb"),
        ([(size, "asc"), (of_record("external_id"), "desc")], "ebacd"),
    ]:
        assert await found(engine, dataset, "news", sort=orders(*keys)) == list(names), keys


async def check_pages_are_slices_of_one_order_and_the_total_counts_all():
    dataset = make_dataset()
    engine = await make_index(
        dataset, *(make_record(dataset, str(n), "news " * (n % 3 + 1)) for n in range(20))
    )
    for options in ({}, {"query": "news"}, {"user_id": str(ANN.id)}, {"query": "news", "user_id": ANN.id}):
        everything = await engine.search(dataset, **options)
        assert everything.total == len(everything.items) == 20
        for offset, limit in ((0, 5), (7, 4), (18, 5), (0, 0), (25, 5)):
            page = await engine.search(dataset, offset=offset, limit=limit, **options)
            assert page.total == 20
            assert page.items == everything.items[offset : offset + limit]


async def check_the_random_order_is_each_users_own():
    dataset = make_dataset()
    engine = await make_index(dataset, *(make_record(dataset, str(n)) for n in range(30)))
    users = [str(uuid4()) for _ in range(8)]
    shown = [await found(engine, dataset, user_id=user) for user in users]
    assert shown == [await found(engine, dataset, user_id=user) for user in users]
    assert {tuple(sorted(names)) for names in shown} == {tuple(sorted(map(str, range(30))))}
    assert len({tuple(names) for names in shown}) == 8
    assert len({names[0] for names in shown}) > 2
    by_name = orders((of_record("external_id"), "asc"))
    assert await found(engine, dataset, sort=by_name, user_id=users[0]) == sorted(map(str, range(30)))


# --- similarity


async def directions():
    dataset = make_dataset(vectors=["direction"], metadata=[("size", "integer")])
    vectors = {"a": [1, 0], "b": [0, 3], "c": [-2, 0.2], "d": [0, 0], "e": None}
    records = [
        make_record(dataset, name, "news" if name in "abd" else "", vector=vector, metadata={"size": size})
        for size, (name, vector) in enumerate(vectors.items())
    ]
    return await make_index(dataset, *records), dataset


async def check_similarity_to_a_vector():
    engine, dataset = await directions()
    *hits, (last, score) = await similar(engine, dataset, value=[5.0, 0.0])
    assert hits == [("a", 1.0), ("b", 0.5), ("d", 0.5)], hits
    assert last == "c"
    assert abs(score - (1 - 2 / 4.04**0.5) / 2) < 1e-7
    least = await similar(engine, dataset, value=[5.0, 0.0], order=SimilarityOrder.least_similar)
    assert [name for name, _ in least] == ["c", "b", "d", "a"]
    assert least[-1] == ("a", 0.0)


async def check_similarity_to_a_record_leaves_it_out():
    engine, dataset = await directions()
    a, e = dataset.records[0], dataset.records[4]
    found = await similar(engine, dataset, record=a)
    assert [name for name, _ in found] == ["b", "d", "c"], found
    least = await similar(engine, dataset, record=a, order=SimilarityOrder.least_similar)
    assert [name for name, _ in least] == ["c", "b", "d"]
    await raises(ValueError, "Cannot find a vector value", similar(engine, dataset, record=e))


async def check_similarity_with_a_query_and_a_filter():
    engine, dataset = await directions()
    big = between(metadata("size"), ge=1)
    assert [name for name, _ in await similar(engine, dataset, value=[1, 0], query="news")] == ["a", "b", "d"]
    assert [name for name, _ in await similar(engine, dataset, value=[1, 0], filter=big)] == ["b", "d", "c"]
    both = await similar(engine, dataset, value=[0, 1], query=TextQuery(q="news"), filter=big)
    assert [name for name, _ in both] == ["b", "d"]
    assert await similar(engine, dataset, value=[1, 0], query="nothing") == []


async def check_the_threshold_is_inclusive_and_the_results_limited():
    engine, dataset = await directions()
    for _, score in (everything := await similar(engine, dataset, value=[0.3, 0.7])):
        expected = [hit for hit in everything if hit[1] >= score]
        assert await similar(engine, dataset, value=[0.3, 0.7], threshold=score) == expected
    assert await similar(engine, dataset, value=[1, 0], threshold=1.0) == [("a", 1.0)]
    assert len(await similar(engine, dataset, value=[0.8, 0.6], threshold=0.9)) == 1
    hits = await engine.similarity_search(dataset, dataset.vectors_settings[0], value=[1, 0], max_results=2)
    assert hits.total == len(hits.items) == 2


async def check_similarity_needs_exactly_one_of_vector_and_record():
    engine, dataset = await directions()
    message = "Must provide either vector value or record"
    await raises(ValueError, message, similar(engine, dataset))
    await raises(ValueError, message, similar(engine, dataset, value=[1, 0], record=dataset.records[0]))


async def check_a_vector_that_cannot_be_compared_is_refused():
    engine, dataset = await directions()
    await raises(ValueError, "dimensions", similar(engine, dataset, value=[1, 2, 3]))
    await raises(ValueError, "not finite", similar(engine, dataset, value=[1, float("nan")]))


async def check_vectors_of_settings_that_came_later():
    dataset = make_dataset(vectors=["first"])
    record = make_record(dataset, "a", vector=[1, 0])
    engine = await make_index(dataset, record)
    second = VectorSettings(id=uuid4(), name="second", dimensions=3, dataset=dataset)
    await engine.configure_index_vectors(second)
    assert (await engine.similarity_search(dataset, second, value=[1, 2, 3])).items == []
    record.vectors.append(Vector(vector_settings_id=second.id, value=[1, 2, 3]))
    await engine.index_records(dataset, [record])
    assert (await engine.similarity_search(dataset, second, value=[1, 2, 3])).items[0].score == 1.0
    assert await similar(engine, dataset, value=[1, 0]) == [("a", 1.0)]


async def check_a_thousand_results_of_many():
    dataset = make_dataset(vectors=["direction"])
    records = [make_record(dataset, str(n), vector=[n, 100]) for n in range(1500)]
    engine = await make_index(dataset, *records)
    hits = await engine.similarity_search(
        dataset, dataset.vectors_settings[0], value=[3, 100], max_results=1000
    )
    assert len(hits.items) == hits.total == 1000
    assert hits.items[0].record_id == records[3].id


# --- metrics and progress


async def metrics(engine, dataset):
    for metadata_property in dataset.metadata_properties:
        metadata_property.dataset = dataset
    found = [await engine.compute_metrics_for(item) for item in dataset.metadata_properties]
    return [item.model_dump(mode="json") for item in found]


async def check_metrics_of_metadata():
    engine, dataset = await properties()
    rules = [{"term": "oil", "count": 2}, {"term": "7", "count": 1}, {"term": "war", "count": 1}]
    assert await metrics(engine, dataset) == [
        {"type": "terms", "total": 4, "values": rules},
        {"type": "integer", "min": 0, "max": 4},
        # floats have 32 bits
        {"type": "float", "min": -1.0, "max": 12.130000114440918},
    ]


async def check_equal_elements_of_a_list_count_once():
    dataset = make_dataset(metadata=[("rules", "terms")])
    engine = await make_index(dataset, make_record(dataset, "a", metadata={"rules": ["war", "oil", "war"]}))
    [found] = await metrics(engine, dataset)
    assert (found["total"], [value["count"] for value in found["values"]]) == (2, [1, 1])


async def check_metrics_of_properties_without_values():
    dataset = make_dataset(metadata=[("rules", "terms"), ("size", "integer"), ("weight", "float")])
    engine = await make_index(dataset, make_record(dataset, "a"))
    assert await metrics(engine, dataset) == [
        {"type": "terms", "total": 0, "values": []},
        {"type": "integer", "min": None, "max": None},
        {"type": "float", "min": None, "max": None},
    ]


async def check_progress():
    engine, dataset = await answered()
    assert await engine.get_dataset_progress(dataset) == {"total": 4, "pending": 4}
    await engine.partial_record_update(dataset.records[0], status=RecordStatus.completed)
    assert await engine.get_dataset_progress(dataset) == {"total": 4, "pending": 3, "completed": 1}
    assert await engine.get_dataset_user_progress(dataset, ANN) == {
        "total": 2,
        "discarded": 1,
        "submitted": 1,
    }
    assert await engine.get_dataset_user_progress(dataset, EVE) == {"total": 0}
    draft = make_dataset(status="draft")
    assert await engine.get_dataset_progress(draft) == {}
    assert await engine.get_dataset_user_progress(draft, ANN) == {}


async def check_a_dataset_without_an_index_is_refused():
    engine = await Fts5SearchEngine.new_instance()
    await raises(ValueError, "publish", engine.search(make_dataset(status="draft")))


# --- updates


async def check_indexing_a_record_replaces_all_of_it():
    engine, dataset = await answered()
    a = dataset.records[0]
    a.fields, a.suggestions, a.responses, a.status = {"text": "peace"}, [], [], RecordStatus.completed
    await engine.index_records(dataset, [a])
    assert await found(engine, dataset, "news") == list("bcd")
    await expect(
        engine,
        dataset,
        [
            (terms(suggestion("topic", "value"), "war"), ""),
            (terms(response(property="status"), "pending"), "ad"),
            (terms(of_record("status"), RecordStatus.completed), "a"),
        ],
    )
    assert (await engine.search(dataset)).total == 4


async def check_partial_updates_get_enums():
    engine, dataset = await answered()
    a = dataset.records[0]
    a.updated_at = NOON + timedelta(days=1)
    await engine.partial_record_update(a, status=RecordStatus.completed)
    await expect(
        engine,
        dataset,
        [
            (terms(of_record("status"), "completed"), "a"),
            (between(of_record("updated_at"), ge="2026-05-02"), "a"),
        ],
    )
    await raises(ValueError, "secret", engine.partial_record_update(a, secret="x"))


async def check_responses_change_one_by_one():
    engine, dataset = await answered()
    a = dataset.records[0]
    [of_ann, of_bob] = a.responses
    of_ann.values, of_ann.status = {"topic": {"value": "oil"}}, ResponseStatus.discarded
    await engine.update_record_response(of_ann)
    await expect(
        engine,
        dataset,
        [
            (terms(response("topic", user=ANN), "war"), ""),
            (terms(response("topic", user=ANN), "oil"), "a"),
            (terms(response(property="status", user=ANN), "discarded"), "ac"),
            (terms(response(property="status", user=BOB), "draft"), "a"),
        ],
    )
    await engine.delete_record_response(of_ann)
    await engine.delete_record_response(of_bob)
    await expect(engine, dataset, [(terms(response(property="status"), "pending"), "ad")])
    await expect(engine, dataset, [(terms(suggestion("topic", "value"), "war"), "a")])


async def check_suggestions_change_one_by_one():
    engine, dataset = await answered()
    [topic, *_] = dataset.records[0].suggestions
    topic.value, topic.agent = "oil", None
    await engine.update_record_suggestion(topic)
    await expect(
        engine,
        dataset,
        [
            (terms(suggestion("topic", "value"), "oil"), "ab"),
            (terms(suggestion("topic", "agent"), "rules"), ""),
            (terms(suggestion("tags", "value"), "x"), "a"),
        ],
    )
    await engine.delete_record_suggestion(topic)
    await expect(engine, dataset, [(terms(suggestion("topic", "value"), "oil"), "b")])
    await expect(engine, dataset, [(terms(suggestion("tags", "value"), "x"), "a")])


async def check_deleted_records_are_gone_everywhere():
    engine, dataset = await answered()
    a, b, *_ = dataset.records
    await engine.delete_records(dataset, [a, b])
    await engine.delete_records(dataset, [a])
    assert await found(engine, dataset, "news") == list("cd")
    assert await found(engine, dataset, "-news") == []
    await expect(engine, dataset, [(terms(suggestion("topic", "value"), "oil", "war"), "")])
    assert await engine.get_dataset_user_progress(dataset, BOB) == {"total": 0}
    assert (await engine.search(dataset)).total == 2


async def check_a_property_that_comes_later_counts_for_records_that_come_after_it():
    dataset = make_dataset()
    a, b = (make_record(dataset, name, metadata={"size": "5"}) for name in "ab")
    engine = await make_index(dataset, a)
    size = MetadataProperty(id=uuid4(), name="size", settings={"type": "integer"}, dataset=dataset)
    await engine.configure_metadata_property(dataset, size)
    await engine.index_records(dataset, [b])
    await expect(engine, dataset, [(between(metadata("size"), 5, 5), "b")])


async def check_a_property_that_is_made_again_with_another_type_starts_anew():
    dataset = make_dataset(metadata=[("size", "terms")])
    a, b = (
        make_record(dataset, "a", metadata={"size": "big"}),
        make_record(dataset, "b", metadata={"size": 5}),
    )
    engine = await make_index(dataset, a)
    size = MetadataProperty(id=uuid4(), name="size", settings={"type": "integer"})
    dataset.metadata_properties = [size]
    await engine.configure_metadata_property(dataset, size)
    assert await metrics(engine, dataset) == [{"type": "integer", "min": None, "max": None}]
    await engine.index_records(dataset, [b])
    await engine.configure_metadata_property(dataset, size)
    await expect(engine, dataset, [(between(metadata("size"), ge=0), "b")])


async def check_deleting_and_making_an_index_again_empties_it():
    engine, dataset = await answered()
    await engine.delete_index(dataset)
    await engine.delete_index(dataset)
    await engine.create_index(dataset)
    assert (await engine.search(dataset)).total == 0
    await engine.index_records(dataset, dataset.records[:1])
    assert await found(engine, dataset, "news") == ["a"]


async def check_the_engine_is_registered_and_answers():
    async with SearchEngine.get_by_name("fts5") as engine:
        assert await engine.ping()
        assert (await engine.info())["name"] == "fts5"


async def main():
    outcomes = {}
    for name, check in [item for item in globals().items() if item[0].startswith("check_")]:
        try:
            await check()
            outcomes[name] = ""
        except Exception:
            outcomes[name] = traceback.format_exc()
    print(json.dumps(outcomes))


asyncio.run(main())
