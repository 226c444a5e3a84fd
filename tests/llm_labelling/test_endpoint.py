import asyncio
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from chat_server import ChatServer, Reply, serve

from helpers.llm_labelling import LabelingTask, Patience, dry_run, example, label_records, load_llm
from helpers.llm_labelling.cached_llm import CachedLLM
from helpers.llm_labelling.errors import ExampleError, LlmRefusedError, LlmSettingError

TASK = LabelingTask(("positive", "neutral", "negative"), "positive: fine.\nnegative: broken.")
POSITIVE = Reply(
    '{"label": "positive"}', tokens=(('{"label": "', 1.0), ("pos", 0.5), ("itive", 0.8), ('"}', 0.9))
)
NEGATIVE = Reply('{"label": "negative"}')
BUSY = Reply(status=429, headers={"Retry-After": "0"})

Load = Callable[..., CachedLLM]


@pytest.fixture
def load(tmp_path) -> Load:
    def load(server: ChatServer, **options: Any) -> CachedLLM:
        patience = Patience(attempts=options.pop("attempts", 4), backoff_s=0.01)
        cache = tmp_path / "answers.db"
        return load_llm(f"openai:tiny@{server.url}", cache=cache, patience=patience, **options)

    return load


def records(*texts: str) -> list[dict[str, Any]]:
    return [{"id": f"r{number}", "fields": {"text": text}} for number, text in enumerate(texts)]


def test_right_answers_become_suggestions_with_scores(load, capsys):
    with serve({"good": [POSITIVE], "bad": [NEGATIVE]}) as server:
        done = label_records(load(server), records("good", "bad"), TASK)
    assert capsys.readouterr().out == f"Language model: tiny at {server.url}.\n"
    assert done.suggestions["label"].to_dict() == {"r0": "positive", "r1": "negative"}
    assert done.suggestions.loc["r0", "score"] == pytest.approx(0.4)
    assert done.suggestions["score"].isna().tolist() == [False, True]
    assert (done.agent, done.is_stand_in, len(done.problems), done.n_unparsable) == ("tiny", False, 0, 0)
    assert (done.n_asked, done.n_cached, done.input_tokens, done.output_tokens) == (2, 0, 200, 10)
    assert str(done) == "tiny: 2 suggestions; 2 prompts asked, 0 answered before."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("It is positive.", "unparsable"),
        ('{"label": "pos', "unparsable"),
        ('```json\n{"label": "pos\n```', "unparsable"),
        ('Here: ```json\n{"label": "positive"}\n```', "unparsable"),
        ('["positive"]', "unparsable"),
        ('{"answer": "positive"}', "unparsable"),
        ('{"label": 1}', "unparsable"),
        ("", "unparsable"),
        (None, "unparsable"),
        ('{"label": "Positive"}', "outside the schema"),
        ('{"label": "very positive"}', "outside the schema"),
    ],
)
def test_a_useless_answer_is_listed_and_not_paid_for_again(load, content, problem):
    with serve({"good": [POSITIVE], "odd": [Reply(content)]}) as server:
        for n_asked in (2, 0):
            done = label_records(load(server), records("odd", "good"), TASK)
            assert done.suggestions["label"].to_dict() == {"r1": "positive"}
            assert done.problems.to_dict("index") == {"r0": {"problem": problem, "answer": content}}
            assert (done.n_unparsable, done.n_asked, done.n_cached) == (1, n_asked, 2 - n_asked)
        assert server.asked == {"good": 1, "odd": 1}


@pytest.mark.parametrize(
    "content",
    [
        '```json\n{"label": "negative"}\n```',
        '\n```\n{"label":\n"negative"}\n```\n',
        '```JSON {"label": "negative"}```',
    ],
)
def test_an_answer_in_a_code_fence_is_read(load, content):
    with serve({"bad": [Reply(content)]}) as server:
        done = label_records(load(server), records("bad"), TASK)
    assert done.suggestions["label"].to_dict() == {"r0": "negative"}
    assert done.n_unparsable == 0


def test_nothing_is_lost_or_paid_for_twice_in_bad_weather(load):
    replies = {
        "right": [POSITIVE],
        "busy": [BUSY, BUSY, NEGATIVE],
        "error": [Reply(status=500), Reply(status=503), POSITIVE],
        "dropped": [Reply(drop=True), NEGATIVE],
        "slow": [Reply('{"label": "neutral"}', delay_s=0.5)],
        "not json": [Reply("Well...")],
        "outside": [Reply('{"label": "mixed"}')],
        "dead": [Reply(status=500)],
        "too long": [Reply(status=400)],
    }
    with serve(replies) as server:
        done = label_records(load(server), records(*replies), TASK)
        assert done.suggestions["label"].tolist() == [
            "positive",
            "negative",
            "positive",
            "negative",
            "neutral",
        ]
        assert done.problems["problem"].tolist() == [
            "unparsable",
            "outside the schema",
            "unanswered",
            "unanswered",
        ]
        dead, too_long = done.problems["answer"].tolist()[2:]
        assert dead.startswith("after 4 attempts: status 500: ")
        assert too_long.startswith("status 400: ")
        assert (done.n_asked, done.n_unparsable, done.input_tokens) == (7, 2, 700)
        assert server.asked == {
            "right": 1, "busy": 3, "error": 3, "dropped": 2, "slow": 1,
            "not json": 1, "outside": 1, "dead": 4, "too long": 1,
        }  # fmt: skip
        assert set(server.answered.values()) == {0, 1}

        server.replies["dead"] = [POSITIVE]
        again = label_records(load(server), records(*replies), TASK)
        assert again.suggestions["label"].tolist()[-1] == "positive"
        assert (again.n_asked, again.n_cached, len(again.problems)) == (1, 7, 3)
        assert max(server.answered.values()) == 1


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ('{"choices": []}', "the endpoint sent an answer without choices"),
        ('{"choices": null}', "the endpoint sent something else than an answer: 'NoneType'"),
        ('{"error": {"message": "overloaded"}}', "the endpoint sent something else than an answer: "),
        ("<html>", "the endpoint sent something else than an answer: "),
    ],
)
def test_what_is_no_answer_fails_alone_and_is_asked_for_again(load, body, failure):
    with serve(
        {"odd": [Reply(body=body), POSITIVE], "good": [Reply(NEGATIVE.content, delay_s=0.3)]}
    ) as server:
        done = label_records(load(server), records("odd", "good"), TASK)
        assert done.suggestions["label"].to_dict() == {"r1": "negative"}
        [problem] = done.problems.to_dict("records")
        assert problem["problem"] == "unanswered"
        assert problem["answer"].startswith(failure)
        assert (done.n_asked, done.n_unparsable, done.input_tokens) == (1, 0, 100)
        again = label_records(load(server), records("odd", "good"), TASK)
        assert again.suggestions["label"].to_dict() == {"r0": "positive", "r1": "negative"}
        assert (again.n_asked, again.n_cached) == (1, 1)


def test_an_answer_slower_than_the_limit_is_asked_for_again(load):
    with serve({"slow": [Reply("late", delay_s=2), POSITIVE]}) as server:
        done = label_records(load(server, timeout_s=1), records("slow"), TASK)
        assert done.suggestions["label"].tolist() == ["positive"]
        assert server.asked["slow"] == 2


def test_retry_after_is_honored(load):
    with serve({"busy": [Reply(status=429, headers={"Retry-After": "1"}), POSITIVE]}) as server:
        label_records(load(server), records("busy"), TASK)
    first, second = server.times["busy"]
    assert second - first >= 1


def test_too_long_a_wait_is_not_worth_it(load):
    with serve({"busy": [Reply(status=429, headers={"Retry-After": "3600"})]}) as server:
        done = label_records(load(server), records("busy"), TASK)
    assert done.problems["answer"].str.startswith("after 1 attempts: status 429").all()


def test_no_attempts_are_refused():
    with pytest.raises(LlmSettingError, match=r"attempts=0\) would never ask"):
        Patience(attempts=0)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_stops_the_run_and_keeps_what_was_answered(load, status):
    with serve({"good": [POSITIVE], "refused": [Reply(status=status, delay_s=0.3)]}) as server:
        with pytest.raises(LlmRefusedError, match=rf"status {status}.*model's name and the API key"):
            label_records(load(server), records("good", "refused"), TASK)
        server.replies["refused"] = [NEGATIVE]
        done = label_records(load(server), records("good", "refused"), TASK)
        assert (done.n_asked, done.n_cached, len(done.suggestions)) == (1, 1, 2)


def test_an_interrupted_run_goes_on_where_it_stopped(load):
    neutral = Reply('{"label": "neutral"}')
    replies = {
        "0": [neutral],
        "1": [neutral],
        "slow": [Reply('{"label": "neutral"}', delay_s=3.0)],
        "3": [neutral],
    }
    with serve(replies) as server:
        llm = load(server, concurrency=1)
        put = llm.cache.put

        def put_and_interrupt(key: str, answer: dict[str, Any]) -> None:
            put(key, answer)
            if len(llm.cache) == 2:
                os.kill(os.getpid(), signal.SIGINT)

        llm.cache.put = put_and_interrupt
        with pytest.raises(KeyboardInterrupt):
            label_records(llm, records(*replies), TASK)
        done = label_records(load(server), records(*replies), TASK)
        assert (done.n_asked, done.n_cached, len(done.suggestions)) == (2, 2, 4)
        assert (server.asked["0"], server.asked["1"], server.asked["3"]) == (1, 1, 1)


def test_requests_are_under_way_at_once_up_to_the_limit(load):
    texts = [f"text {number}" for number in range(9)]
    with serve({text: [Reply('{"label": "neutral"}', delay_s=0.2)] for text in texts}) as server:
        label_records(load(server, concurrency=3), records(*texts), TASK)
    assert server.most_at_once == 3


def test_equal_texts_are_asked_about_once(load):
    with serve({"same": [POSITIVE]}) as server:
        done = label_records(load(server), records("same", "same", "same"), TASK)
    assert done.suggestions["label"].tolist() == ["positive"] * 3
    assert (done.n_asked, server.asked["same"]) == (1, 1)


def test_what_is_asked(load):
    examples = [example("it works", "positive"), example("it broke", "negative")]
    with serve({"good": [POSITIVE]}) as server:
        label_records(load(server), records("good"), TASK, examples=examples)
        label_records(load(server, scores=False), records("good"), TASK)
    with_examples, without = server.requests
    assert with_examples["temperature"] == 0
    assert (with_examples["logprobs"], without["logprobs"]) == (True, False)
    system, user = with_examples["messages"]
    assert system["content"].endswith('{"label": "..."}, holding one of the optional labels.')
    assert user["content"] == (
        "Please provide an answer to the question based on the input fields and examples.\n\n"
        "# Guidelines\npositive: fine.\nnegative: broken.\n\n"
        '# Examples\nfields: it works\nresponse: {"label":"positive"}\n\n'
        'fields: it broke\nresponse: {"label":"negative"}\n\n'
        "# Question\n"
        "question: Select the appropriate label for the fields from the list of optional labels.\n"
        "optional labels: ['positive', 'neutral', 'negative']\n\n"
        "# Fields\nfields: good\nresponse:"
    )
    assert "# Examples" not in without["messages"][1]["content"]


def test_a_dry_run_asks_nothing(load):
    with serve({"good": [POSITIVE]}) as server:
        before = dry_run(load(server), records("good", "bad"), TASK, prices=(2.0, 10.0))
        assert server.requests == []
        label_records(load(server), records("good"), TASK)
        after = dry_run(load(server), records("good", "bad"), TASK, prices=(2.0, 10.0))
        unpriced = dry_run(load(server), records("good"), TASK)
    assert before.first_prompt.startswith("[system]\nYou are an expert annotator")
    assert before.first_prompt.endswith("# Fields\nfields: good\nresponse:")
    assert (before.n_prompts, before.n_cached, before.output_tokens) == (2, 0, 16)
    assert before.input_tokens == pytest.approx(len(before.first_prompt) / 2, abs=1)
    assert before.cost == (2 * before.input_tokens + 10 * 16) / 1e6
    assert (after.n_prompts, after.n_cached) == (2, 1)
    assert after.cost == (2 * after.input_tokens + 10 * 8) / 1e6
    assert before.cost_per_1000 == after.cost_per_1000 == 500 * before.cost
    assert (unpriced.cost, unpriced.cost_per_1000) == (None, None)
    assert after.input_tokens == pytest.approx(before.input_tokens / 2, abs=1)
    assert "2 prompts, 0 of them answered before." in str(before)


def test_an_example_without_a_response_is_named(load):
    with (
        serve({}) as server,
        pytest.raises(ExampleError, match=r"'it works'.*no submitted response to 'label'"),
    ):
        label_records(
            load(server), records("good"), TASK, examples=[{"fields": {"text": "it works"}, "responses": {}}]
        )


def test_no_records_ask_nothing(load):
    with serve({}) as server:
        done = label_records(load(server), [], TASK)
    assert (len(done.suggestions), len(done.problems), done.n_asked) == (0, 0, 0)


def test_it_runs_beside_a_running_event_loop(load):
    async def notebook() -> int:
        return label_records(load(server), records("good"), TASK).n_asked

    with serve({"good": [POSITIVE]}) as server:
        before = threading.active_count()
        assert asyncio.run(notebook()) == 1
        assert threading.active_count() <= before + 1  # the server's own thread for the connection
