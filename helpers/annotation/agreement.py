"""What people have answered, where several of them agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from helpers.annotation.errors import QuestionNotFoundError, UnsupportedQuestionError
from helpers.annotation.lookup import records_by_id

if TYPE_CHECKING:
    import argilla as rg

Value = TypeVar("Value", bound=Hashable)


def most_given(values: Iterable[Value]) -> Value | None:
    """Return the value that occurs most often; None without a value, or where there is a tie.

    Examples
    --------
    >>> most_given(["World", "Sports", "World"])
    'World'
    >>> most_given(["World", "Sports"]) is most_given([]) is None
    True
    """
    counts = Counter(values).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def submitted(responses: Iterable[rg.Response]) -> list[Any]:
    """Return the values of the responses that were submitted: no drafts, nothing discarded."""
    return [response.value for response in responses if response.status == "submitted"]


def agreed_answers(dataset: rg.Dataset, ids: Iterable[str], question: str) -> dict[str, Any]:
    """Return the answer that most people gave to each record, by its id.

    Parameters
    ----------
    dataset
        The dataset.
    ids
        The records to look at, by their ids as logged.
    question
        The name of a question with one answer, such as a label.

    Returns
    -------
    dict
        Without the records that nobody has answered, and those where there is a tie.

    Raises
    ------
    QuestionNotFoundError
        If the dataset has no question of this name.
    UnsupportedQuestionError
        If its answers have several values, as several labels, a ranking or spans.
    """
    import argilla as rg

    names = [each.name for each in dataset.questions]
    if question not in names:
        raise QuestionNotFoundError(
            f"The dataset {dataset.name!r} has no question {question!r}, only {names}."
        )
    asked = dataset.questions[question]
    several = rg.MultiLabelQuestion | rg.RankingQuestion | rg.SpanQuestion
    if isinstance(asked, several):
        raise UnsupportedQuestionError(
            f"An answer to {question!r}, a {type(asked).__name__}, has several values, which are not "
            "compared."
        )
    agreed = {
        record.id: most_given(submitted(record.responses[question])) for record in records_by_id(dataset, ids)
    }
    return {id: answer for id, answer in agreed.items() if answer is not None}
