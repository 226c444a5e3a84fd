"""Where the embedded server's search engine keeps its records: tables in one SQLite file.

Each dataset has a table of records, a full-text table of their fields (`helpers.search`), a table of vectors,
one of values, with a row for each value that can be filtered or sorted by, and one of versions, which tells
whether the index has fallen behind the server's database.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from uuid import UUID

import apsw

from helpers.argilla_local.mapping import Mapping
from helpers.argilla_local.similarity import pack
from helpers.search.full_text import FullTextTable

RESPONSE_STATUS = "response-status"
# To be raised with every change of the tables: an index of another version is built anew.
VERSION = 2
# So long a change waits for another process that writes to the index. It is made up for if that was in vain.
BUSY_MS = 2_000
# They say that what the index holds cannot be relied on.
DAMAGES = (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError)
# That of metadata, which is nobody's part.
_NO_SOURCE = b""


@dataclass(frozen=True)
class Part:
    """What one user or one question adds to a record: a response or a suggestion.

    Attributes
    ----------
    source
        The id of the user or the question.
    version
        When the part last changed.
    values
        The values that can be filtered or sorted by, with their keys.
    """

    source: UUID
    version: str
    values: Sequence[tuple[str, str | float]] = ()


@dataclass(frozen=True)
class Document:
    """A record as the index knows it."""

    columns: Dictionary[str, str | None]
    texts: Sequence[str | None]
    metadata: Sequence[tuple[str, str | float]] = ()
    parts: Sequence[Part] = ()
    vectors: Dictionary[UUID, tuple[str, Sequence[float]]] = field(default_factory=dict)


class DatasetIndex:
    """The records of one dataset.

    Parameters
    ----------
    connection
        The database.
    dataset_id
        The dataset.
    """

    COLUMNS = ("id", "external_id", "status", "inserted_at", "updated_at")

    def __init__(self, connection: apsw.Connection, dataset_id: UUID) -> None:
        self.db = connection
        self._dataset = dataset_id.hex
        self.records = f"records_{dataset_id.hex}"
        self.values = f"values_{dataset_id.hex}"
        self.vectors = f"vectors_{dataset_id.hex}"
        self.versions = f"versions_{dataset_id.hex}"

    def create(self, mapping: Mapping) -> None:
        """Make the empty tables; those of an attempt that was cut short are replaced."""
        with self.db:
            self.drop()
            self.db.execute(
                f"""
                CREATE TABLE {self.records} (
                    doc INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, external_id TEXT, status TEXT,
                    inserted_at TEXT, updated_at TEXT);
                CREATE TABLE {self.values} (
                    doc INTEGER, key TEXT, source BLOB, value, PRIMARY KEY (doc, key, source, value)
                    ) WITHOUT ROWID;
                CREATE INDEX {self.values}_by_value ON {self.values} (key, value, source);
                CREATE TABLE {self.vectors} (
                    settings BLOB, doc INTEGER, value BLOB, PRIMARY KEY (settings, doc));
                CREATE INDEX {self.vectors}_of_record ON {self.vectors} (doc);
                CREATE TABLE {self.versions} (
                    doc INTEGER, source BLOB, version TEXT, PRIMARY KEY (doc, source)) WITHOUT ROWID;
                """
            )
            self.set_mapping(mapping)
            self.full_text.create()

    def drop(self) -> None:
        """Remove the tables."""
        with self.db:
            self.full_text.drop()
            for table in (self.records, self.values, self.vectors, self.versions):
                self.db.execute(f"DROP TABLE IF EXISTS {table}")
            self.db.execute("DELETE FROM mappings WHERE dataset = ?", (self._dataset,))

    @property
    def exists(self) -> bool:
        """Whether the tables have been made."""
        return bool(self.db.execute("SELECT 1 FROM mappings WHERE dataset = ?", (self._dataset,)).get)

    @cached_property
    def mapping(self) -> Mapping:
        """What the index knows of the dataset."""
        kept = self.db.execute("SELECT mapping FROM mappings WHERE dataset = ?", (self._dataset,)).get
        return Mapping.from_json(kept) if kept else Mapping()

    def set_mapping(self, mapping: Mapping) -> None:
        """Replace what the index knows of the dataset; the records stay as they are."""
        self.db.execute("INSERT OR REPLACE INTO mappings VALUES (?, ?)", (self._dataset, mapping.to_json()))
        self.__dict__.pop("mapping", None)

    @property
    def full_text(self) -> FullTextTable:
        """The texts of the records."""
        return FullTextTable(self.db, f"texts_{self._dataset}", self.mapping.fields)

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace them whole where they are there; a replaced one keeps its place."""
        columns = ", ".join(self.COLUMNS)
        slots = ", ".join(f":{column}" for column in self.COLUMNS)
        update = ", ".join(f"{column} = excluded.{column}" for column in self.COLUMNS[1:])
        upsert = (
            f"INSERT INTO {self.records} ({columns}) VALUES ({slots}) "
            f"ON CONFLICT (id) DO UPDATE SET {update} RETURNING doc"
        )
        with self.db:
            texts = []
            for document in documents:
                doc: int = self.db.execute(upsert, document.columns).get
                texts.append((doc, document.texts))
                for table in (self.values, self.versions, self.vectors):
                    self.db.execute(f"DELETE FROM {table} WHERE doc = ?", (doc,))
                self._add_values(doc, document.metadata)
                for part in document.parts:
                    self._add_part(doc, part)
                for settings, (version, vector) in document.vectors.items():
                    self._add_version(doc, settings, version)
                    self.db.execute(
                        f"INSERT INTO {self.vectors} VALUES (?, ?, ?)", (settings.bytes, doc, pack(vector))
                    )
            self.full_text.insert(texts)

    def update(self, record_id: UUID, columns: Dictionary[str, str | None]) -> None:
        """Change some columns of one record."""
        assignments = ", ".join(f"{self.column(name)} = ?" for name in columns)
        self.db.execute(
            f"UPDATE {self.records} SET {assignments} WHERE id = ?", (*columns.values(), str(record_id))
        )

    def delete(self, record_ids: Iterable[UUID]) -> None:
        """Remove records; those that are not there are passed over."""
        with self.db:
            docs = [doc for record_id in record_ids if (doc := self._doc(record_id)) is not None]
            self.full_text.delete(docs)
            for table in (self.records, self.values, self.versions, self.vectors):
                self.db.executemany(f"DELETE FROM {table} WHERE doc = ?", ((doc,) for doc in docs))

    def put_part(self, record_id: UUID, part: Part) -> None:
        """Add a part to a record, or put it in place of the earlier one of its source."""
        with self.db:
            doc = self._doc(record_id)
            if doc is not None:
                self._remove_part(doc, part.source)
                self._add_part(doc, part)

    def delete_part(self, record_id: UUID, source: UUID) -> None:
        """Remove a part of a record."""
        with self.db:
            doc = self._doc(record_id)
            if doc is not None:
                self._remove_part(doc, source)

    def delete_values(self, key: str) -> None:
        """Remove the values of all records under a key."""
        self.db.execute(f"DELETE FROM {self.values} WHERE key = ?", (key,))

    def id(self, doc: int) -> str:
        """Return the id of a record by its row number."""
        id: str = self.db.execute(f"SELECT id FROM {self.records} WHERE doc = ?", (doc,)).get
        return id

    def status_counts(self) -> list[tuple[str, int]]:
        """Count the records by status, the most frequent one first."""
        return list(
            self.db.execute(
                f"SELECT status, count(*) AS n FROM {self.records} GROUP BY status ORDER BY n DESC, status"
            )
        )

    def value_counts(self, key: str, source: UUID | None = None) -> list[tuple[str, int]]:
        """Count the values under a key (of one source), the most frequent one first."""
        return list(
            self.db.execute(
                f"SELECT value, count(*) AS n FROM {self.values} WHERE key = :key "
                "AND (:source IS NULL OR source = :source) GROUP BY value ORDER BY n DESC, value",
                {"key": key, "source": source and source.bytes},
            )
        )

    def extremes(self, key: str) -> tuple[float | None, float | None]:
        """Return the lowest and the highest value under a key, None where there is none."""
        sql = f"SELECT min(value), max(value) FROM {self.values} WHERE key = ?"
        extremes: tuple[float | None, float | None] = self.db.execute(sql, (key,)).get
        return extremes

    @classmethod
    def column(cls, name: str) -> str:
        """Return the name of a column, checked: it becomes part of a statement.

        Raises
        ------
        ValueError
            Records have no such property.
        """
        if name not in cls.COLUMNS:
            raise ValueError(f"records have no property {name!r}; there are {', '.join(cls.COLUMNS)}")
        return name

    def _doc(self, record_id: UUID) -> int | None:
        doc: int | None = self.db.execute(
            f"SELECT doc FROM {self.records} WHERE id = ?", (str(record_id),)
        ).get
        return doc

    def _add_part(self, doc: int, part: Part) -> None:
        self._add_version(doc, part.source, part.version)
        self._add_values(doc, part.values, part.source.bytes)

    def _add_version(self, doc: int, source: UUID, version: str) -> None:
        sql = f"INSERT OR REPLACE INTO {self.versions} VALUES (?, ?, ?)"
        self.db.execute(sql, (doc, source.bytes, version))

    def _add_values(
        self, doc: int, values: Iterable[tuple[str, str | float]], source: bytes = _NO_SOURCE
    ) -> None:
        # of equal elements of a list one is enough, as for Elasticsearch
        self.db.executemany(
            f"INSERT OR IGNORE INTO {self.values} (doc, key, source, value) VALUES (?, ?, ?, ?)",
            ((doc, key, source, value) for key, value in values),
        )

    def _remove_part(self, doc: int, source: UUID) -> None:
        for table in (self.values, self.versions):
            self.db.execute(f"DELETE FROM {table} WHERE doc = ? AND source = ?", (doc, source.bytes))


def connection() -> apsw.Connection:
    """Return this thread's connection to the index file that ``ARGILLA_LOCAL_INDEX`` names.

    A worker forks for each job, and SQLite's connections must not cross a fork. An index that was built anew
    is another file.
    """
    path = Path(os.environ["ARGILLA_LOCAL_INDEX"])
    file = path.stat().st_ino if path.exists() else None
    return _connect(str(path), file, os.getpid(), threading.get_ident())


def datasets_of(connection: apsw.Connection) -> set[UUID]:
    """Return the datasets that have an index."""
    return {UUID(dataset) for (dataset,) in connection.execute("SELECT dataset FROM mappings")}


def open_index(path: str) -> apsw.Connection:
    """Open an index file; where there is none, make an empty one."""
    db = apsw.Connection(path)
    db.set_busy_timeout(BUSY_MS)
    # A transaction that began by reading cannot wait for the writing of another process: SQLite refuses it.
    db.transaction_mode = "IMMEDIATE"
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", "normal")
    if not db.table_exists("main", "mappings"):
        with db:
            db.execute("CREATE TABLE IF NOT EXISTS mappings (dataset TEXT PRIMARY KEY, mapping TEXT)")
            db.pragma("user_version", VERSION)
    return db


# One for each of the two threads, that of the requests and that of the changes.
@lru_cache(maxsize=2)
def _connect(path: str, file: int | None, process: int, thread: int) -> apsw.Connection:
    return open_index(path)
