import argilla as rg
import pytest

from helpers.search import TextIndex, field_text, finds

CHAT = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Market news"}]


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (None, None), (CHAT, "Hello\nMarket news"), ([], ""), ({"a": 1}, "{'a': 1}"), (["x"], "x")],
)
def test_what_is_searched_of_a_field(value, text):
    assert field_text(value) == text


def test_a_chat_of_the_sdk_reads_like_one_of_the_server():
    record = rg.Record(fields={"chat": CHAT})
    assert field_text(record.fields["chat"]) == field_text(CHAT)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*", True),
        ("late goal", True),
        ('"late goal"', False),
        ("late-goal", False),
        ("market -rain", True),
        ("user | none", False),
        ("-none", True),
    ],
)
def test_a_query_looks_at_each_field(query, found):
    assert finds(query, ["It is late", None, "A goal", CHAT]) is found


def test_an_asterisk_finds_texts_without_a_word():
    assert TextIndex(["a goal", "???"]).search(" * ") == [0, 1]
    assert TextIndex(["a goal", "???"]).search("**") == []
    assert [finds(query, []) for query in ("*", "a")] == [True, False]
