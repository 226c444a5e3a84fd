"""Argilla's records, as the documents of a `DatasetIndex`. Runs in the server's environment."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import apsw
from argilla_server.models import Dataset, Record, Response, Suggestion, Vector
from sqlalchemy.orm import selectinload

from helpers.argilla_local.dates import date_text
from helpers.argilla_local.index import DAMAGES, RESPONSE_STATUS, DatasetIndex, Document, Part
from helpers.argilla_local.mapping import Mapping, metadata_key, response_key, suggestion_key
from helpers.search import field_text

# What a document holds beside the record itself.
PARTS = (
    selectinload(Record.responses),
    selectinload(Record.suggestions).selectinload(Suggestion.question),
    selectinload(Record.vectors),
)

logger = logging.getLogger(__name__)


def mapping_of(dataset: Dataset) -> Mapping:
    """Return what the search engine shall know of a dataset: image fields are not searched."""
    mapping = Mapping(tuple(field.name for field in dataset.fields if not field.is_image))
    for metadata_property in dataset.metadata_properties:
        mapping = mapping.with_metadata(metadata_property.name, metadata_property.type.value)
    for question in dataset.questions:
        mapping = mapping.with_question(question.name, question.type.value)
    return mapping


def put(index: DatasetIndex, records: Sequence[Record]) -> int:
    """Add records to an index, or replace them whole, and return how many of them it cannot take.

    Such a record, of which an older version of this program did not see that it could not be stored, is left
    out, and named in the log.
    """
    try:
        index.put(document(record, index.mapping) for record in records)
    except Exception as error:
        # A fault of the index is none of the records'.
        if isinstance(error, (apsw.Error, *DAMAGES)) and not isinstance(error, apsw.TooBigError):
            raise
        if len(records) > 1:
            return sum(put(index, [record]) for record in records)
        [record] = records
        index.delete([record.id])
        logger.error(
            "The search index cannot take the record %s of the dataset %s (%s: %s): no search finds it. "
            "Delete it, or change what is wrong with it.",
            record.id,
            record.dataset_id,
            type(error).__name__,
            error,
        )
        return 1
    return 0


def document(record: Record, mapping: Mapping) -> Document:
    """Return a record with all that belongs to it."""
    metadata = record.metadata_ or {}
    return Document(
        columns={name: column(getattr(record, name)) for name in DatasetIndex.COLUMNS},
        texts=[field_text(record.fields.get(name)) for name in mapping.fields],
        metadata=[
            pair for name, value in metadata.items() for pair in _values(mapping, metadata_key(name), value)
        ],
        parts=[
            *(suggestion_part(suggestion, mapping) for suggestion in record.suggestions),
            *(response_part(response, mapping) for response in record.responses),
        ],
        vectors={vector.vector_settings_id: (_version(vector), vector.value) for vector in record.vectors},
    )


def suggestion_part(suggestion: Suggestion, mapping: Mapping) -> Part:
    """Return a suggestion as a part of its record."""
    name = suggestion.question.name
    values = [
        pair
        for part in ("value", "score", "agent", "type")
        for pair in _values(mapping, suggestion_key(name, part), getattr(suggestion, part))
    ]
    return Part(suggestion.question.id, _version(suggestion), values)


def response_part(response: Response, mapping: Mapping) -> Part:
    """Return a response as a part of its record."""
    answers = [
        pair
        for question, answer in (response.values or {}).items()
        for pair in _values(mapping, response_key(question), answer.get("value"))
    ]
    status = (RESPONSE_STATUS, str(column(response.status)))
    return Part(response.user_id, _version(response), [status, *answers])


def column(value: Any) -> str | None:
    """Write a property of a record as text: dates in UTC, enums by their values."""
    if isinstance(value, datetime):
        return date_text(value)
    return None if value is None else str(value.value if isinstance(value, Enum) else value)


def _version(part: Response | Suggestion | Vector) -> str:
    return column(part.updated_at) or ""


def _values(mapping: Mapping, key: str, value: Any) -> Iterator[tuple[str, str | float]]:
    """Yield what can be filtered by: a list counts by its elements."""
    type = mapping.types.get(key)
    if type is None:
        return
    for item in value if isinstance(value, list) else [value]:
        kept = None if item is None else type.stored(item)
        if kept is not None:
            yield key, kept
