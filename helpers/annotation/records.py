"""Log records: new ones with all they have, those that are there with what was changed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from helpers.annotation.errors import DuplicatedRecordIdError, RecordRefusedError
from helpers.annotation.metadata import record_metadata
from helpers.annotation.updates import update_records

if TYPE_CHECKING:
    import argilla as rg

BATCH_SIZE = 250


def log_records(dataset: rg.Dataset, records: Iterable[rg.Record], *, batch_size: int = BATCH_SIZE) -> None:
    """Send records to the server in batches, with a progress bar.

    A record whose id is there already is updated, so that doing it again adds nothing twice. What others have
    added or answered meanwhile stays:

    * A response is sent only where its user has none on the record. One that is there, be it a draft, is
      never changed, and one that was read from the server is never sent back.
    * Metadata and fields are merged: a key that a record does not name stays as it is.
    * Of a record that was read from this dataset only that is sent in which it differs from what was read: a
      value that was set, a key that was taken away, a suggestion or response that was added. (A list that was
      changed in place is not seen: set a new one.) If it was deleted meanwhile, it stays deleted.

    Metadata may be NumPy's, and whatever stands for no value is left out.

    Raises
    ------
    RecordRefusedError
        If Argilla does not take a record, which is named. Where that can be seen here (metadata that are no
        text or finite number, fields of a wrong type), nothing has been sent.
    AnsweredRecordError
        If a record is there with an answer, and with another text: the answer would be one to a question that
        nobody was asked. What was sent before it stays.
    DuplicatedRecordIdError
        If two records share an id: the second would silently replace the first.
    NotPermittedError
        If the key may not write to the dataset.

    Warns
    -----
    RecordsGoneWarning
        If records that were read from this dataset have been deleted since.
    """
    from tqdm.auto import tqdm

    records = list(records)
    repeated = [each for each, count in Counter(str(record.id) for record in records).items() if count > 1]
    if repeated:
        raise DuplicatedRecordIdError(f"More than one record has the id {repeated[0]!r}. Give each its own.")
    changes = _changes(dataset, records)
    with tqdm(total=len(records), unit="record", desc=f"Logging to {dataset.name}") as bar:
        for start in range(0, len(changes), batch_size):
            batch = changes[start : start + batch_size]
            update_records(dataset, batch)
            bar.update(len(batch))


def is_from(dataset: rg.Dataset, record: rg.Record) -> bool:
    """Tell whether a record was read from this dataset, rather than made here or read from another one."""
    own = record.dataset
    return record._server_id is not None and own is not None and own.id == dataset.id


def _changes(dataset: rg.Dataset, records: Sequence[rg.Record]) -> list[dict[str, Any]]:
    changes, refused = [], []
    for record in records:
        try:
            changes.append(_change(dataset, record))
        except ValueError as error:
            refused.append(f"{record.id!r} ({error})")
    if refused:
        raise RecordRefusedError(
            f"Argilla does not take {len(refused)} of {len(records)} records, and nothing was sent: "
            f"{'; '.join(refused[:5])}{'; ...' if len(refused) > 5 else ''}. Correct them, or leave them out."
        )
    return changes


def _change(dataset: rg.Dataset, record: rg.Record) -> dict[str, Any]:
    """Return what a record brings, as `update_records` takes it.

    Raises
    ------
    ValueError
        If Argilla does not take its metadata or a field.
    """
    if not str(record.id).encode():  # raises for half a character
        raise ValueError("the id is empty, for which Argilla makes one of its own each time")
    _check_texts(dataset, record)
    is_read = is_from(dataset, record)
    with _belonging_to(dataset, record):
        item = record.api_model().model_dump()
    brought = {
        "fields": item["fields"] or {},
        "metadata": record_metadata(dataset, record.metadata),
        **{part: item[part] for part in ("suggestions", "vectors", "responses")},
    }
    if is_read:
        return {"id": item["id"], **_changed(record, brought)}
    return {"external_id": item["external_id"], **brought}


def _check_texts(dataset: rg.Dataset, record: rg.Record) -> None:
    import argilla as rg

    for field in dataset.fields:
        value = record.fields.get(field.name)
        if isinstance(field, rg.TextField) and not isinstance(value, str | None):
            raise ValueError(f"its field {field.name!r}: {value!r} is no text")


def _changed(record: rg.Record, brought: dict[str, Any]) -> dict[str, Any]:
    """Return that in which a record differs from what was read from the server."""
    read = record._model
    before = read.model_dump(include={"fields", "metadata", "vectors"})
    known = {id(suggestion) for suggestion in read.suggestions}
    answered = {str(response.user_id) for response in read.responses}
    return {
        **{part: _differing(brought[part], before[part] or {}) for part in ("fields", "metadata", "vectors")},
        "suggestions": [
            item
            for item, suggestion in zip(brought["suggestions"], record.suggestions, strict=True)
            if id(suggestion._model) not in known
        ],
        "responses": [item for item in brought["responses"] if item["user_id"] not in answered],
    }


def _differing(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the keys that were set, and those that were taken away as None."""
    changed = {key: value for key, value in now.items() if key not in before or before[key] != value}
    return {**changed, **dict.fromkeys(before.keys() - now.keys())}


@contextmanager
def _belonging_to(dataset: rg.Dataset, record: rg.Record) -> Iterator[None]:
    """Let a record know the dataset's questions; one that was read from another one goes on to know that."""
    own = record.dataset
    record.dataset = dataset
    try:
        yield
    finally:
        record.dataset = dataset if record._server_id is None else own
