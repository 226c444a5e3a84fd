"""What the loop writes: its own metadata and suggestions, whatever others have changed since it read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.active_learning.server import patient_request, read_records
from helpers.active_learning.state import RecordState, suggested_by

if TYPE_CHECKING:
    import argilla as rg

CHUNK = 250
"""Records a request."""


@dataclass(frozen=True)
class Change:
    """What is to change in a record.

    Attributes
    ----------
    record
        The record as it was read.
    metadata
        The properties to set; the others stay.
    suggestion
        The value, score and agent of a suggestion; None for none.
    """

    record: RecordState
    metadata: Mapping[str, Any] = field(default_factory=dict)
    suggestion: Mapping[str, Any] | None = None


def write(dataset: rg.Dataset, question: rg.LabelQuestion, changes: Sequence[Change]) -> None:
    """Write changes, chunk by chunk, each at once or not at all.

    The server replaces all metadata of a record, and the suggestion of any agent. So each chunk is read again
    right before it is written: what others have set meanwhile goes along, and a suggestion that is there
    stays. Records that somebody has deleted are left out.

    Raises
    ------
    RefusedError
        If the server does not take them.
    DatasetDeletedError, NotPermittedError, ServerGoneError
        As `patient_request`.
    """
    for start in range(0, len(changes), CHUNK):
        chunk = changes[start : start + CHUNK]
        now = read_records(dataset, {each.record.server_id: each.record.id for each in chunk})
        items = [
            item
            for each in chunk
            if each.record.server_id in now and (item := _item(now[each.record.server_id], each, question))
        ]
        if items:
            patient_request(dataset, "PUT", "/records/bulk", json={"items": items})


def _item(now: Mapping[str, Any], change: Change, question: rg.LabelQuestion) -> dict[str, Any]:
    # What is not named stays as it is.
    item: dict[str, Any] = {}
    if change.metadata:
        item["metadata"] = {**(now["metadata"] or {}), **change.metadata}
    if change.suggestion is not None and suggested_by(now, question) is None:
        item["suggestions"] = [{"question_id": str(question.id), **change.suggestion}]
    return {"id": now["id"], **item} if item else {}
