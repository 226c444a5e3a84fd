import re

from hypothesis import given
from hypothesis import strategies as st

from helpers.ner.patterns import capitalized_runs, in_mixed_case, matches, phrases, text_of, words


def test_words_of_tokens(make_doc):
    doc = make_doc("Porto Vell 's win")
    assert words(doc) == ["Porto", "Vell", "'s", "win"]
    assert text_of(doc, 0, 2) == "Porto Vell"


def test_matches_map_groups_to_tokens(make_doc):
    doc = make_doc("1. Ines Calado ( Portugal ) 11.02")
    pattern = r"1\. (?P<PER>[\w ]+) \( (?P<LOC>\w+) \)"
    assert list(matches(doc, pattern)) == [(1, 3, "PER"), (4, 5, "LOC")]


def test_numbered_groups_share_a_label(make_doc):
    doc = make_doc("Torvane 2 Briska 1")
    assert list(matches(doc, r"(?P<ORG>\w+) \d (?P<ORG2>\w+) \d")) == [(0, 1, "ORG"), (2, 3, "ORG")]


def test_matches_are_whole_tokens(make_doc):
    assert list(matches(make_doc("Oslobank in Oslo"), r"(?P<LOC>Oslo)")) == [(2, 3, "LOC")]


def test_optional_group_that_is_absent(make_doc):
    assert list(matches(make_doc("Oslo"), r"(?P<LOC>Oslo)(?: , (?P<LOC2>Fiji))?")) == [(0, 1, "LOC")]


@given(st.lists(st.text("aAbB.-", min_size=1, max_size=4), min_size=1, max_size=8))
def test_every_match_lies_on_tokens(make_doc, tokens):
    doc = make_doc(" ".join(tokens))
    found = list(matches(doc, r"(?P<X>A\S*)"))
    assert found == [(i, i + 1, "X") for i, token in enumerate(tokens) if re.match("A", token)]


def test_headlines_are_not_mixed_case(make_doc):
    assert in_mixed_case(make_doc("Sarnia won ."))
    assert not in_mixed_case(make_doc("SOCCER - SARNIA WIN McTAVISH CUP ."))
    assert not in_mixed_case(make_doc("2-1 ( 0-0 )"))


def test_runs_keep_small_words_inside_only(make_doc):
    doc = make_doc("On Monday Ruud van der Berg met Ana de")
    assert list(capitalized_runs(doc, {"On", "Monday"})) == [(2, 6), (7, 8)]


def test_longest_phrase_wins(make_doc):
    doc = make_doc("South Korea and Korea")
    assert list(phrases(doc, {"Korea", "South Korea"})) == [(0, 2), (3, 4)]


def test_phrase_longer_than_allowed(make_doc):
    assert list(phrases(make_doc("South Korea"), {"South Korea"}, longest=1)) == []
