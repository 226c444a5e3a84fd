"""Checking new records without side effects on the session, and looking users up once a request.

Replaces ``RecordCreateValidator.validate`` (argilla_server/validators/records.py), which makes a `Record`
of the dataset for each item: SQLAlchemy then takes every one of them for a pending change of the dataset's
list of records, and looks through all of them at each flush. Replaces ``list_users_by_ids``
(argilla_server/contexts/accounts.py), which each item with responses asks for its users.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import SimpleNamespace
from uuid import UUID

from argilla_server.api.schemas.v1.records import RecordCreate
from argilla_server.contexts import accounts
from argilla_server.models import Dataset, User
from argilla_server.validators.records import RecordCreateValidator
from sqlalchemy.ext.asyncio import AsyncSession

from helpers.argilla_local.faster.patching import replace, replace_member

ListUsers = Callable[[AsyncSession, Iterable[UUID]], Awaitable[Sequence[User]]]

_USERS = "users that list_users_by_ids found"


def install() -> None:
    """Put our functions in place of the stock ones."""
    replace_member(RecordCreateValidator, "validate", classmethod(_validate))
    replace(accounts.list_users_by_ids, _once_a_request(accounts.list_users_by_ids))


async def _validate(cls: type[RecordCreateValidator], item: RecordCreate, dataset: Dataset) -> None:
    record = SimpleNamespace(fields=item.fields, dataset=dataset)
    cls._validate_fields(item.fields, dataset)
    cls._validate_metadata(item.metadata, dataset)
    cls._validate_suggestions(item.suggestions, dataset, record=record)
    cls._validate_vectors(item.vectors, dataset)
    await cls._validate_responses(item.responses, dataset, record=record)


def _once_a_request(stock: ListUsers) -> ListUsers:
    async def list_users_by_ids(db: AsyncSession, ids: Iterable[UUID]) -> Sequence[User]:
        known = db.info.setdefault(_USERS, {})
        unknown = [id for id in ids if id not in known]
        if unknown:
            known.update((user.id, user) for user in await stock(db, unknown))
        return [known[id] for id in ids if id in known]

    return list_users_by_ids
