import apsw.unicode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.search import tokenize
from helpers.search.tokens import lower


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Wall St. Bears", ["wall", "st", "bears"]),
        ("can't a:b x.y 3.5 1,000 1;2", ["can't", "a:b", "x.y", "3.5", "1,000", "1;2"]),
        ("'quoted' end. U.S.", ["quoted", "end", "u.s"]),
        ("foo_bar _a _ __", ["foo_bar", "_a"]),
        ("wi-fi e-mail/web", ["wi", "fi", "e", "mail", "web"]),
        ("3:4 a,b 1:x", ["3", "4", "a", "b", "1", "x"]),
        ("naïve café’s", ["naïve", "café’s"]),
        ("日本語 カタカナ", ["日", "本", "語", "カタカナ"]),
        ("ภาษาไทย x", ["ภาษาไทย", "x"]),
        ('צה"ל', ['צה"ל']),
        ("yes 😀", ["yes", "😀"]),
        ("İzmir", ["izmir"]),
        ("a\ud800b", ["a", "b"]),
        ("a\0b", ["a", "b"]),
    ],
)
def test_words(text, words):
    assert tokenize(text) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_path_for_ascii_agrees_with_the_unicode_rules(text):
    assert tokenize(text) == list(apsw.unicode.word_iter(text.lower()))


@given(st.text(st.characters(exclude_categories=[])))
def test_every_text_can_be_cut_and_cutting_is_idempotent(text):
    words = tokenize(text)
    assert tokenize(" ".join(words)) == words
    assert lower(lower(text)) == lower(text)
