"""The embedded server's search engine: Argilla's `SearchEngine` on SQLite, registered as ``fts5``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul
from typing import Any
from uuid import UUID

from argilla_server.enums import MetadataPropertyType, SimilarityOrder
from argilla_server.models import (
    Dataset,
    MetadataProperty,
    Record,
    Response,
    Suggestion,
    User,
    VectorSettings,
)
from argilla_server.search_engine.base import (
    Filter,
    FloatMetadataMetrics,
    IntegerMetadataMetrics,
    MetadataMetrics,
    Order,
    SearchEngine,
    SearchResponseItem,
    SearchResponses,
    TermsMetrics,
    TextQuery,
)

from helpers.argilla_local.conditions import condition, date_text, ordering
from helpers.argilla_local.index import (
    RESPONSE_STATUS,
    DatasetIndex,
    Document,
    Value,
    connection,
    unpack,
)


@SearchEngine.register("fts5")
class Fts5SearchEngine(SearchEngine):  # type: ignore[misc]  # argilla_server is not installed here
    """Search over the records of the embedded server.

    Where Elasticsearch and the database could disagree, the meaning is Elasticsearch's.
    """

    @classmethod
    async def new_instance(cls) -> Fts5SearchEngine:
        """Return an engine; the connection is shared by the process."""
        return cls()

    async def close(self) -> None:
        """Keep the connection, which the next request uses."""

    async def ping(self) -> bool:
        """Tell whether the index file can be opened."""
        return bool(connection().execute("SELECT 1").get)

    async def info(self) -> dict[str, Any]:
        """Describe the engine."""
        version = connection().execute("SELECT sqlite_version()").get
        return {"name": "fts5", "version": {"number": version}}

    async def create_index(self, dataset: Dataset) -> None:
        """Make the empty index of a dataset."""
        _index(dataset).create([field.name for field in dataset.fields if not field.is_image])

    async def delete_index(self, dataset: Dataset) -> None:
        """Remove the index of a dataset."""
        _index(dataset).drop()

    async def configure_metadata_property(
        self, dataset: Dataset, metadata_property: MetadataProperty
    ) -> None:
        """Do nothing: every value carries its key, and a new property has no values yet."""

    async def configure_index_vectors(self, vector_settings: VectorSettings) -> None:
        """Do nothing: every vector carries its settings' id."""

    async def index_records(self, dataset: Dataset, records: Iterable[Record]) -> None:
        """Add records, or replace them whole."""
        types = {prop.name: prop.type for prop in dataset.metadata_properties}
        fields = [field for field in dataset.fields if not field.is_image]
        _index(dataset).put(_document(record, fields, types) for record in records)

    async def partial_record_update(self, record: Record, **update: Any) -> None:
        """Change some properties of a record."""
        _index(record.dataset).update(record.id, {name: _column(value) for name, value in update.items()})

    async def delete_records(self, dataset: Dataset, records: Iterable[Record]) -> None:
        """Remove records."""
        _index(dataset).delete(record.id for record in records)

    async def update_record_response(self, response: Response) -> None:
        """Put a response in place of what its user answered before."""
        record, user = response.record, str(response.user_id)
        _index(record.dataset).replace_values(record.id, "response/", _response_values(response), user)

    async def delete_record_response(self, response: Response) -> None:
        """Remove a response."""
        record, user = response.record, str(response.user_id)
        _index(record.dataset).replace_values(record.id, "response/", (), user)

    async def update_record_suggestion(self, suggestion: Suggestion) -> None:
        """Put a suggestion in place of the question's earlier one."""
        index, prefix = _index(suggestion.record.dataset), _suggestion_prefix(suggestion)
        index.replace_values(suggestion.record_id, prefix, _suggestion_values(suggestion))

    async def delete_record_suggestion(self, suggestion: Suggestion) -> None:
        """Remove a suggestion."""
        index = _index(suggestion.record.dataset)
        index.replace_values(suggestion.record_id, _suggestion_prefix(suggestion), ())

    async def get_dataset_progress(self, dataset: Dataset) -> dict[str, int]:
        """Count the records by status."""
        if dataset.is_draft:
            return {}
        index = _index(dataset)
        return _progress(index, (f"SELECT status, count(*) FROM {index.records} GROUP BY status", ()))

    async def get_dataset_user_progress(self, dataset: Dataset, user: User) -> dict[str, int]:
        """Count one user's responses by status."""
        if dataset.is_draft:
            return {}
        index = _index(dataset)
        sql = f"SELECT value, count(*) FROM {index.values} WHERE key = ? AND user = ? GROUP BY value"
        return _progress(index, (sql, (RESPONSE_STATUS, str(user.id))))

    async def search(
        self,
        dataset: Dataset,
        query: TextQuery | str | None = None,
        filter: Filter | None = None,
        sort: list[Order] | None = None,
        offset: int = 0,
        limit: int = 100,
        user_id: str | None = None,
    ) -> SearchResponses:
        """Return one page of the matching records.

        Without `sort`, the order is that of relevance where there is a query, else of insertion; a `user_id`
        makes it a random order of that user's own.
        """
        index = _index(dataset)
        hits = _hits(index, query, filter)
        terms = [ordering(index, order) for order in sort or []]
        if not sort and user_id is not None:
            terms = [("shuffled(r.doc, ?)", (str(user_id),))]
        order_by = ", ".join([sql for sql, _ in terms] or ["hit.score DESC"])
        page = index.db.execute(
            f"{hits.sql('r.id, hit.score')} ORDER BY {order_by}, r.doc LIMIT ? OFFSET ?",
            (*hits.parameters, *chain.from_iterable(values for _, values in terms), limit, offset),
        )
        total = index.db.execute(hits.sql("count(*)"), hits.parameters).get
        return _responses(page, total)

    async def compute_metrics_for(self, metadata_property: MetadataProperty) -> MetadataMetrics:
        """Count the terms of a property, or find its extremes."""
        index, key = _index(metadata_property.dataset), f"metadata/{metadata_property.name}"
        if metadata_property.type == MetadataPropertyType.terms:
            counts = index.db.execute(
                f"SELECT value, count(*) AS n FROM {index.values} WHERE key = ? GROUP BY value "
                "ORDER BY n DESC, value",
                (key,),
            )
            values = [TermsMetrics.TermCount(term=str(term), count=count) for term, count in counts]
            return TermsMetrics(total=sum(value.count for value in values), values=values)
        sql = f"SELECT min(value), max(value) FROM {index.values} WHERE key = ?"
        lowest, highest = index.db.execute(sql, (key,)).get
        is_integer = metadata_property.type == MetadataPropertyType.integer
        metrics = IntegerMetadataMetrics if is_integer else FloatMetadataMetrics
        return metrics(min=lowest, max=highest)

    async def similarity_search(
        self,
        dataset: Dataset,
        vector_settings: VectorSettings,
        value: list[float] | None = None,
        record: Record | None = None,
        query: TextQuery | str | None = None,
        filter: Filter | None = None,
        max_results: int = 100,
        order: SimilarityOrder = SimilarityOrder.most_similar,
        threshold: float | None = None,
    ) -> SearchResponses:
        """Return the records whose vectors are most, or least, similar to a vector or a record's vector.

        Scores are ``(1 + cosine) / 2`` as Elasticsearch's; for the least similar, of the negated vector.
        """
        if bool(value) == bool(record):
            raise ValueError("Must provide either vector value or record to compute the similarity search")
        vector = value or (record and record.vector_value_by_vector_settings(vector_settings))
        if not vector:
            raise ValueError("Cannot find a vector value to apply with provided info")
        if order == SimilarityOrder.least_similar:
            vector = [-component for component in vector]
        index = _index(dataset)
        hits = _hits(index, query, filter)
        vectors = f"JOIN {index.vectors} w ON w.doc = r.doc AND w.settings = '{vector_settings.id}'"
        candidates = index.db.execute(hits.sql("r.id, w.value", vectors), hits.parameters)
        own = str(record.id) if record else None
        scored = [(id, (1 + _cosine(vector, unpack(blob))) / 2) for id, blob in candidates if id != own]
        kept = [(id, score) for id, score in scored if threshold is None or score >= threshold]
        best = sorted(kept, key=lambda hit: -hit[1])[:max_results]
        return _responses(best, len(best))


@dataclass(frozen=True)
class _Hits:
    """The records that a search matches, as the parts of an SQL query."""

    scores: str
    records: str
    where: str
    parameters: tuple[object, ...]

    def sql(self, columns: str, join: str = "") -> str:
        return (
            f"WITH hit (doc, score) AS MATERIALIZED ({self.scores}) SELECT {columns} FROM hit "
            f"CROSS JOIN {self.records} r ON r.doc = hit.doc {join} WHERE {self.where}"
        )


def _hits(index: DatasetIndex, query: TextQuery | str | None, filter: Filter | None) -> _Hits:
    where, values = condition(index, filter) if filter else ("1", ())
    if query is None:
        return _Hits(f"SELECT doc, 1.0 FROM {index.records}", index.records, where, values)
    text, field = (query.q, query.field) if isinstance(query, TextQuery) else (query, None)
    scores, found = index.full_text.scored(text, field)
    return _Hits(scores, index.records, where, (*found, *values))


def _index(dataset: Dataset) -> DatasetIndex:
    return DatasetIndex(connection(), dataset.id)


def _document(record: Record, fields: Sequence[Any], types: Mapping[str, MetadataPropertyType]) -> Document:
    metadata = record.metadata_ or {}
    values = [
        *chain.from_iterable(
            _metadata_values(name, metadata.get(name), kind) for name, kind in types.items()
        ),
        *chain.from_iterable(_suggestion_values(suggestion) for suggestion in record.suggestions),
        *chain.from_iterable(_response_values(response) for response in record.responses),
    ]
    return Document(
        id=str(record.id),
        columns={name: _column(getattr(record, name)) for name in DatasetIndex.COLUMNS[1:]},
        texts={field.name: _text(field, record.fields.get(field.name)) for field in fields},
        values=values,
        vectors={str(vector.vector_settings_id): vector.value for vector in record.vectors},
    )


def _text(field: Any, value: Any) -> str:
    if value is None:
        return ""
    if field.is_chat:
        return "\n".join(str(message.get("content", "")) for message in value)
    return str(value)


def _column(value: Any) -> str | None:
    if hasattr(value, "isoformat"):
        return date_text(value)
    return None if value is None else str(getattr(value, "value", value))


def _metadata_values(name: str, value: Any, kind: MetadataPropertyType) -> Iterator[Value]:
    for item in _items(value):
        number = kind != MetadataPropertyType.terms and isinstance(item, str)
        yield Value(f"metadata/{name}", float(item) if number else item)


def _suggestion_prefix(suggestion: Suggestion) -> str:
    return f"suggestion/{suggestion.question.name}/"


def _suggestion_values(suggestion: Suggestion) -> Iterator[Value]:
    for part in ("value", "score", "agent", "type"):
        for item in _items(getattr(suggestion, part)):
            yield Value(_suggestion_prefix(suggestion) + part, item)


def _response_values(response: Response) -> Iterator[Value]:
    user = str(response.user_id)
    yield Value(RESPONSE_STATUS, _column(response.status) or "", user)
    for question, answer in (response.values or {}).items():
        for item in _items(answer.get("value")):
            yield Value(f"response/value/{question}", item, user)


def _items(value: Any) -> Iterator[str | float]:
    """Yield what can be filtered by: a list counts by its elements; spans and rankings are not indexed."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float):
            yield item


def _progress(index: DatasetIndex, counts_by_status: tuple[str, tuple[object, ...]]) -> dict[str, int]:
    counts: dict[str, int] = dict(index.db.execute(*counts_by_status))
    return {"total": sum(counts.values()), **counts}


def _responses(hits: Iterable[tuple[str, float]], total: int) -> SearchResponses:
    items = [SearchResponseItem(record_id=UUID(id), score=score) for id, score in hits]
    return SearchResponses(items=items, total=total)


def _cosine(first: Sequence[float], second: Sequence[float]) -> float:
    norms = math.hypot(*first) * math.hypot(*second)
    return sum(map(mul, first, second)) / norms if norms else 0.0
