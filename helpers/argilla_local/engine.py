"""The embedded server's search engine: Argilla's `SearchEngine` on SQLite, registered as ``fts5``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from fastapi import HTTPException, status
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from helpers.argilla_local.documents import PARTS, column, mapping_of, put, response_part, suggestion_part
from helpers.argilla_local.hits import Hits
from helpers.argilla_local.index import RESPONSE_STATUS, DatasetIndex, Part, connection
from helpers.argilla_local.mapping import Mapping, metadata_key
from helpers.argilla_local.orders import ordering, shuffled
from helpers.argilla_local.rereading import read_again, turn
from helpers.argilla_local.similarity import most_similar
from helpers.argilla_local.upkeep import Upkeep

upkeep = Upkeep()


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
        mapping = mapping_of(dataset)
        await upkeep.write(dataset.id, (), lambda index: index.create(mapping))

    async def delete_index(self, dataset: Dataset) -> None:
        """Remove the index of a dataset."""
        await upkeep.write(dataset.id, (), DatasetIndex.drop)

    async def configure_metadata_property(
        self, dataset: Dataset, metadata_property: MetadataProperty
    ) -> None:
        """Take up a property that the dataset did not have; records that are there do not get it.

        One that was deleted and made again with another type starts anew, as its values are of the old one.
        """
        name, type, key = (
            metadata_property.name,
            metadata_property.type.value,
            metadata_key(metadata_property.name),
        )

        def configure(index: DatasetIndex) -> None:
            mapping = index.mapping.with_metadata(name, type)
            if index.mapping.types.get(key) not in (None, mapping.types[key]):
                index.delete_values(key)
            index.set_mapping(mapping)

        await upkeep.write(dataset.id, (), configure)

    async def configure_index_vectors(self, vector_settings: VectorSettings) -> None:
        """Do nothing: every vector carries its settings' id."""

    async def index_records(self, dataset: Dataset, records: Iterable[Record]) -> None:
        """Add records, or replace them whole."""
        given = list(records)
        async with turn(dataset) as are_read:
            if not are_read:
                query = select(Record).where(Record.id.in_(record.id for record in given)).options(*PARTS)
                given = await read_again(dataset, query.order_by(Record.inserted_at), given)
            await upkeep.write(dataset.id, [record.id for record in given], lambda index: put(index, given))

    async def partial_record_update(self, record: Record, **update: Any) -> None:
        """Change some properties of a record, and the time of its last change."""
        update = {"updated_at": record.updated_at, **update}
        async with turn(record):
            known: list[Record] = []
            for now in await read_again(record, select(Record).where(Record.id == record.id), known):
                update = {name: getattr(now, name) for name in update}
            columns = {name: column(value) for name, value in update.items()}
            await upkeep.write(record.dataset.id, [record.id], lambda index: index.update(record.id, columns))

    async def delete_records(self, dataset: Dataset, records: Iterable[Record]) -> None:
        """Remove records."""
        ids = [record.id for record in records]
        async with turn(dataset):
            await upkeep.write(dataset.id, ids, lambda index: index.delete(ids))

    async def update_record_response(self, response: Response) -> None:
        """Put a response in place of what its user answered before."""
        await self._level_response(response, [response])

    async def delete_record_response(self, response: Response) -> None:
        """Remove a response, unless its user has answered again since."""
        await self._level_response(response, [], Response.id != response.id)

    async def update_record_suggestion(self, suggestion: Suggestion) -> None:
        """Put a suggestion in place of the question's earlier one."""
        await self._level_suggestion(suggestion, [suggestion])

    async def delete_record_suggestion(self, suggestion: Suggestion) -> None:
        """Remove a suggestion, unless there is another one since."""
        await self._level_suggestion(suggestion, [], Suggestion.id != suggestion.id)

    async def get_dataset_progress(self, dataset: Dataset) -> dict[str, int]:
        """Count the records by status."""
        if dataset.is_draft:
            return {}
        return _progress(await upkeep.read(lambda: _searchable(dataset).status_counts()))

    async def get_dataset_user_progress(self, dataset: Dataset, user: User) -> dict[str, int]:
        """Count one user's responses by status."""
        if dataset.is_draft:
            return {}
        return _progress(
            await upkeep.read(lambda: _searchable(dataset).value_counts(RESPONSE_STATUS, user.id))
        )

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

        def found() -> SearchResponses:
            index = _searchable(dataset)
            terms = [ordering(index, order) for order in sort or []]
            if not terms and user_id is not None:
                terms = [shuffled(str(user_id))]
            elif not terms and query is not None:
                terms = [("hit.score DESC", ())]
            total, page = Hits(index, query, filter).page(terms, offset, limit)
            return _responses(page, total)

        return await upkeep.read(found)

    async def compute_metrics_for(self, metadata_property: MetadataProperty) -> MetadataMetrics:
        """Count the terms of a property, or find its extremes."""
        dataset, key = metadata_property.dataset, metadata_key(metadata_property.name)
        if metadata_property.type == MetadataPropertyType.terms:
            counts = await upkeep.read(lambda: _searchable(dataset).value_counts(key))
            values = [TermsMetrics.TermCount(term=str(term), count=count) for term, count in counts]
            return TermsMetrics(total=sum(count for _, count in counts), values=values)
        lowest, highest = await upkeep.read(lambda: _searchable(dataset).extremes(key))
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

        def found() -> list[tuple[str, float]]:
            index = _searchable(dataset)
            vectors = Hits(index, query, filter).vectors(vector_settings.id.bytes)
            similar = most_similar(vector, vectors, max_results + 1)
            return [(index.id(doc), score) for doc, score in similar]

        ids = await upkeep.read(found)
        own = str(record.id) if record else None
        # the vectors have 32-bit components: a score is as exact as that
        lowest = -1.0 if threshold is None else threshold - 1e-7
        kept = [(id, score) for id, score in ids if id != own and score >= lowest][:max_results]
        return _responses(kept, len(kept))

    async def _level_response(self, response: Response, known: list[Response], *conditions: Any) -> None:
        user = response.user_id
        query = select(Response).where(Response.record_id == response.record_id, Response.user_id == user)
        await self._level_part(response.record, user, query.where(*conditions), known, response_part)

    async def _level_suggestion(
        self, suggestion: Suggestion, known: list[Suggestion], *conditions: Any
    ) -> None:
        record, question = suggestion.record_id, suggestion.question_id
        query = select(Suggestion).where(Suggestion.record_id == record, Suggestion.question_id == question)
        query = query.where(*conditions).options(selectinload(Suggestion.question))
        await self._level_part(suggestion.record, question, query, known, suggestion_part)

    async def _level_part(
        self,
        record: Record,
        source: UUID,
        query: Select[Any],
        known: list[Any],
        part_of: Callable[[Any, Mapping], Part],
    ) -> None:
        async with turn(record):
            found = await read_again(record, query, known)

            def change(index: DatasetIndex) -> None:
                if found:
                    index.put_part(record.id, part_of(found[0], index.mapping))
                else:
                    index.delete_part(record.id, source)

            await upkeep.write(record.dataset.id, [record.id], change)


def _searchable(dataset: Dataset) -> DatasetIndex:
    index = DatasetIndex(connection(), dataset.id)
    if not index.exists:
        if dataset.is_draft:
            raise ValueError(f"Dataset `{dataset.id}` has no records to search: publish it first.")
        raise HTTPException(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            f"Dataset `{dataset.id}` could not be indexed yet: try again in a minute.",
        )
    return index


def _progress(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    by_status = dict(counts)
    return {"total": sum(by_status.values()), **by_status}


def _responses(hits: Iterable[tuple[str, float]], total: int) -> SearchResponses:
    items = [SearchResponseItem(record_id=UUID(id), score=score) for id, score in hits]
    return SearchResponses(items=items, total=total)
