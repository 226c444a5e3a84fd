"""Records labeled by a language model, as suggestions in Argilla."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.annotation import DuplicatedRecordIdError
from helpers.data.encoder import whole_characters
from helpers.errors import ValuesError
from helpers.llm_labelling.backends import is_stand_in
from helpers.llm_labelling.prompts import NAME, Example, LabelingTask, make_labeller, why_no_text
from helpers.llm_labelling.scores import label_score
from helpers.values import is_missing

if TYPE_CHECKING:
    import argilla as rg

    from helpers.llm_labelling.cached_llm import CachedLLM


@dataclass(frozen=True)
class Labeling:
    """What a language model said about records.

    Attributes
    ----------
    agent
        The model's name.
    is_stand_in
        Whether that is no language model but the encoder in place of one.
    suggestions
        One row a record with a suggestion: columns ``label`` and ``score`` (NaN where it cannot be had). The
        index is the records' ids.
    problems
        One row a record without a suggestion: columns ``problem`` and ``answer`` (or why there is none). A
        problem is ``"unparsable"`` (the answer is not JSON of the right form), ``"outside the schema"`` (it
        names another label), ``"unanswered"`` or ``"no text"`` (the record was not asked about, since its
        field is missing or holds no text). The index is the records' ids.
    seconds
        How long it took.
    n_asked, n_cached
        How many different prompts the model answered now, and how many it had answered before.
    input_tokens, output_tokens
        What was asked and answered now.
    """

    agent: str
    is_stand_in: bool
    suggestions: pd.DataFrame
    problems: pd.DataFrame
    seconds: float
    n_asked: int
    n_cached: int
    input_tokens: int
    output_tokens: int

    @property
    def n_unparsable(self) -> int:
        """How many answers did not parse or named a label outside the schema."""
        return int(self.problems["problem"].isin(["unparsable", "outside the schema"]).sum())

    def __str__(self) -> str:
        counts = "".join(f", {n} {name}" for name, n in self.problems["problem"].value_counts().items())
        return (
            f"{self.agent}: {len(self.suggestions)} suggestions{counts}; {self.n_asked} prompts asked,"
            f" {self.n_cached} answered before."
        )


def label_records(
    llm: CachedLLM,
    records: Sequence[rg.Record | dict[str, Any]],
    task: LabelingTask,
    *,
    examples: Sequence[Example] = (),
) -> Labeling:
    """Ask a language model for each record's label, through distilabel's ArgillaLabeller.

    Whatever is wrong with one record or answer, the others go on. Run it again to ask for what is missing:
    what was answered comes from the cache.

    Parameters
    ----------
    llm
        What :func:`~helpers.llm_labelling.backends.load_llm` returned.
    records
        Records with ids, from a dataset or not logged yet; or dicts of ``id`` and ``fields``.
    task
        What to ask, such as ``LabelingTask.of(dataset)``.
    examples
        Records with a submitted response to the question, or what
        :func:`~helpers.llm_labelling.prompts.example` returns, shown in each prompt in this order.

    Raises
    ------
    LlmRefusedError
        The endpoint refuses every request.
    ExampleError, UnknownLabelError
        An example has no submitted response to the question, no text, or a label that is not the task's.
    DuplicatedRecordIdError
        Two records share an id.
    ValuesError
        A record has no id, or is none.
    """
    labeller = make_labeller(llm, task, examples)
    asked, cached = llm.n_asked, llm.n_cached
    tokens = llm.input_tokens, llm.output_tokens
    start = time.perf_counter()
    asked_for = _by_id(records)
    without_text = {name: why for name, each in asked_for.items() if (why := why_no_text(each, task.field))}
    shown = [{"record": each} for name, each in asked_for.items() if name not in without_text]
    rows = iter(next(labeller.process(shown)) if shown else [])
    seconds = time.perf_counter() - start

    suggestions, problems = {}, {}
    for name in asked_for:
        if name in without_text:
            problems[name] = ("no text", without_text[name])
            continue
        row = next(rows)
        metadata = row["distilabel_metadata"]
        answer, failure = metadata[f"raw_output_{NAME}"], llm.failure(metadata[f"raw_input_{NAME}"])
        if failure is not None:
            problems[name] = ("unanswered", failure)
        elif row["suggestion"] is None:
            # A table takes no half characters.
            problems[name] = ("unparsable", answer and whole_characters(answer))
        elif row["suggestion"]["value"] not in task.labels:
            problems[name] = ("outside the schema", whole_characters(answer))
        else:
            label = row["suggestion"]["value"]
            suggestions[name] = (label, label_score(answer, label, row.get(f"llm_{NAME}_logprobs")))
    return Labeling(
        agent=llm.model_name,
        is_stand_in=is_stand_in(llm),
        suggestions=_table(suggestions, ["label", "score"]).astype({"score": float}),
        problems=_table(problems, ["problem", "answer"]),
        seconds=seconds,
        n_asked=llm.n_asked - asked,
        n_cached=llm.n_cached - cached,
        input_tokens=llm.input_tokens - tokens[0],
        output_tokens=llm.output_tokens - tokens[1],
    )


def log_suggestions(dataset: rg.Dataset, records: Sequence[rg.Record], labeling: Labeling) -> None:
    """Send the suggestions to the server, with the model as agent, and nothing else.

    Whatever others have answered or changed since the records were read stays; so do the suggestions to other
    questions.

    Parameters
    ----------
    dataset
        The dataset, with one label question.
    records
        The records that were labeled; those without a suggestion are left as they are.
    labeling
        What :func:`label_records` returned.

    Raises
    ------
    QuestionNotFoundError
        If the dataset has no label question, or several.
    NotPermittedError
        If the key may not write to the dataset.

    Warns
    -----
    RecordsGoneWarning
        If records have been deleted since they were read.
    """
    import argilla as rg

    from helpers.annotation import label_question, log_records, update_records
    from helpers.annotation.agents import agent_name
    from helpers.annotation.records import is_from

    question, agent = label_question(dataset), agent_name(labeling.agent)
    new, changes = [], []
    for record in records:
        if str(record.id) not in labeling.suggestions.index:
            continue
        label, score = labeling.suggestions.loc[str(record.id), ["label", "score"]]
        suggestion = {"score": None if pd.isna(score) else float(score), "agent": agent, "type": "model"}
        if is_from(dataset, record):
            suggestion |= {"question_id": str(question.id), "value": label}
            changes.append({"id": str(record._server_id), "suggestions": [suggestion]})
        else:
            record.suggestions.add(rg.Suggestion(question.name, label, **suggestion))
            new.append(record)
    log_records(dataset, new)
    update_records(dataset, changes)


def _by_id(records: Sequence[rg.Record | dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    shown = []
    for position, each in enumerate(records):
        if not isinstance(each, Mapping) and not hasattr(each, "to_dict"):
            raise ValuesError(
                f"At position {position} stands {each!r:.200}, which is no record. Give records, or "
                '{"id": ..., "fields": {"text": ...}}.'
            )
        shown.append(each if isinstance(each, Mapping) else each.to_dict())
    for position, each in enumerate(shown):
        if is_missing(each.get("id")):
            raise ValuesError(f"The record at position {position} has no id: {each!r:.200}. Give it one.")
    names = [str(each["id"]) for each in shown]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DuplicatedRecordIdError(
            f"More than one record has the id {repeated[0]!r}, so that their labels could not be told apart. "
            "Give each its own."
        )
    return dict(zip(names, shown, strict=True))


def _table(rows: dict[str, Any], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")
