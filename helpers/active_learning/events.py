"""What a listener hears: somebody answered a record, or changed the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

Key: TypeAlias = tuple[str, UUID, datetime]

CREATED, UPDATED = "response.created", "response.updated"
ANSWERED = frozenset({"submitted", "discarded"})
"""The states of a response that answer a record; a draft does not."""


@dataclass(frozen=True)
class ResponseEvent:
    """Somebody submitted a response, discarded the record, or did so otherwise than before.

    Attributes
    ----------
    type
        "response.created" or "response.updated".
    response_id
        The response; it keeps its id when it is changed.
    updated_at
        When, in the server's time.
    record_id
        The record's id as it was logged.
    user_id
        Who.
    status
        "submitted" or "discarded".
    answers
        What was answered, by question; empty for a discarded record.
    fields
        The record's texts.
    metadata
        The record's metadata.
    """

    type: str
    response_id: UUID
    updated_at: datetime
    record_id: str
    user_id: UUID
    status: str
    answers: Mapping[str, Any] = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> Key:
        """What tells this event from others.

        The id of a delivery does not: the server makes a new one for each attempt.
        """
        return self.type, self.response_id, self.updated_at


def event_of(response: Mapping[str, Any], record: Mapping[str, Any], user_id: str) -> ResponseEvent | None:
    """Return the event that led to a response as it is, None for a draft.

    Webhook and query tell it in the same words, so that it has the same key either way.
    """
    if response["status"] not in ANSWERED:
        return None
    return ResponseEvent(
        type=CREATED if response["inserted_at"] == response["updated_at"] else UPDATED,
        response_id=UUID(response["id"]),
        updated_at=datetime.fromisoformat(response["updated_at"]),
        record_id=record_id(record),
        user_id=UUID(user_id),
        status=response["status"],
        answers={name: answer["value"] for name, answer in (response["values"] or {}).items()},
        fields=record["fields"],
        metadata=record["metadata"] or {},
    )


def events_in(record: Mapping[str, Any]) -> Iterator[ResponseEvent]:
    """Return the events that led to the responses of a record."""
    for response in record["responses"]:
        if event := event_of(response, record, response["user_id"]):
            yield event


def record_id(record: Mapping[str, Any]) -> str:
    """Return the id with which a record was logged."""
    return str(record["external_id"] or record["id"])
