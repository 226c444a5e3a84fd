"""What argilla_server 2.8.0 does wrong, and how it is set right. Runs in the server's environment."""

import asyncio
import os
from uuid import UUID

from argilla_server.contexts import distribution
from argilla_server.models import Dataset, Record
from argilla_server.search_engine import SearchEngine
from sqlalchemy.ext.mutable import MutableDict

from helpers.argilla_local import limits, outbox, refusals
from helpers.argilla_local.faster import STOCK_VARIABLE
from helpers.argilla_local.faster.patching import replace


def mend() -> outbox.Outbox | None:
    """Set everything right; to be called once argilla_server is imported.

    Returns
    -------
    Outbox or None
        What hands the server's jobs to Redis, to be closed at the end; None for the server as it is.
    """
    if STOCK_VARIABLE in os.environ:
        return None
    _store_changed_metadata()
    _update_one_status_at_a_time()
    limits.install()
    refusals.install()
    return outbox.install()


def _store_changed_metadata() -> None:
    """Let SQLAlchemy see a change inside of a dataset's metadata, as it does for a record's.

    A PATCH of metadata changes the stored dictionary key by key: all but the first answered 200 in vain.
    """
    MutableDict.associate_with_attribute(Dataset.metadata_)


def _update_one_status_at_a_time() -> None:
    """Count the responses of a record and store its status without another request in between.

    The server relies on serializable transactions, which Python's SQLite module does not begin for reading:
    of two users who answer at the same moment, the one who counted first could have the last word.
    """
    stock, turn = distribution.update_record_status, asyncio.Lock()

    async def update_record_status(search_engine: SearchEngine, record_id: UUID) -> Record:
        async with turn:
            return await stock(search_engine, record_id)

    replace(stock, update_record_status)
