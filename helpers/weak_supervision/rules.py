"""Rules: queries in Argilla's search language, or Python functions, that vote for a label."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

from helpers.search import is_empty
from helpers.weak_supervision.errors import DuplicatedRuleNameError, EmptyQueryError, MissingLabelError
from helpers.weak_supervision.labels import Label, label_of


@dataclass(frozen=True, init=False)
class Rule:
    """A query that votes for a label on every text it matches.

    Parameters
    ----------
    query
        What one would type into Argilla's search box: terms joined by AND, ``|``, ``-``, ``"phrase"``,
        ``prefix*``, ``( )`` and ``~N``. A ``*`` alone matches every text.
    label
        The label it votes for: a text or anything else that is hashable.
    name
        By default, or where it is empty, the query.

    Raises
    ------
    EmptyQueryError
        If the query has no term, or is no text.
    MissingLabelError
        If the label is missing, blank, not hashable, or is `ABSTAIN`.

    Examples
    --------
    >>> Rule("financ*", label="Business")
    Rule(query='financ*', label='Business', name='financ*')
    """

    query: str
    label: Label
    name: str

    def __init__(self, query: str, label: Any, name: str | None = None) -> None:
        if not isinstance(query, str) or is_empty(query):
            raise EmptyQueryError(
                f"The query {query!r} for the label {label!r} has no term to search for. "
                "Write at least one word, such as 'money' or 'financ*'."
            )
        voted = label_of(label, f"The label of the query {query!r}")
        if voted is None:
            raise MissingLabelError(
                f"The label of the query {query!r} is {label!r}, which stands for none. "
                "Name the label it votes for."
            )
        object.__setattr__(self, "query", query)
        object.__setattr__(self, "label", voted)
        object.__setattr__(self, "name", name or query)


Vote: TypeAlias = Callable[[str], Label | None]


@dataclass(frozen=True)
class LabelingFunction:
    """A Python function that votes for a label, or returns None or `ABSTAIN`, under a name."""

    function: Vote
    name: str

    def __call__(self, text: str) -> Label | None:
        """Vote on one text."""
        return self.function(text)


AnyRule: TypeAlias = Rule | Vote


@overload
def labeling_function(function: Vote) -> LabelingFunction: ...


@overload
def labeling_function(*, name: str) -> Callable[[Vote], LabelingFunction]: ...


def labeling_function(
    function: Vote | None = None, *, name: str | None = None
) -> LabelingFunction | Callable[[Vote], LabelingFunction]:
    """Turn a function from text to label into a rule, as a decorator with or without a name.

    Plain functions are rules too, under their own name; this is for lambdas and for better names.

    Examples
    --------
    >>> @labeling_function(name="many digits")
    ... def many_digits(text):
    ...     return "Business" if sum(map(str.isdigit, text)) > 4 else None
    >>> many_digits.name, many_digits("up 10,000 to 12,500")
    ('many digits', 'Business')
    """

    def wrap(function: Vote) -> LabelingFunction:
        return LabelingFunction(function, name or rule_name(function))

    return wrap if function is None else wrap(function)


def rule_name(rule: object) -> str:
    """Return the name of a rule: its own, or that of the function.

    Examples
    --------
    >>> rule_name(Rule("war", "World")), rule_name(str.title)
    ('war', 'title')
    """
    name = getattr(rule, "name", None) or getattr(rule, "__name__", None)
    return str(name or type(rule).__name__)


def unique_names(rules: Iterable[AnyRule]) -> tuple[str, ...]:
    """Return the names of the rules, in order.

    Raises
    ------
    DuplicatedRuleNameError
        If two rules share a name.
    """
    names = tuple(map(rule_name, rules))
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DuplicatedRuleNameError(
            f"More than one rule is called {', '.join(map(repr, repeated))}. "
            "Give each its own: Rule(query, label, name=...) or @labeling_function(name=...)."
        )
    return names
