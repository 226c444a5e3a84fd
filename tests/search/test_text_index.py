from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.search import TextIndex, parse, tokenize
from helpers.search.query import And, Fuzzy, Not, Nothing, Or, Phrase, Prefix, Words

TEXTS = [
    "Dollar falls as oil prices rise",  # 0
    "Oil: the price of war",  # 1
    "Cup final is a game of two halves",  # 2
    "Final cup of coffee, $3.50",  # 3
    "",  # 4
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("oil", [0, 1]),
        ("oil price", [1]),
        ("price*", [0, 1]),
        ("oil -price", [0]),
        ("-oil", [2, 3, 4]),
        ("war | game", [1, 2]),
        ("-war | war", [0, 1, 2, 3, 4]),
        ('"cup final"', [2]),
        ('"final cup"', [3]),
        ('"oil rise"~1', [0]),
        ('"oil rise"~0', []),
        ('"cup final"~2', [2, 3]),
        ('"cup final"~2 -"cup final"', [3]),
        ('-"cup final"~2', [0, 1, 4]),
        ('"cup final"~2 | dollar', [0, 2, 3]),
        ("prise~1", [0, 1]),
        ("3.50", [3]),
        ("3", []),
        ("pri-*", []),
        ("zzz", []),
        ("", []),
    ],
)
def test_search(query, found):
    assert TextIndex(TEXTS).search(query) == found


def test_length_and_an_index_of_nothing():
    assert len(TextIndex(TEXTS)) == 5
    assert TextIndex([]).search("-a") == []


def edits(a, b):
    if not a or not b:
        return len(a) + len(b)
    return min(edits(a[1:], b) + 1, edits(a, b[1:]) + 1, edits(a[1:], b[1:]) + (a[0] != b[0]))


def in_slop(words, tokens, slop):
    return any(
        [tokens[p] for p in places] == list(words)
        and max(p - i for i, p in enumerate(places)) - min(p - i for i, p in enumerate(places)) <= slop
        for places in permutations(range(len(tokens)), len(words))
    )


def matches(node, tokens):
    """What the language means, as plainly as it can be said."""
    match node:
        case Nothing():
            return False
        case Words(words):
            return set(words) <= set(tokens)
        case Prefix(text):
            return any(token.startswith(text) for token in tokens)
        case Fuzzy(text, distance):
            return any(edits(text, token) <= distance for token in tokens)
        case Phrase(words, slop):
            return in_slop(words, tokens, slop)
        case Not(child):
            return not matches(child, tokens)
        case And(children):
            return all(matches(child, tokens) for child in children)
        case Or(children):
            return any(matches(child, tokens) for child in children)


words = st.sampled_from(["ab", "abc", "b", "ba", "c.d", "1,2", "é"])
texts = st.lists(words, max_size=5).map(" ".join)
terms = st.one_of(
    words,
    words.map("{}*".format),
    words.map("{}~1".format),
    st.lists(words, min_size=1, max_size=3).map(lambda phrase: '"' + " ".join(phrase) + '"'),
    st.builds('"{} {}"~{}'.format, words, words, st.integers(0, 3)),
)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        inner.map("-{}".format),
        inner.map("({})".format),
        st.builds("{} | {}".format, inner, inner),
        st.builds("{} {}".format, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), queries)
def test_the_index_finds_what_the_query_means(texts, query):
    tree = parse(query)
    expected = [position for position, text in enumerate(texts) if matches(tree, tokenize(text))]
    assert TextIndex(texts).search(query) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab12 +|-"*()~\\é{}:^\0') | st.characters(exclude_categories=[])))
def test_no_query_raises_in_the_index(query):
    TextIndex(["ab 12", "é"]).search(query)


operators = st.sampled_from([" ", " | ", " -", " | -", ") | (", ") (", ") -(", " (", " | (", " -("])
structures = st.lists(st.tuples(st.sampled_from(["ab", "zz", "abz~1", '"b ab"~2']), operators), min_size=1)


@settings(max_examples=200, deadline=None)
@given(structures, st.integers(1, 300))
def test_the_index_finds_what_large_queries_mean(parts, times):
    query = "".join(term + operator for term, operator in parts) * times
    query += ")" * query.count("(")
    tree, texts = parse(query), ["ab 12", "b c ab", "é"]
    expected = [position for position, text in enumerate(texts) if matches(tree, text.split())]
    assert TextIndex(texts).search(query) == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("a" + "".join(f" -x{n}" for n in range(1000)), [0]),
        (" ".join(f"-x{n}" for n in range(1000)), [0, 1]),
        ("b" + "".join(f" x{n} | b" for n in range(49)), [1]),
        (" | ".join(f"a -x{n}" for n in range(49)), [0]),
        ("".join(f"(x{n} | (b " for n in range(49)) + "a" + "))" * 49, []),
        ("".join(f"(x{n} | (a " for n in range(49)) + "a" + "))" * 49, [0]),
        ("-(a b " * 49 + "x" + ")" * 49, [0, 1]),
        ("-(b " * 48 + "x" + ")" * 48, [0]),
        ("-(b " * 49 + "x" + ")" * 49, [0, 1]),
    ],
)
def test_queries_larger_than_sqlite_takes(query, found):
    assert TextIndex(["a", "b"]).search(query) == found
