import dataclasses

import pytest

from helpers.weak_supervision import Rule, labeling_function
from helpers.weak_supervision.errors import DuplicatedRuleNameError, EmptyQueryError
from helpers.weak_supervision.rules import rule_name, unique_names


def shouts(text: str) -> str | None:
    return "Sports" if text.isupper() else None


def test_a_rule_is_named_by_its_query_unless_it_has_a_name():
    assert Rule("war", "World").name == "war"
    assert Rule("war", label="World", name="wars") == Rule("war", "World", "wars")


def test_a_rule_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rule("war", "World").label = "Sports"  # type: ignore[misc]


@pytest.mark.parametrize("query", ["", "   ", "-", '""', "( | )"])
def test_a_query_without_a_term_is_refused(query):
    with pytest.raises(EmptyQueryError, match="'World' has no term"):
        Rule(query, "World")


def test_functions_are_named_by_themselves_or_by_the_decorator():
    renamed = labeling_function(name="capitals")(shouts)
    assert [rule_name(rule) for rule in (shouts, labeling_function(shouts), renamed)] == [
        "shouts",
        "shouts",
        "capitals",
    ]
    assert renamed("GOAL") == "Sports"
    assert renamed("Goal") is None


def test_names_are_unique():
    with pytest.raises(DuplicatedRuleNameError, match=r"'war'.*name="):
        unique_names([Rule("war", "World"), Rule("game", "Sports"), Rule("conflict", "World", name="war")])
