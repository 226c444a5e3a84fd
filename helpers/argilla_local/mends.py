"""What argilla_server 2.8.0 does wrong, and how it is set right. Runs in the server's environment."""

import asyncio
import inspect
import logging
import os
from uuid import UUID

from argilla_server.contexts import distribution
from argilla_server.errors.future import NotFoundError
from argilla_server.models import Dataset, Record, Response
from argilla_server.search_engine import SearchEngine
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapper, object_session
from sqlalchemy.orm.attributes import flag_modified

from helpers.argilla_local import storable
from helpers.argilla_local.engine import upkeep
from helpers.argilla_local.faster import STOCK_VARIABLE
from helpers.argilla_local.faster.patching import replace

# How long a status that cannot be stored waits until it is tried again.
_PAUSE_S = 1.0

logger = logging.getLogger(__name__)


def mend() -> None:
    """Set everything right; to be called once argilla_server is imported."""
    if STOCK_VARIABLE not in os.environ:
        _store_changed_metadata()
        _store_whole_responses()
        _update_one_status_at_a_time()
        storable.install()


def _store_changed_metadata() -> None:
    """Let SQLAlchemy see a change inside of a dataset's metadata, as it does for a record's.

    A PATCH of metadata changes the stored dictionary key by key: all but the first answered 200 in vain.
    """
    MutableDict.associate_with_attribute(Dataset.metadata_)


def _store_whole_responses() -> None:
    """Store all of an answer that changes another one.

    SQLAlchemy stores what is new to it: of two answers at the same moment, one could give the record its
    values and the other one its status.
    """

    def mark(mapper: Mapper[Response], connection: Connection, response: Response) -> None:
        if object_session(response).is_modified(response):
            for part in ("values", "status"):
                flag_modified(response, part)

    event.listen(Response, "before_update", mark)


def _update_one_status_at_a_time() -> None:
    """Count the responses of a record and store its status without another request in between.

    The server relies on serializable transactions, which Python's SQLite module does not begin for reading:
    of two users who answer at the same moment, the one who counted first could have the last word.

    The response is stored by then. So where the status cannot be, as on a full disk, the request goes on and
    the status follows as soon as it can: who is told of a failure tries again, and hears of a conflict.
    """
    stock, turn = distribution.update_record_status, asyncio.Lock()
    # Without its retries, for which all others would wait.
    update = inspect.unwrap(stock)
    late: set[asyncio.Task[None]] = set()

    async def update_record_status(search_engine: SearchEngine, record_id: UUID) -> Record | None:
        try:
            async with turn:
                return await update(search_engine, record_id)
        except OperationalError as error:
            logger.warning("The status of the record %s cannot be stored yet: %s", record_id, error.orig)
            task = asyncio.create_task(update_late(search_engine, record_id))
            late.add(task)
            task.add_done_callback(late.discard)
            if upkeep.waits:
                await task
            return None

    async def update_late(search_engine: SearchEngine, record_id: UUID) -> None:
        while True:
            await asyncio.sleep(_PAUSE_S)
            try:
                async with turn:
                    await update(search_engine, record_id)
            except OperationalError:
                continue
            except NotFoundError:  # It was deleted meanwhile.
                pass
            return

    replace(stock, update_record_status)
