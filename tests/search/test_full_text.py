import apsw
import pytest

from helpers.search.full_text import FullTextTable


@pytest.fixture
def table():
    table = FullTextTable(apsw.Connection(":memory:"), "records", ["title", "body"])
    table.create()
    table.insert([(1, ("Oil prices", "The dollar fell")), (2, ("Dollar", None)), (5, ("Cup", "final"))])
    return table


def test_terms_may_lie_in_different_fields_but_a_phrase_may_not(table):
    assert table.rows("oil dollar") == [1]
    assert table.rows('"prices the"') == []
    assert table.rows('"prices the"~5') == []
    assert table.rows('"dollar the"~5') == [1]


def test_one_term_of_several_words_lies_in_one_field(table):
    assert table.rows("oil-prices") == [1]
    assert table.rows("oil-dollar") == []


def test_a_field_restricts(table):
    assert table.rows("dollar") == [1, 2]
    assert table.rows("dollar", field="title") == [2]
    assert table.rows("-dollar", field="title") == [1, 5]
    assert table.rows("dolar~1", field="body") == [1]
    with pytest.raises(KeyError):
        table.rows("dollar", field="summary")


def test_insert_replaces_and_delete_removes(table):
    table.insert([(2, ("Euro", "rises"))])
    table.delete([1, 77])
    assert table.rows("dollar") == []
    assert table.rows("euro | cup") == [2, 5]
    assert table.rows("-euro") == [5]


@pytest.mark.parametrize("query", ["dollar", "-dollar", "dol*", '"dollar fell"~3', "dollar | cup"])
def test_scores_are_above_zero_and_select_the_same_rows(table, query):
    found = table.matches(query)
    sql = f"SELECT {found.row}, {found.score} FROM {found.source} WHERE {found.condition}"
    scores = dict(table._db.execute(sql, (found.parameter,)))
    assert sorted(scores) == table.rows(query)
    assert all(score > 0 for score in scores.values())


def test_fuzzy_terms_expand_to_the_ten_nearest_words():
    table = FullTextTable(apsw.Connection(":memory:"), "t", ["text"])
    table.create()
    table.insert([(row, (f"word{letter}",)) for row, letter in enumerate("abcdefghijklm")])
    assert table.rows("word~1") == list(range(10))


def test_dropped_tables_can_be_made_again(table):
    table.drop()
    table.create()
    assert table.rows("-x") == []


def test_a_table_without_fields_has_rows_but_no_words():
    table = FullTextTable(apsw.Connection(":memory:"), "t", [])
    table.create()
    table.insert([(1, ()), (2, ())])
    for query in ("a", "a*", "a~1", '"a b"', '"a b"~2', "a | (b c)", ""):
        assert table.rows(query) == []
    assert table.rows("-a") == [1, 2]
