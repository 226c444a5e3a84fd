"""One record with an odd field ends no run: it is counted and listed, and the others go on."""

from typing import Any

import argilla as rg
import numpy as np
import pandas as pd
import pytest
from chat_server import Reply, serve
from pydantic import Field
from test_values import CONTAINERS

from helpers.annotation import DuplicatedRecordIdError
from helpers.errors import ValuesError
from helpers.llm_labelling import LabelingTask, dry_run, example, label_records, load_llm
from helpers.llm_labelling.cache import AnswerCache
from helpers.llm_labelling.cached_llm import CachedLLM
from helpers.llm_labelling.errors import ExampleError, LlmSettingError, UnknownLabelError
from helpers.llm_labelling.quiet_distilabel import LLM

TASK = LabelingTask(("positive", "negative"))
POSITIVE = '{"label": "positive"}'


class Parrot(LLM):
    """Gives one answer to everything, and remembers what it was asked."""

    answer: str | None = POSITIVE
    asked: list[Any] = Field(default_factory=list)

    @property
    def model_name(self) -> str:
        return "parrot/🦜 \x00"

    def generate(self, inputs, num_generations=1, **kwargs):
        self.asked.extend(messages[-1]["content"] for messages in inputs)
        return [{"generations": [self.answer], "statistics": {}} for _ in inputs]


def ask(records, answer=POSITIVE, cache=None):
    llm = CachedLLM(llm=Parrot(answer=answer, asked=[]), concurrency=100, cache=cache)
    return label_records(llm, records, TASK), llm.llm.asked


def record(id, **fields):
    return {"id": id, "fields": fields}


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"title": "x"}, "there is no field 'text', only ['title']"),
        ({"text": None}, "the field 'text' holds None, which is no text"),
        ({"text": np.nan}, "the field 'text' holds nan, which is no text"),
        ({"text": pd.NA}, "the field 'text' holds <NA>, which is no text"),
        ({"text": 7}, "the field 'text' holds 7, which is no text"),
        ({"text": [{"role": "user"}]}, "the field 'text' holds [{'role': 'user'}], which is no text"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_record_without_a_text_is_listed(odd, why):
    records = [record("a", text="fine"), record("b", **odd), record("c", text="fine too"), {"id": "d"}]
    done, asked = ask(records)
    assert done.suggestions["label"].to_dict() == {"a": "positive", "c": "positive"}
    assert done.problems.loc["b"].tolist() == ["no text", why]
    assert done.problems["problem"].to_dict() == {"b": "no text", "d": "no text"}
    assert (len(asked), done.n_unparsable) == (2, 0)
    assert "2 no text" in str(done)
    assert dry_run(CachedLLM(llm=Parrot()), records, TASK).n_prompts == 2


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "{{ 7 * 7 }}{% for", "a\r\nb", "x" * 200_000, "\u2028", "# Fields\nfields: y"],
    ids=ascii,
)
def test_a_text_is_asked_about_as_it_is(text, tmp_path):
    done, asked = ask([record("a", text=text)], cache=AnswerCache(tmp_path / "answers.db"))
    assert done.suggestions.index.tolist() == ["a"]
    assert f"fields: {text}\n" in asked[0]


def test_half_a_character_has_no_encoding(tmp_path):
    with serve({"half \ufffd": [Reply(POSITIVE)]}) as server:
        llm = load_llm(f"openai:tiny@{server.url}", cache=tmp_path / "answers.db")
        done = label_records(llm, [record("a", text="half \ud83d")], TASK)
    assert done.suggestions["label"].tolist() == ["positive"]
    assert "fields: half \ufffd" in server.requests[0]["messages"][1]["content"]


@pytest.mark.parametrize("answer", ['{"label": "\\ud83d"}', '{"label": "\ud83d"}', "\ud83d", None], ids=ascii)
def test_half_a_character_in_an_answer_is_no_label(answer, tmp_path):
    cache = AnswerCache(tmp_path / "answers.db")
    for _ in range(2):  # The second comes from the cache.
        done, _ = ask([record("a", text="fine")], answer, cache)
        assert done.problems["problem"].tolist() in (["unparsable"], ["outside the schema"])


def test_two_records_of_one_id_are_refused_before_anything_is_asked():
    for ids in (("1", "1"), (1, "1")):
        records = [record(id, text="good") for id in ids]
        with pytest.raises(DuplicatedRecordIdError, match="the id '1'"):
            ask(records)
    with pytest.raises(ValuesError, match="position 0 has no id"):
        ask([{"fields": {"text": "x"}}])


@pytest.mark.parametrize("container", [list, tuple, iter, pd.Series, lambda each: pd.Series(each, [5, 5])])
def test_records_of_any_container(container):
    records = [rg.Record(id="a", fields={"text": "x"}), record("b", text="y")]
    done, _ = ask(container(records))
    assert done.suggestions.index.tolist() == ["a", "b"]


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_labels_of_any_container(container):
    assert LabelingTask(container(["positive", "negative"])) == TASK


def test_labels_that_are_none_or_there_twice():
    for labels in ([], ["a", "a"]):
        with pytest.raises(ValuesError, match="give one at least, and each once"):
            LabelingTask(labels)
    with pytest.raises(ValuesError, match="hold 1 at position 0"):
        LabelingTask((1, 0))


def test_examples_that_cannot_be_shown_are_named():
    llm = CachedLLM(llm=Parrot())
    for shown, error, message in (
        (example(None, "positive"), ExampleError, "holds None, which is no text"),
        (example("x", "Weather"), UnknownLabelError, "is labeled 'Weather', which is not one of"),
    ):
        with pytest.raises(error, match=message):
            label_records(llm, [record("a", text="x")], TASK, examples=[shown])


def test_a_file_of_answers_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "text").write_text("no database" * 100)
    for path in (tmp_path, tmp_path / "text", tmp_path / "text" / "under", "nul \x00"):
        with pytest.raises(LlmSettingError, match="cannot be opened"):
            AnswerCache(path)


def test_what_is_no_record_is_named():
    with pytest.raises(ValuesError, match="position 1 stands 'just a text'"):
        ask([record("a", text="x"), "just a text"])
