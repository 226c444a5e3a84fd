"""Writing records: metadata exactly or not at all, and what others have stays."""

import datetime
import uuid
import warnings
from decimal import Decimal

import argilla as rg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from helpers.annotation import (
    RecordRefusedError,
    RecordsGoneWarning,
    SimulatedAnnotator,
    create_dataset,
    label_question,
    log_records,
    text_classification_settings,
    update_records,
)
from helpers.annotation.agents import agent_name
from helpers.annotation.metadata import as_metadata
from helpers.weak_supervision import Rule, push_matches


@pytest.fixture
def dataset(client):
    settings = text_classification_settings(client, ["A", "B"])
    settings.questions.add(rg.TextQuestion("why", required=False, client=client))
    settings.metadata.add(rg.TermsMetadataProperty("source", client=client))
    settings.metadata.add(rg.IntegerMetadataProperty("n", client=client))
    settings.metadata.add(rg.FloatMetadataProperty("score", client=client))
    dataset = create_dataset(client, f"updates-{uuid.uuid4().hex[:8]}", settings)
    log_records(dataset, [record(id, source="web") for id in "012"])
    return dataset


def record(id, **metadata):
    return rg.Record(id=id, fields={"text": f"text {id}"}, metadata=metadata)


def stored(dataset):
    return {each.id: dict(each.metadata) for each in dataset.records}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (2**70, 2**70),
        (True, True),
        ("", ""),
        (np.array(["a", "b"]), ["a", "b"]),
        (pd.Series([1, 2], index=[9, 8]), [1, 2]),
        (pl.Series(["a"]), ["a"]),
        (("a", np.int8(1)), ["a", 1]),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        *((missing, None) for missing in (None, float("nan"), np.nan, pd.NA, pd.NaT, np.datetime64("NaT"))),
    ],
)
def test_metadata_that_json_has(value, kept):
    found = as_metadata(value)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        np.float32("-inf"),
        datetime.date(2024, 1, 1),
        pd.Timestamp("2024-01-01"),
        np.datetime64("2024-01-01"),
        np.array(["2024-01-01"], dtype="datetime64[ns]"),
        np.timedelta64(1, "s"),
        Decimal("0.1"),
        b"x",
        {"a"},
        {1: "a"},
        1j,
        "\ud83d",
        ["\ud83d"],
    ],
)
def test_metadata_that_json_does_not_have(value):
    with pytest.raises(ValueError):
        as_metadata(value)


def test_numbers_of_a_table_fit_their_properties(dataset):
    log_records(dataset, [record("3", n=4.0, score=np.int64(1)), record("4", n=float("nan"), score=pd.NA)])
    assert stored(dataset)["3"] == {"n": 4, "score": 1.0}
    assert stored(dataset)["4"] == {}


def test_odd_records_are_all_named_and_nothing_is_sent(dataset):
    odd = [
        record("3"),
        record("4", score=float("inf")),
        rg.Record(id="5", fields={"text": 7}),
        record("6", source=datetime.date(2024, 1, 1)),
        rg.Record(id="7\ud83d", fields={"text": "t"}),
    ]
    named = r"'4' \(its metadata 'score'.*'5' \(its field 'text': 7 is no text\).*'6' .*date.*'7\\ud83d'"
    with pytest.raises(RecordRefusedError, match=f"4 of 5 records, and nothing was sent: {named}"):
        log_records(dataset, odd)
    assert set(stored(dataset)) == set("012")


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (record("4", n="many"), "not an integer"),
        (record("4", unknown="x"), "'unknown' metadata property does not exist"),
        (rg.Record(id="4", fields={"text": "\ud83d"}), "its fields cannot be written as JSON"),
        (rg.Record(id="4", fields={"text": "t"}, suggestions=[rg.Suggestion("label", "C")]), "'C' is not a"),
        (
            rg.Record(id="4", fields={"text": "t"}, suggestions=[rg.Suggestion("label", "A", score=2)]),
            "score",
        ),
    ],
)
def test_what_the_server_refuses_is_named(dataset, odd, reason):
    with pytest.raises(RecordRefusedError, match=rf"record '4'.*{reason}"):
        log_records(dataset, [record("3"), odd])


def test_metadata_are_merged(dataset):
    held = next(each for each in dataset.records if each.id == "0")
    update_records(dataset, [{"id": held._server_id, "metadata": {"split": "test", "n": 1}}])
    held.metadata["score"] = 0.5
    del held.metadata["source"]
    log_records(dataset, [held])
    assert stored(dataset)["0"] == {"split": "test", "n": 1, "score": 0.5}
    log_records(dataset, [record("0", source="wire")])
    assert stored(dataset)["0"] == {"split": "test", "n": 1, "score": 0.5, "source": "wire"}


def test_suggestions_of_others_stay(dataset):
    held = next(each for each in dataset.records if each.id == "0")
    theirs = rg.Record(id="0", fields=held.fields, suggestions=[rg.Suggestion("why", "so", agent="other")])
    log_records(dataset, [theirs])
    again = next(each for each in dataset.records if each.id == "0")
    newer = rg.Record(id="0", fields=held.fields, suggestions=[rg.Suggestion("why", "or so", agent="newer")])
    log_records(dataset, [newer])
    again.suggestions.add(rg.Suggestion("label", "A", agent="mine"))
    log_records(dataset, [again])
    found = next(each for each in dataset.records if each.id == "0").suggestions
    assert {each.question_name: (each.value, each.agent) for each in found} == {
        "why": ("or so", "newer"),
        "label": ("A", "mine"),
    }


def test_only_who_has_not_answered_gets_an_answer(client, dataset):
    annotator = SimulatedAnnotator(client, label_question(dataset), dict.fromkeys("0123", "A"))
    annotator.annotate(each for each in dataset.records if each.id == "0")
    other = SimulatedAnnotator(client, label_question(dataset), dict.fromkeys("0123", "B"))
    new = [record(id) for id in "0123"]
    for each in new:
        each.responses.add(other.response(each.id))
    log_records(dataset, new)
    given = {each.id: [response.value for response in each.responses] for each in dataset.records}
    assert given == {"0": ["A"], "1": ["B"], "2": ["B"], "3": ["B"]}


def test_what_was_deleted_stays_deleted(dataset):
    held = list(dataset.records)
    dataset.records.delete([each for each in held if each.id == "1"])
    for each in held:
        each.metadata["n"] = 1
    with pytest.warns(RecordsGoneWarning, match="1 records .* have been deleted"):
        log_records(dataset, held)
    assert stored(dataset) == {id: {"source": "web", "n": 1} for id in "02"}


def test_a_record_of_another_dataset_is_a_new_one(client, dataset):
    settings = text_classification_settings(client, ["A", "B"])
    other = create_dataset(client, f"updates-{uuid.uuid4().hex[:8]}", settings)
    held = list(dataset.records)
    for each in held:
        each.metadata.clear()
    for _ in range(2):
        log_records(other, held)
    assert stored(other) == {"0": {}, "1": {}, "2": {}}


def test_values_of_a_deleted_metadata_property_stay(client, dataset):
    dataset.settings.metadata["source"].delete()
    dataset = client.datasets(dataset.name)
    assert push_matches(dataset, [Rule("0", "A", name="zero")]) == 1
    held = list(dataset.records)
    for each in held:
        each.metadata["n"] = 1
    log_records(dataset, held)
    assert stored(dataset) == {
        "0": {"source": "web", "rules": ["zero"], "n": 1},
        "1": {"source": "web", "n": 1},
        "2": {"source": "web", "n": 1},
    }
    with pytest.raises(RecordRefusedError, match="'unknown'"):
        update_records(dataset, [{"id": held[0]._server_id, "metadata": {"unknown": "x"}}])
    assert not client.http_client.get(f"/api/v1/datasets/{dataset.id}").json()["allow_extra_metadata"]


def test_where_nothing_differs_nothing_is_sent(dataset):
    assert update_records(dataset, []) == 0
    held = list(dataset.records)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        changes = [{"id": each._server_id, "metadata": {"source": "web"}} for each in held]
        assert update_records(dataset, changes) == 0


@pytest.mark.parametrize("name", ["日本語", "模型-7B", "Ω" * 300, "org/tiny (v1)", "modèle", "!", "a\tb"])
def test_any_model_is_taken_for_an_agent(dataset, name):
    agent = agent_name(name)
    log_records(dataset, [rg.Record(id="0", suggestions=[rg.Suggestion("label", "A", agent=agent)])])
    assert next(each for each in dataset.records if each.id == "0").suggestions["label"].agent == agent


def test_agents_of_two_models_differ():
    assert len({agent_name(each) for each in ("日本語", "中国語", "日本-7B", "中国-7B", "7B")}) == 5
