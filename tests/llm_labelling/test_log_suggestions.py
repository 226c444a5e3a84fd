import uuid

import argilla as rg
import pytest
from chat_server import Reply, serve

from helpers.annotation import create_dataset, log_records, text_classification_settings
from helpers.data.reviews import LABELS
from helpers.llm_labelling import (
    LabelingTask,
    emotion_settings,
    label_records,
    load_llm,
    log_suggestions,
    make_labeller,
)
from helpers.llm_labelling.emotion import GUIDELINES
from helpers.llm_labelling.errors import ExampleError


@pytest.fixture
def dataset(local_argilla):
    settings = text_classification_settings(
        local_argilla.client, ["positive", "negative"], guidelines="Be fair."
    )
    dataset = create_dataset(local_argilla.client, f"llm-{uuid.uuid4().hex[:8]}", settings)
    log_records(
        dataset, [rg.Record(id=f"r{n}", fields={"text": text}) for n, text in enumerate(("good", "odd"))]
    )
    yield dataset
    dataset.delete()


def test_suggestions_reach_argilla_with_agent_and_score(dataset, tmp_path):
    good = Reply('{"label": "positive"}', tokens=(('{"label": "', 1.0), ("positive", 0.75), ('"}', 1.0)))
    task = LabelingTask.of(dataset)
    assert task == LabelingTask(("positive", "negative"), "Be fair.")
    records = list(dataset.records)
    with serve({"good": [good], "odd": [Reply("Hm.")]}) as server:
        llm = load_llm(f"openai:org/tiny (v1)@{server.url}", cache=tmp_path / "answers.db")
        done = label_records(llm, records, task)
        log_suggestions(dataset, records, done)
    by_id = {record.id: list(record.suggestions) for record in dataset.records(with_suggestions=True)}
    [suggestion] = by_id["r0"]
    assert (suggestion.value, suggestion.agent, suggestion.type) == ("positive", "org/tiny v1", "model")
    assert suggestion.score == pytest.approx(0.75)
    assert by_id["r1"] == []


def test_reviews_are_asked_for_their_emotion(local_argilla):
    name = f"llm-{uuid.uuid4().hex[:8]}"
    dataset = create_dataset(local_argilla.client, name, emotion_settings(local_argilla.client))
    try:
        [question] = dataset.questions
        assert (question.name, question.title) == ("label", "Emotion")
        assert [field.name for field in dataset.fields] == ["text"]
        assert LabelingTask.of(dataset) == LabelingTask(LABELS, GUIDELINES)
    finally:
        dataset.delete()


def test_reviewed_records_serve_as_examples(dataset, tmp_path):
    client = dataset._client
    records = list(dataset.records)
    for record in records:
        record.responses.add(rg.Response("label", "negative", user_id=client.me.id, status="submitted"))
    log_records(dataset, records)
    examples = list(dataset.records(rg.Query(filter=[("response.status", "==", "submitted")])))
    with serve({"new": [Reply('{"label": "positive"}')]}) as server:
        llm = load_llm(f"openai:tiny@{server.url}", cache=tmp_path / "answers.db")
        new = [{"id": "n", "fields": {"text": "new"}}]
        label_records(llm, new, LabelingTask.of(dataset), examples=examples)
    prompt = server.requests[0]["messages"][1]["content"]
    assert 'fields: odd\nresponse: {"label":"negative"}' in prompt


@pytest.mark.parametrize("status", ["draft", "discarded"])
def test_what_was_not_submitted_is_no_example(encoder, status):
    me, other = uuid.uuid4(), uuid.uuid4()
    unsure = rg.Response("label", "negative", user_id=me, status=status)
    sure = rg.Response("label", "positive", user_id=other, status="submitted")
    task = LabelingTask(("positive", "negative"))
    llm = load_llm("offline", encoder=encoder)
    record = rg.Record(fields={"text": "it works"}, responses=[unsure, sure])
    labeller = make_labeller(llm, task, [record])
    prompt = labeller.format_input({"record": {"fields": {"text": "new"}}})[1]["content"]
    assert prompt.count("response: ") == 1
    assert 'fields: it works\nresponse: {"label":"positive"}' in prompt
    with pytest.raises(ExampleError, match=r"'it works'.*no submitted response to 'label'"):
        make_labeller(llm, task, [rg.Record(fields={"text": "it works"}, responses=[unsure])])
