"""Storing many records at once.

Replaces ``CreateRecordsBulk`` and ``UpsertRecordsBulk`` (argilla_server/bulk/records_bulk.py). The stock
ones send new records through SQLAlchemy's unit of work, write suggestions, vectors and responses in
statements that are compiled anew for each request, and then read everything back twice: to count a record's
responses, and for the search engine. Here new records and all that belongs to them are inserted table by
table, and only what belongs to records that were there before is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from argilla_server.api.schemas.v1.records import RecordCreate, RecordUpsert
from argilla_server.api.schemas.v1.records_bulk import (
    RecordsBulk,
    RecordsBulkCreate,
    RecordsBulkUpsert,
    RecordsBulkWithUpdatedItemIds,
)
from argilla_server.bulk import records_bulk
from argilla_server.contexts import accounts, distribution
from argilla_server.enums import RecordStatus, ResponseStatus
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.models import Dataset, Record, Response, Suggestion, User, Vector
from argilla_server.models.database import DatasetUser
from argilla_server.validators.records import RecordsBulkCreateValidator, RecordUpsertValidator
from argilla_server.webhooks.v1.enums import RecordEvent
from argilla_server.webhooks.v1.records import notify_record_event
from fastapi.encoders import jsonable_encoder
from sqlalchemy import insert, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from helpers.argilla_local.faster.events import heard_events
from helpers.argilla_local.faster.patching import replace
from helpers.argilla_local.rereading import turn

Model = TypeVar("Model", Record, Suggestion, Vector, Response)
Row = dict[str, Any]


def install() -> None:
    """Put our class in place of both stock ones."""
    replace(records_bulk.CreateRecordsBulk, RecordsBulkWriter)
    replace(records_bulk.UpsertRecordsBulk, RecordsBulkWriter)


class RecordsBulkWriter(records_bulk.UpsertRecordsBulk):  # type: ignore[misc]  # argilla_server is not installed here
    """Stores the records of one request."""

    async def create_records_bulk(self, dataset: Dataset, bulk_create: RecordsBulkCreate) -> RecordsBulk:
        """Add records to a dataset: all, or none where one is invalid."""
        await RecordsBulkCreateValidator.validate(self._db, bulk_create, dataset)
        records = await self._insert(dataset, bulk_create.items)
        async with turn(dataset):
            await self._db.commit()
            await self._search_engine.index_records(dataset, records)
        await self._notify((RecordEvent.created, record) for record in records)
        return RecordsBulk(items=records)

    async def upsert_records_bulk(
        self, dataset: Dataset, bulk_upsert: RecordsBulkUpsert, raise_on_error: bool = True
    ) -> RecordsBulkWithUpdatedItemIds:
        """Add records, or change them where their id is known: all, or without the invalid ones."""
        found = await self._fetch_existing_dataset_records(dataset, bulk_upsert.items)
        valid: list[tuple[Record | None, RecordUpsert]] = []
        for position, item in enumerate(bulk_upsert.items):
            record = found.get(item.id) or found.get(item.external_id)
            try:
                await RecordUpsertValidator.validate(item, dataset, record)
            except Exception as error:
                if raise_on_error:
                    raise UnprocessableEntityError(
                        f"Record at position {position} is not valid because {error}"
                    ) from error
                continue
            if record is not None:
                self._change(record, item)
            valid.append((record, item))
        changes = [(record, item) for record, item in valid if record is not None]
        changed = {record for record, _ in changes}
        await self._update([record for record, _ in changes], [item for _, item in changes])
        created = iter(await self._insert(dataset, [item for record, item in valid if record is None]))
        records = [record or next(created) for record, _ in valid]
        async with turn(dataset):
            # Nobody changes the database before we commit, nor the index before we have written to it.
            deleted = changed - await self._reload(changed)
            await self._db.commit()
            await self._search_engine.index_records(
                dataset, [record for record in records if record not in deleted]
            )
        # A new record that is complete at once counts as updated, as its status changed after it was added.
        await self._notify(
            (RecordEvent.created if record.inserted_at == record.updated_at else RecordEvent.updated, record)
            for record in records
        )
        return RecordsBulkWithUpdatedItemIds(
            items=records, updated_item_ids=[record.id for record in found.values()]
        )

    def _change(self, record: Record, item: RecordUpsert) -> None:
        if item.is_set("metadata"):
            record.metadata_ = item.metadata
        if item.is_set("fields"):
            record.fields = jsonable_encoder(item.fields)
        if self._db.is_modified(record):
            record.updated_at = datetime.utcnow()

    async def _update(self, records: Sequence[Record], items: Sequence[RecordUpsert]) -> None:
        if records:
            self._db.add_all(records)
            await self._db.flush(records)
            await self._upsert_records_relationships(records, items)
            await distribution.unsafe_update_records_status(self._db, records)

    async def _reload(self, records: Collection[Record]) -> set[Record]:
        """Read records again, with all that belongs to them, and return those that are still there.

        One may have been answered since. The stock ``_preload_records_relationships_before_index`` reads the
        same, but leaves a record that the session knows the status that it had.
        """
        if not records:
            return set()
        query = select(Record).where(Record.id.in_(record.id for record in records))
        parts = (
            selectinload(Record.responses).selectinload(Response.user),
            selectinload(Record.responses_submitted),
            selectinload(Record.suggestions).selectinload(Suggestion.question),
            selectinload(Record.vectors),
        )
        found = await self._db.scalars(query.options(*parts), execution_options={"populate_existing": True})
        return set(found)

    async def _insert(self, dataset: Dataset, items: Sequence[RecordCreate]) -> list[Record]:
        """Add records with all that belongs to them, as loaded as if they had been read from the database."""
        records = await self._insert_rows(Record, _record_rows(dataset, items))
        for name, model, rows_of in _PARTS:
            rows = [
                {"record_id": record.id, **row}
                for record, item in zip(records, items, strict=True)
                for row in rows_of(dataset, item)
            ]
            parts = defaultdict(list)
            for part in await self._insert_rows(model, rows):
                parts[part.record_id].append(part)
            for record in records:
                set_committed_value(record, name, parts[record.id])
        users = await self._note_users(
            dataset, {row.user_id for record in records for row in record.responses}
        )
        for record in records:
            set_committed_value(record, "dataset", dataset)
            for suggestion in record.suggestions:
                set_committed_value(suggestion, "question", dataset.question_by_id(suggestion.question_id))
            for response in record.responses:
                set_committed_value(response, "user", users[response.user_id])
        return records

    async def _insert_rows(self, model: type[Model], rows: Sequence[Row]) -> list[Model]:
        if not rows:
            return []
        statement = insert(model).returning(model, sort_by_parameter_order=True)
        return list(await self._db.scalars(statement, rows))

    async def _note_users(self, dataset: Dataset, ids: set[UUID]) -> dict[UUID, User]:
        """Note that these users have responses in the dataset."""
        if not ids:
            return {}
        await DatasetUser.upsert_many(
            self._db,
            objects=[{"user_id": id, "dataset_id": dataset.id} for id in ids],
            constraints=[DatasetUser.user_id, DatasetUser.dataset_id],
            autocommit=False,
        )
        return {user.id: user for user in await accounts.list_users_by_ids(self._db, ids)}

    async def _notify(self, events: Iterator[tuple[RecordEvent, Record]]) -> None:
        heard = await heard_events(self._db)
        for event, record in events:
            if event in heard:
                await notify_record_event(self._db, event, record)


def _record_rows(dataset: Dataset, items: Sequence[RecordCreate]) -> list[Row]:
    rows = [_record_row(dataset, item) for item in items]
    # The stock server adds a record as pending and then updates those that are complete.
    updated_at = datetime.utcnow()
    for row in rows:
        if row["status"] == RecordStatus.completed:
            row["updated_at"] = updated_at
    return rows


def _record_row(dataset: Dataset, item: RecordCreate) -> Row:
    submitted = sum(response.status == ResponseStatus.submitted for response in item.responses or [])
    is_complete = submitted >= dataset.distribution["min_submitted"]
    now = datetime.utcnow()
    return {
        "fields": jsonable_encoder(item.fields),
        "metadata_": item.metadata,
        "external_id": item.external_id,
        "dataset_id": dataset.id,
        "status": RecordStatus.completed if is_complete else RecordStatus.pending,
        "inserted_at": now,
        "updated_at": now,
    }


def _suggestion_rows(dataset: Dataset, item: RecordCreate) -> Iterator[Row]:
    return (suggestion.model_dump() for suggestion in item.suggestions or [])


def _vector_rows(dataset: Dataset, item: RecordCreate) -> Iterator[Row]:
    for name, value in (item.vectors or {}).items():
        yield {"vector_settings_id": dataset.vector_settings_by_name(name).id, "value": value}


def _response_rows(dataset: Dataset, item: RecordCreate) -> Iterator[Row]:
    return (response.model_dump() for response in item.responses or [])


_PARTS = (
    ("suggestions", Suggestion, _suggestion_rows),
    ("vectors", Vector, _vector_rows),
    ("responses", Response, _response_rows),
)
