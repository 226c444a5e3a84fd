"""Bringing the search engine's index level with the database. Runs in the server's environment.

The server commits a change to the database first and then writes it to the index: one that dies in between
leaves an index that lags. So each index keeps the version (the time of the last change) of every record,
response, suggestion and vector that it holds, and at each start these are compared with the database's.
"""

from __future__ import annotations

import logging
from contextlib import closing
from itertools import islice
from uuid import UUID

import apsw
from argilla_server.database import SyncSessionLocal, sync_engine
from argilla_server.enums import DatasetStatus
from argilla_server.models import Dataset, Record, Suggestion
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from helpers.argilla_local.documents import document, mapping_of
from helpers.argilla_local.home import Home
from helpers.argilla_local.index import VERSION, DatasetIndex, datasets_of, open_index

_BATCH = 500

logger = logging.getLogger(__name__)


class _OtherVersionError(Exception):
    """The index was made by another version of this program."""


def level(home: Home) -> int:
    """Write to the index what it lacks, remove what the database does not hold, and return how many records.

    An index that cannot be read, or is of another version, is built anew. What was done is logged.
    """
    try:
        return _level(home)
    except (_OtherVersionError, apsw.CorruptError, apsw.NotADBError) as error:
        logger.warning("%s: the search index %s is built anew from the database.", error, home.index)
    discard(home)
    return _level(home)


def discard(home: Home) -> None:
    """Delete the index; nothing is lost with it, as all that it holds is in the database."""
    for path in home.path.glob(f"{home.index.name}*"):
        path.unlink()


def _level(home: Home) -> int:
    parts = (Dataset.fields, Dataset.questions, Dataset.metadata_properties)
    query = select(Dataset).where(Dataset.status == DatasetStatus.ready)
    with SyncSessionLocal() as session, closing(open_index(str(home.index))) as db:
        version = db.pragma("user_version")
        if version != VERSION:
            raise _OtherVersionError(f"version {version} instead of {VERSION}")
        db.execute("ATTACH DATABASE ? AS argilla", (str(home.database),))
        datasets = session.scalars(query.options(*(selectinload(part) for part in parts))).all()
        changed = sum(_level_dataset(session, db, dataset) for dataset in datasets)
        for gone in datasets_of(db) - {dataset.id for dataset in datasets}:
            DatasetIndex(db, gone).drop()
    sync_engine.dispose()
    return changed


def _level_dataset(session: Session, db: apsw.Connection, dataset: Dataset) -> int:
    index, mapping = DatasetIndex(db, dataset.id), mapping_of(dataset)
    # a property that was removed from the dataset does no harm
    if index.mapping.fields != mapping.fields or not mapping.types.items() <= index.mapping.types.items():
        index.create(mapping)
    lagging, gone = _differences(index, dataset.id)
    ids = iter(lagging)
    while batch := list(islice(ids, _BATCH)):
        records = session.scalars(
            select(Record)
            .where(Record.id.in_(batch))
            .options(
                selectinload(Record.responses),
                selectinload(Record.suggestions).selectinload(Suggestion.question),
                selectinload(Record.vectors),
            )
        )
        by_id = {record.id: record for record in records}
        index.put(document(by_id[id], index.mapping) for id in batch)
        for record in by_id.values():
            session.expunge(record)
    index.delete(gone)
    if lagging or gone:
        logger.warning(
            "The search index lagged behind the database: %d records of the dataset %s are written to it, "
            "%d are removed.",
            len(lagging),
            dataset.id,
            len(gone),
        )
    return len(lagging) + len(gone)


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
