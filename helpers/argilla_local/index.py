"""Where the embedded server's search engine keeps its records: tables in one SQLite file.

Each dataset has a table of records, a full-text table of their fields (`helpers.search`), a table of vectors,
and one of values: a row for each value that can be filtered or sorted by, under a key such as
``suggestion/topic/score``.
"""

from __future__ import annotations

import array
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import apsw

from helpers.search.full_text import FullTextTable

RESPONSE_STATUS = "response/status"


@dataclass(frozen=True)
class Value:
    """A value to filter or sort by; a number is kept as a number, everything else as text."""

    key: str
    value: str | float
    user: str | None = None


@dataclass(frozen=True)
class Document:
    """A record as the index knows it."""

    id: str
    columns: Mapping[str, str | None]
    texts: Mapping[str, str]
    values: Sequence[Value] = ()
    vectors: Mapping[str, Sequence[float]] = field(default_factory=dict)


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
        self.records = f"records_{dataset_id.hex}"
        self.values = f"values_{dataset_id.hex}"
        self.vectors = f"vectors_{dataset_id.hex}"
        self._texts = f"texts_{dataset_id.hex}"

    def create(self, fields: Sequence[str]) -> None:
        """Make the empty tables; those of an attempt that was cut short are replaced."""
        with self.db:
            self.drop()
            self.db.execute(
                f"""
                CREATE TABLE {self.records} (
                    doc INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, external_id TEXT, status TEXT,
                    inserted_at TEXT, updated_at TEXT);
                CREATE TABLE {self.values} (doc INTEGER NOT NULL, key TEXT NOT NULL, value, user TEXT);
                CREATE INDEX {self.values}_of_record ON {self.values} (doc, key);
                CREATE INDEX {self.values}_by_value ON {self.values} (key, value, user);
                CREATE TABLE {self.vectors} (
                    doc INTEGER, settings TEXT, value BLOB, PRIMARY KEY (settings, doc));
                CREATE INDEX {self.vectors}_of_record ON {self.vectors} (doc);
                """
            )
            self.db.execute(
                "INSERT OR REPLACE INTO fields VALUES (?, ?)", (self._texts, json.dumps(list(fields)))
            )
            self.full_text.create()

    def drop(self) -> None:
        """Remove the tables."""
        with self.db:
            self.full_text.drop()
            for table in (self.records, self.values, self.vectors):
                self.db.execute(f"DROP TABLE IF EXISTS {table}")
            self.db.execute("DELETE FROM fields WHERE texts = ?", (self._texts,))

    @property
    def full_text(self) -> FullTextTable:
        """The texts of the records."""
        fields = self.db.execute("SELECT names FROM fields WHERE texts = ?", (self._texts,)).get
        return FullTextTable(self.db, self._texts, json.loads(fields) if fields else [])

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace them whole where they are there; a replaced one keeps its place."""
        full_text = self.full_text
        columns = ", ".join(self.COLUMNS)
        update = ", ".join(f"{column} = excluded.{column}" for column in self.COLUMNS[1:])
        upsert = (
            f"INSERT INTO {self.records} ({columns}) VALUES (:id, :external_id, :status, :inserted_at, "
            f":updated_at) ON CONFLICT (id) DO UPDATE SET {update} RETURNING doc"
        )
        with self.db:
            texts = []
            for document in documents:
                doc = self.db.execute(upsert, {"id": document.id, **document.columns}).get
                texts.append((doc, [document.texts.get(name) for name in full_text.fields]))
                self._remove_values(doc, "")
                self._add_values(doc, document.values)
                self.db.execute(f"DELETE FROM {self.vectors} WHERE doc = ?", (doc,))
                self.db.executemany(
                    f"INSERT INTO {self.vectors} VALUES (?, ?, ?)",
                    ((doc, settings, pack(vector)) for settings, vector in document.vectors.items()),
                )
            full_text.insert(texts)

    def update(self, record_id: UUID, columns: Mapping[str, str | None]) -> None:
        """Change some columns of one record."""
        assignments = ", ".join(f"{column} = ?" for column in columns)
        self.db.execute(
            f"UPDATE {self.records} SET {assignments} WHERE id = ?", (*columns.values(), str(record_id))
        )

    def delete(self, record_ids: Iterable[UUID]) -> None:
        """Remove records; those that are not there are passed over."""
        with self.db:
            docs = [doc for record_id in record_ids if (doc := self.doc(record_id)) is not None]
            self.full_text.delete(docs)
            for table in (self.records, self.values, self.vectors):
                self.db.executemany(f"DELETE FROM {table} WHERE doc = ?", ((doc,) for doc in docs))

    def replace_values(
        self, record_id: UUID, prefix: str, values: Iterable[Value], user: str | None = None
    ) -> None:
        """Put new values of one record in place of those whose key begins with `prefix` (of one user)."""
        with self.db:
            doc = self.doc(record_id)
            if doc is not None:
                self._remove_values(doc, prefix, user)
                self._add_values(doc, values)

    def doc(self, record_id: UUID) -> int | None:
        """Return the row number of a record."""
        row: int | None = self.db.execute(
            f"SELECT doc FROM {self.records} WHERE id = ?", (str(record_id),)
        ).get
        return row

    def _add_values(self, doc: int, values: Iterable[Value]) -> None:
        self.db.executemany(
            f"INSERT INTO {self.values} (doc, key, value, user) VALUES (?, ?, ?, ?)",
            ((doc, value.key, value.value, value.user) for value in values),
        )

    def _remove_values(self, doc: int, prefix: str, user: str | None = None) -> None:
        self.db.execute(
            f"DELETE FROM {self.values} WHERE doc = ? AND substr(key, 1, ?) = ? AND (? IS NULL OR user = ?)",
            (doc, len(prefix), prefix, user, user),
        )


def connection() -> apsw.Connection:
    """Return this process's connection to the index file that ``ARGILLA_LOCAL_INDEX`` names.

    A worker forks for each job, and SQLite's connections must not cross a fork.
    """
    return _connect(os.environ["ARGILLA_LOCAL_INDEX"], os.getpid())


@cache
def _connect(path: str, process: int) -> apsw.Connection:
    db = apsw.Connection(path)
    db.set_busy_timeout(30_000)
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    db.execute("CREATE TABLE IF NOT EXISTS fields (texts TEXT PRIMARY KEY, names TEXT)")
    db.create_scalar_function("shuffled", _shuffled, 2, deterministic=True)
    return db


def _shuffled(*doc_and_seed: Any) -> int:
    """Return a number that orders the records at random, each time the same for one seed."""
    return zlib.crc32(" ".join(map(str, doc_and_seed)).encode())


def pack(vector: Sequence[float]) -> bytes:
    """Write a vector as 32-bit floats."""
    return array.array("f", vector).tobytes()


def unpack(blob: bytes) -> Sequence[float]:
    """Read what `pack` wrote."""
    return array.array("f", blob)
