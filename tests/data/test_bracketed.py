import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.bracketed import Entity, parse, write
from helpers.data.errors import BracketError

words = st.text(min_size=1, max_size=6).filter(
    lambda word: word.split() == [word] and not set(word) & set("[]")
)


@st.composite
def sentences(draw):
    """Tokens and entities, laid end to end: runs of tokens that have a label or none."""
    tokens, entities = [], []
    for label, run in draw(
        st.lists(st.tuples(st.none() | words, st.lists(words, min_size=1, max_size=3)), max_size=5)
    ):
        if label is not None:
            entities.append(Entity(len(tokens), len(tokens) + len(run), label))
        tokens += run
    return tokens, entities


def test_a_line_by_hand():
    line = "[MISC DUTCH] [PER VOS] WINS \" [LOC Sri Lanka] 's ."
    tokens = ["DUTCH", "VOS", "WINS", '"', "Sri", "Lanka", "'s", "."]
    entities = [Entity(0, 1, "MISC"), Entity(1, 2, "PER"), Entity(4, 6, "LOC")]
    assert parse(line) == (tokens, entities)
    assert write(tokens, entities) == line


@given(sentences())
def test_what_is_written_is_read(sentence):
    assert parse(write(*sentence)) == sentence


@given(st.text(alphabet="[] ab\t", max_size=20))
def test_what_is_read_is_written(line):
    try:
        sentence = parse(line)
    except BracketError:
        return
    assert write(*sentence) == line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[PER Ann won .", "bracket of '\\[PER' is not closed"),
        ("Ann] won .", "'Ann]' closes a bracket that was not opened"),
        ("[PER Ann [LOC Rome] .", "'\\[LOC' starts inside another"),
        ("[PER] won", "'\\[PER]' is not '\\[' and a label"),
        ("[ Ann] won", "is not '\\[' and a label"),
        ("[\t Ann] won", "is not '\\[' and a label"),
        ("[PER ]", "']' is not a token"),
        ("Ann  won", "'' is not a token"),
        (" Ann", "'' is not a token"),
        ("Ann\twon", "is not a token"),
        ("a[b", "is not a token"),
    ],
)
def test_lines_that_cannot_be_read(line, message):
    with pytest.raises(BracketError, match=message):
        parse(line)


@pytest.mark.parametrize("word", ["", "a b", "[", "a]", "\n"])
def test_words_that_cannot_be_written(word):
    with pytest.raises(BracketError, match="cannot be written"):
        write(["a", word])
    with pytest.raises(BracketError, match="cannot be written"):
        write(["a"], [Entity(0, 1, word)])


@pytest.mark.parametrize(
    "entities",
    [
        [Entity(0, 2, "PER"), Entity(1, 3, "LOC")],
        [Entity(1, 2, "PER"), Entity(0, 1, "LOC")],
        [Entity(1, 1, "PER")],
        [Entity(2, 4, "PER")],
        [Entity(-1, 1, "PER")],
    ],
)
def test_entities_that_cannot_be_written(entities):
    with pytest.raises(BracketError, match="overlaps or is out of range: of 3 tokens"):
        write(["a", "b", "c"], entities)
