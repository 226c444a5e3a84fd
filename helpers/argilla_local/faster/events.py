"""Building no webhook event that nobody listens to.

Replaces ``notify_record_event``, ``notify_response_event``, ``notify_dataset_event`` and
``build_record_event`` (argilla_server/webhooks/v1), which load a dataset with all its parts for each event,
and only then look whether there is a webhook.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from argilla_server.contexts.webhooks import list_enabled_webhooks
from argilla_server.models import Dataset, Record
from argilla_server.webhooks.v1 import datasets, records, responses
from argilla_server.webhooks.v1.enums import RecordEvent
from argilla_server.webhooks.v1.event import Event
from argilla_server.webhooks.v1.schemas import RecordEventSchema
from sqlalchemy.ext.asyncio import AsyncSession

from helpers.argilla_local.faster.patching import replace

_DATASET_PARTS = ("workspace", "fields", "questions", "metadata_properties", "vectors_settings")

Build = Callable[[AsyncSession, RecordEvent, Record], Awaitable[Event]]
Notify = Callable[[AsyncSession, str, Any], Awaitable[list[Any]]]


def install() -> None:
    """Put our functions in place of the stock ones."""
    replace(records.build_record_event, _once_a_request(records.build_record_event))
    for notify in (
        records.notify_record_event,
        responses.notify_response_event,
        datasets.notify_dataset_event,
    ):
        replace(notify, _if_heard(notify))


async def heard_events(db: AsyncSession) -> set[str]:
    """Return the names of the events that some enabled webhook listens to."""
    return {event for webhook in await list_enabled_webhooks(db) for event in webhook.events}


def _if_heard(stock: Notify) -> Notify:
    async def notify(db: AsyncSession, event: str, subject: Any) -> list[Any]:
        return await stock(db, event, subject) if event in await heard_events(db) else []

    return notify


def _once_a_request(stock: Build) -> Build:
    async def build_record_event(db: AsyncSession, event: RecordEvent, record: Record) -> Event:
        dataset = await db.get(Dataset, record.dataset_id)
        if not all(dataset.is_relationship_loaded(part) for part in _DATASET_PARTS):
            return await stock(db, event, record)
        return Event(event, datetime.utcnow(), RecordEventSchema.model_validate(record).model_dump())

    return build_record_event
