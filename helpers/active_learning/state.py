"""What Argilla knows of an active-learning run: the only place where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from helpers.active_learning.errors import SettingError, UnknownLabelError
from helpers.active_learning.events import ANSWERED, record_id
from helpers.active_learning.server import list_records
from helpers.annotation import MODEL_USERNAME, most_given, permitted

if TYPE_CHECKING:
    import argilla as rg

BATCH = "active_learning_batch"
"""Metadata: the number of the batch with which a record was asked about."""

AUDIT = "active_learning_audit"
"""Metadata: the prediction that would have been taken, had the record not been drawn as a check."""

AUTO_ACCEPTED = "auto-accepted"
"""The agent of suggestions that were taken without a person."""


@dataclass(frozen=True)
class RecordState:
    """A record, and what was said about it.

    Attributes
    ----------
    id
        As it was logged.
    server_id
        The server's own.
    text
        The text to label.
    answers
        The label by each person's user id; None for a person who discarded the record.
    accepted
        The label that was taken without a person, if one was.
    is_suggested
        Whether another label is suggested: by another agent, or with the batch.
    metadata
        The record's metadata.
    """

    id: str
    server_id: str
    text: str
    answers: Mapping[str, str | None] = field(default_factory=dict)
    accepted: str | None = None
    is_suggested: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def batch(self) -> int | None:
        """With which batch it was asked about."""
        return self.metadata.get(BATCH)

    @property
    def audit(self) -> str | None:
        """The prediction that it checks, if it was drawn as a check."""
        return self.metadata.get(AUDIT)

    @property
    def label(self) -> str | None:
        """The label that most persons gave; None without a label, or where there is a tie.

        Examples
        --------
        >>> RecordState("n0", "", "", {"ann": "World", "bob": None}).label
        'World'
        >>> RecordState("n0", "", "", {"ann": "World", "bob": "Sports"}).label is None
        True
        """
        return most_given(label for label in self.answers.values() if label is not None)

    @property
    def is_answered(self) -> bool:
        """Whether a person labeled or discarded it."""
        return bool(self.answers)

    @property
    def is_discarded(self) -> bool:
        """Whether persons discarded it, and none labeled it."""
        return self.is_answered and not any(self.answers.values())

    @property
    def is_disputed(self) -> bool:
        """Whether as many persons gave one label as gave another."""
        return self.is_answered and not self.is_discarded and self.label is None


@dataclass(frozen=True)
class State:
    """All records of a dataset at one moment, in the order in which they were logged."""

    records: tuple[RecordState, ...]

    @cached_property
    def labeled(self) -> list[RecordState]:
        """Those with a person's label: what is learned from."""
        return [record for record in self.records if record.label is not None]

    @cached_property
    def accepted(self) -> list[RecordState]:
        """Those whose label was taken without a person, and that no person has answered since."""
        return [record for record in self.records if record.accepted and not record.is_answered]

    @cached_property
    def pool(self) -> list[RecordState]:
        """Those that may still be asked about, checks aside."""
        return [record for record in self._open if record.audit is None]

    @cached_property
    def unasked_audits(self) -> list[RecordState]:
        """The checks that nobody was asked about yet."""
        return [record for record in self._open if record.audit is not None]

    @cached_property
    def audited(self) -> list[RecordState]:
        """The checks that a person labeled."""
        return [record for record in self.labeled if record.audit is not None]

    @cached_property
    def is_open(self) -> bool:
        """Whether there is anything left to ask about."""
        return bool(self._open)

    @cached_property
    def last_batch(self) -> int | None:
        """The number of the last batch, None before the first."""
        return max((record.batch for record in self.records if record.batch is not None), default=None)

    def batch(self, number: int) -> list[RecordState]:
        """Return the records of a batch."""
        return [record for record in self.records if record.batch == number]

    def waiting(self, number: int) -> list[RecordState]:
        """Return the records of a batch that no person has labeled or discarded."""
        return [record for record in self.batch(number) if not record.is_answered]

    @cached_property
    def _open(self) -> list[RecordState]:
        return [
            record
            for record in self.records
            if record.batch is None and not record.is_answered and record.accepted is None
        ]


def read_state(
    dataset: rg.Dataset, question: rg.LabelQuestion, text_field: str, former_model: str | None = None
) -> State:
    """Read the state from the server; one that is starting again is waited for.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    question
        The question that is answered.
    text_field
        The field with the text.
    former_model
        What `find_former_model` returns.

    Raises
    ------
    UnknownLabelError
        If an answer is not one of the question's labels.
    SettingError
        If other values than the loop's stand in its metadata.
    DatasetDeletedError, NotPermittedError, ServerGoneError
        If the dataset cannot be read.
    """
    raw = list_records(dataset, "responses", "suggestions", patient=True)
    state = State(tuple(_record(each, question, text_field, former_model) for each in raw))
    _refuse_foreign_metadata(dataset, state, question.labels)
    return state


def find_former_model(dataset: rg.Dataset) -> str | None:
    """Return the id of the user in whose name an earlier version took predictions, None without one.

    Raises
    ------
    NotPermittedError
        If the key is an annotator's.
    """
    path = f"/api/v1/workspaces/{dataset.workspace.id}/users"
    with permitted(dataset):
        users = dataset._client.http_client.get(path).raise_for_status().json()["items"]
    return next((user["id"] for user in users if user["username"] == MODEL_USERNAME), None)


def _record(
    raw: Mapping[str, Any], question: rg.LabelQuestion, text_field: str, former_model: str | None
) -> RecordState:
    given: dict[str, str | None] = {}
    for response in raw["responses"]:
        if response["status"] in ANSWERED:
            # A record may be discarded with an answer; it is no label then. One that is submitted may answer
            # other questions only.
            answers = response["values"] if response["status"] == "submitted" else {}
            given[response["user_id"]] = answers[question.name]["value"] if question.name in answers else None
    for label in given.values():
        if label is not None and label not in question.labels:
            raise UnknownLabelError(
                f"The record {record_id(raw)!r} is labeled {label!r}, which is not one of {question.labels}. "
                "Correct it in the web UI."
            )
    accepted = None if former_model is None else given.pop(former_model, None)
    # A record has one suggestion to a question at most.
    suggestion = next((each for each in raw["suggestions"] if each["question_id"] == str(question.id)), None)
    if suggestion is not None and suggestion["agent"] == AUTO_ACCEPTED:
        accepted = accepted or suggestion["value"]
    return RecordState(
        id=record_id(raw),
        server_id=raw["id"],
        text=raw["fields"].get(text_field) or "",
        answers=given,
        accepted=accepted,
        is_suggested=suggestion is not None and suggestion["agent"] != AUTO_ACCEPTED,
        metadata=raw["metadata"] or {},
    )


def _refuse_foreign_metadata(dataset: rg.Dataset, state: State, labels: Sequence[str]) -> None:
    for record in state.records:
        wrong = None
        if record.batch is not None and (type(record.batch) is not int or record.batch < 0):
            wrong = BATCH
        elif record.audit is not None and record.audit not in labels:
            wrong = AUDIT
        if wrong is not None:
            raise SettingError(
                f"The record {record.id!r} of the dataset {dataset.name!r} has {record.metadata[wrong]!r} as "
                f"metadata {wrong!r}, which the loop has not written. It keeps its own state under this "
                "name: log yours under another."
            )
    asked = [record for record in state.records if record.batch is not None]
    # Those of the first batch may have been deleted since; the ones after it are there because of answers.
    if asked and not state.batch(0) and not any(record.is_answered for record in asked):
        raise SettingError(
            f"The metadata {BATCH!r} of the dataset {dataset.name!r} begin with another number than 0, so "
            "they are not the loop's. It keeps its own state under this name: log yours under another."
        )
