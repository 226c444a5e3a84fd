import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.search import is_empty, parse
from helpers.search.query import MAX_FUZZY, And, Fuzzy, Not, Nothing, Or, Phrase, Prefix, Words


def word(text):
    return Words((text,))


A, B, C = word("a"), word("b"), word("c")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("War", word("war")),
        ("a b c", And((A, B, C))),
        ("a + b", And((A, B))),
        ("a | b | c", Or((A, B, C))),
        ("a b | c", Or((And((A, B)), C))),
        ("a | b c", And((Or((A, B)), C))),
        ("a | (b c)", Or((A, And((B, C))))),
        ("-a", Not(A)),
        ("--a", A),
        ("- a", A),
        ("-(a | b)", Not(Or((A, B)))),
        ("wi-fi", Words(("wi", "fi"))),
        ("gov*", Prefix("gov")),
        ("Wi-F*", Prefix("wi-f")),
        ("g*v", Words(("g", "v"))),
        (r"gov\*", word("gov")),
        (r"a \| b", And((A, B))),
        ('"Cup final"', Phrase(("cup", "final"))),
        ('"cup final"~2', Phrase(("cup", "final"), slop=2)),
        ('"cup"', word("cup")),
        ("game~1", Fuzzy("game", 1)),
        ("game~", Fuzzy("game", 2)),
        ("game~9", Fuzzy("game", 2)),
        ("game~0", word("game")),
        ("game~x", word("game")),
        ('"cup final"~', Phrase(("cup", "final"))),
        ('("cup final"~)', Phrase(("cup", "final"))),
        ('"cup final"~ a', And((Phrase(("cup", "final"), slop=2), A))),
        ('"cup final"~1 | a', Or((Phrase(("cup", "final"), slop=1), A))),
        # the character behind the slop goes with it
        ('"cup final"~1|a', And((Phrase(("cup", "final"), slop=1), A))),
        ('"cup final"~1(a | b)', Or((And((Phrase(("cup", "final"), slop=1), A)), B))),
        # an operator waits for a branch with a word, except before "" and ()
        ("a | & b", Or((A, B))),
        ("a | - b", Or((A, B))),
        ('a | "&" b', Or((A, B))),
        ("a | (&) b", Or((A, B))),
        ('a | ""~1 b', Or((A, B))),
        ('a | "" b', And((A, B))),
        ("a | () b", And((A, B))),
        # what cannot be read is skipped
        ("", Nothing()),
        ("()", Nothing()),
        ('"" | ++', Nothing()),
        ("(a", A),
        ("a) b", And((A, B))),
        ('"a b', And((A, B))),
        ("a & b", And((A, B))),
        ("*", Not(Nothing())),
        (" \t*\n\0 ", Not(Nothing())),
        *((nothing, Nothing()) for nothing in ('"*"', "(*)", "-*", "* *", "*|*", "")),
        ("* -a", Not(A)),
        ("a *", A),
        ("**", Prefix("*")),
        ("a\\", A),
    ],
)
def test_trees(query, tree):
    assert parse(query) == tree


def test_beyond_the_limits_of_elasticsearch_nothing_matches():
    assert parse("a " * 1024) == And((A,) * 1024)
    assert parse("a " * 1025) == Nothing()
    assert parse("a b | " * 200) == Nothing()
    assert not is_empty("a " * 1025)


def test_beyond_a_few_dozen_fuzzy_terms_count_as_plain_ones():
    tree = parse("Game~1 " * MAX_FUZZY + "Game~1 wi-fi~")
    assert tree == And((Fuzzy("game", 1),) * MAX_FUZZY + (word("game"), Words(("wi", "fi"))))


@pytest.mark.parametrize(
    "query", ["(" * 100_000, '"' * 99_999, "-" * 100_000 + "a", "(a|" * 50_000, "\\" * 99_999]
)
def test_huge_queries_are_read_in_linear_time(query):
    parse(query)


@given(st.text(st.sampled_from('ab12 +|-"*()~\\é\n') | st.characters(exclude_categories=[])))
def test_no_query_raises(query):
    assert is_empty(query) == isinstance(parse(query), Nothing)
