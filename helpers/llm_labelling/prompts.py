"""The prompt: distilabel's ArgillaLabeller, told the form of the answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel

from helpers.annotation import submitted
from helpers.errors import ValuesError
from helpers.llm_labelling.errors import ExampleError, UnknownLabelError
from helpers.llm_labelling.quiet_distilabel import LLM, ArgillaLabeller
from helpers.values import as_texts

if TYPE_CHECKING:
    import argilla as rg

Example: TypeAlias = "rg.Record | Mapping[str, Any]"
"""A record with a submitted response to the question, or what `example` returns."""

NAME = "labeller"

# ArgillaLabeller's own prompt leaves the form to constrained decoding, which few back ends have.
ANSWER_FORM = 'Answer with nothing but {"label": "..."}, holding one of the optional labels.'

# Many models fence JSON as Markdown code, whatever they are told.
_FENCED = re.compile(r"\s*```(?:json)?(.*)```\s*", re.DOTALL | re.IGNORECASE)


def example(text: str, label: str, *, field: str = "text", question: str = "label") -> Mapping[str, Any]:
    """Return a text and its label as an example for the prompt.

    Examples
    --------
    >>> example("Broke on day two.", "negative")
    {'fields': {'text': 'Broke on day two.'}, 'responses': {'label': [{'value': 'negative'}]}}
    """
    return {"fields": {field: text}, "responses": {question: [{"value": label}]}}


@dataclass(frozen=True)
class LabelingTask:
    """What a model is asked about each record.

    Attributes
    ----------
    labels
        The labels to choose from, each once.
    guidelines
        What the prompt says about them.
    field
        The field that is shown.
    question
        The question to answer.

    Raises
    ------
    ValuesError
        If a label is no text or is there twice, or there is none.
    """

    labels: tuple[str, ...]
    guidelines: str | None = None
    field: str = "text"
    question: str = "label"

    def __post_init__(self) -> None:
        labels = tuple(as_texts(self.labels, "labels"))
        if not labels or len(set(labels)) < len(labels):
            raise ValuesError(f"The labels are {list(labels)}: give one at least, and each once.")
        object.__setattr__(self, "labels", labels)

    @classmethod
    def of(cls, dataset: rg.Dataset, *, field: str = "text", question: str | None = None) -> LabelingTask:
        """Return the task that a dataset's label question and guidelines set.

        Raises
        ------
        QuestionNotFoundError
            If the dataset has no such label question, or several to choose from.
        """
        from helpers.annotation import label_question

        asked = label_question(dataset, question)
        return cls(tuple(asked.labels), dataset.guidelines, field, asked.name)


class _Answer(BaseModel):
    label: str


class FenceTolerantLabeller(ArgillaLabeller):  # type: ignore[misc]
    """ArgillaLabeller that also reads an answer in a Markdown code fence."""

    def format_output(self, output: str | None, input: dict[str, Any]) -> dict[str, Any]:
        """Turn an answer into a suggestion, or raise as distilabel has it where the form is wrong."""
        fenced = _FENCED.fullmatch(output or "")
        suggestion: dict[str, Any] = super().format_output(fenced[1] if fenced else output, input)
        return suggestion

    def _get_pydantic_model_of_structured_output(self, question: Mapping[str, Any]) -> type[BaseModel]:
        # distilabel defines such a class anew for each example of each prompt, which takes longer than all
        # the rest: 20 of 22 s for 400 prompts with 24 examples.
        return _Answer


def make_labeller(llm: LLM, task: LabelingTask, examples: Sequence[Example] = ()) -> ArgillaLabeller:
    """Return ArgillaLabeller, ready to process records.

    Parameters
    ----------
    llm
        Whom to ask.
    task
        What to ask.
    examples
        Records with a submitted response, shown in the prompt in this order.

    Raises
    ------
    ExampleError
        An example has no submitted response to the question, or no text.
    UnknownLabelError
        The label of an example is not one of the task's.
    """
    # It reports each answer that does not parse; those are counted and listed in the end.
    logging.getLogger("distilabel").setLevel(logging.ERROR)
    shown = [_as_dict(each, task.question) for each in examples]
    for each in shown:
        if not each["responses"].get(task.question):
            raise ExampleError(
                f"The example {each['fields']} has no submitted response to {task.question!r}: take records"
                " that are reviewed."
            )
        if problem := why_no_text(each, task.field):
            raise ExampleError(f"An example cannot be shown: {problem}.")
        if (label := each["responses"][task.question][0]["value"]) not in task.labels:
            raise UnknownLabelError(
                f"The example {each['fields']} is labeled {label!r}, which is not one of {list(task.labels)}."
            )
    options = [{"value": label} for label in task.labels]
    labeller = FenceTolerantLabeller(
        name=NAME,
        llm=llm,
        question={"name": task.question, "settings": {"type": "label_selection", "options": options}},
        fields=[{"name": task.field}],
        example_records=shown or None,
        guidelines=task.guidelines,
    )
    labeller.system_prompt += ANSWER_FORM
    labeller.load()
    return labeller


def why_no_text(record: Mapping[str, Any], field: str) -> str | None:
    """Say why a record has no text to ask about; None where it has one.

    Examples
    --------
    >>> why_no_text({"fields": {"text": None}}, "text"), why_no_text({"fields": {"text": ""}}, "text")
    ("the field 'text' holds None, which is no text", None)
    """
    fields = record.get("fields") or {}
    if field not in fields:
        return f"there is no field {field!r}, only {list(fields)}"
    if not isinstance(fields[field], str):
        return f"the field {field!r} holds {fields[field]!r:.200}, which is no text"
    return None


def _as_dict(each: Example, question: str) -> dict[str, Any]:
    """Return an example as ArgillaLabeller takes it, without drafts and answers that were discarded."""
    if isinstance(each, Mapping):
        return dict(each)
    values = submitted(each.responses[question])
    return {"fields": each.fields.to_dict(), "responses": {question: [{"value": value} for value in values]}}


def as_text(messages: Sequence[Mapping[str, str]]) -> str:
    """Return a prompt as people read it.

    Examples
    --------
    >>> print(as_text([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]))
    [system]
    Be brief.
    <BLANKLINE>
    [user]
    Hello
    """
    return "\n\n".join(f"[{each['role']}]\n{each['content'].strip()}" for each in messages)
