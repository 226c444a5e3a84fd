"""Bringing the search engine's index level with the database. Runs in the server's environment.

The server commits a change to the database first and then writes it to the index: one that dies in between
leaves an index that lags. So each index keeps the version (the time of the last change) of every record,
response, suggestion and vector that it holds, and at each start these are compared with the database's.
While the server runs, `helpers.argilla_local.upkeep` levels the records that it could not write.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from uuid import UUID

import apsw
from argilla_server.database import SyncSessionLocal, sync_engine
from argilla_server.enums import DatasetStatus
from argilla_server.models import Dataset, Record
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from helpers.argilla_local.documents import PARTS, mapping_of, put
from helpers.argilla_local.home import Home, delete_database
from helpers.argilla_local.index import DAMAGES, VERSION, DatasetIndex, datasets_of, open_index

_BATCH = 500
# So long a start waits for another process that writes to the index.
_BUSY_MS = 30_000

logger = logging.getLogger(__name__)


class _OtherVersionError(Exception):
    """The index was made by another version of this program."""


def level(home: Home) -> int:
    """Write to the index what it lacks, remove what the database does not hold, and return how many records.

    An index that cannot be read, or is of another version, is built anew. What was done is logged.
    """
    try:
        return _level(home)
    except (_OtherVersionError, apsw.SQLError, *DAMAGES) as error:
        logger.warning("%s: the search index %s is built anew from the database.", error, home.index)
    delete_database(home.index)
    return _level(home)


def level_records(db: apsw.Connection, dataset_id: UUID, ids: Iterable[UUID]) -> None:
    """Bring a dataset's mapping, and these of its records, level with the database."""
    with SyncSessionLocal() as session:
        dataset = session.scalar(_searchable().where(Dataset.id == dataset_id))
        index = DatasetIndex(db, dataset_id)
        if dataset is None:
            index.drop()
        else:
            is_new = _is_made_anew(index, dataset)
            _write(session, index, session.scalars(_ids_of(dataset_id)).all() if is_new else ids)
    # The server's own connections shall be the last to close: that empties the write-ahead log.
    sync_engine.dispose()


def searchable_datasets() -> list[UUID]:
    """Return the datasets that have an index."""
    with SyncSessionLocal() as session:
        return [dataset.id for dataset in session.scalars(_searchable())]


def _searchable() -> Select[tuple[Dataset]]:
    parts = (Dataset.fields, Dataset.questions, Dataset.metadata_properties)
    query = select(Dataset).where(Dataset.status == DatasetStatus.ready)
    return query.options(*(selectinload(part) for part in parts))


def _ids_of(dataset_id: UUID) -> Select[tuple[UUID]]:
    return select(Record.id).where(Record.dataset_id == dataset_id).order_by(Record.inserted_at)


def _level(home: Home) -> int:
    with SyncSessionLocal() as session, closing(open_index(str(home.index))) as db:
        db.set_busy_timeout(_BUSY_MS)
        if (found := db.pragma("quick_check")) != "ok":
            raise apsw.CorruptError(found)
        version = db.pragma("user_version")
        if version != VERSION:
            raise _OtherVersionError(f"version {version} instead of {VERSION}")
        db.execute("ATTACH DATABASE ? AS argilla", (str(home.database),))
        datasets = session.scalars(_searchable()).all()
        changed = sum(_level_dataset(session, db, dataset) for dataset in datasets)
        for gone in datasets_of(db) - {dataset.id for dataset in datasets}:
            DatasetIndex(db, gone).drop()
    sync_engine.dispose()
    return changed


def _level_dataset(session: Session, db: apsw.Connection, dataset: Dataset) -> int:
    index = DatasetIndex(db, dataset.id)
    _is_made_anew(index, dataset)
    lagging, gone = _differences(index, dataset.id)
    left_out = _write(session, index, lagging)
    index.delete(gone)
    if lagging or gone:
        logger.warning(
            "The search index lagged behind the database: %d records of the dataset %s are written to it, "
            "%d are removed.",
            len(lagging) - left_out,
            dataset.id,
            len(gone),
        )
    return len(lagging) - left_out + len(gone)


def _is_made_anew(index: DatasetIndex, dataset: Dataset) -> bool:
    """Make an empty index where there is none, or that of other settings; tell whether that was so."""
    mapping = mapping_of(dataset)
    # a property that was removed from the dataset does no harm
    if index.mapping.fields == mapping.fields and mapping.types.items() <= index.mapping.types.items():
        return False
    index.create(mapping)
    return True


def _write(session: Session, index: DatasetIndex, ids: Iterable[UUID]) -> int:
    """Write records as they are now, remove those that are gone, and return how many are left out."""
    left_out, rest = 0, iter(ids)
    while batch := list(islice(rest, _BATCH)):
        # Nobody changes the index between our reading of the records and our writing.
        with index.db:
            found = session.scalars(select(Record).where(Record.id.in_(batch)).options(*PARTS))
            by_id = {record.id: record for record in found}
            left_out += put(index, [by_id[id] for id in batch if id in by_id])
            index.delete(set(batch) - by_id.keys())
        session.expunge_all()
    return left_out


def _differences(index: DatasetIndex, dataset_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """Return the records that the index lacks or has as they were, in order, and those that it alone has."""
    parts = {"responses": "user_id", "suggestions": "question_id", "vectors": "vector_settings_id"}
    in_database = " UNION ALL ".join(
        [
            "SELECT id, status, updated_at FROM argilla.records WHERE dataset_id = :dataset",
            *(
                f"SELECT record_id, part.{source}, part.updated_at FROM argilla.records record "
                f"JOIN argilla.{table} part ON part.record_id = record.id WHERE dataset_id = :dataset"
                for table, source in parts.items()
            ),
        ]
    )
    in_index = (
        f"SELECT replace(id, '-', ''), status, replace(updated_at, 'T', ' ') FROM {index.records} "
        f"UNION ALL SELECT replace(id, '-', ''), lower(hex(source)), replace(version, 'T', ' ') "
        f"FROM {index.records} JOIN {index.versions} USING (doc)"
    )
    different = f"""
        WITH held (id, part, version) AS MATERIALIZED ({in_database}),
        indexed (id, part, version) AS MATERIALIZED ({in_index}),
        different (id) AS (
            SELECT id FROM (SELECT * FROM held EXCEPT SELECT * FROM indexed)
            UNION SELECT id FROM (SELECT * FROM indexed EXCEPT SELECT * FROM held))
        SELECT different.id, record.id IS NULL FROM different
        LEFT JOIN argilla.records record ON record.id = different.id AND dataset_id = :dataset
        ORDER BY record.inserted_at, record.rowid"""
    found = [(UUID(id), gone) for id, gone in index.db.execute(different, {"dataset": dataset_id.hex})]
    return [id for id, gone in found if not gone], [id for id, gone in found if gone]
