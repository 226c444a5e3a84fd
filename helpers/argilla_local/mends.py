"""What argilla_server 2.8.0 does wrong, and how it is set right. Runs in the server's environment."""

import asyncio
import inspect
import logging
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from argilla_server.contexts import distribution
from argilla_server.errors.future import NotFoundError
from argilla_server.models import Dataset, Record, Response
from argilla_server.search_engine import SearchEngine
from argilla_server.validators.response_values import SpanQuestionResponseValueValidator
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapper, object_session
from sqlalchemy.orm.attributes import flag_modified

from helpers.argilla_local import storable
from helpers.argilla_local.engine import upkeep
from helpers.argilla_local.faster import STOCK_VARIABLE
from helpers.argilla_local.faster.patching import replace, replace_member

if TYPE_CHECKING:
    from helpers.argilla_local.outbox import Outbox

# How long a status that cannot be stored waits until it is tried again.
_PAUSE_S = 1.0

logger = logging.getLogger(__name__)


def mend() -> None:
    """Set everything right about what is stored; to be called once argilla_server is imported."""
    if STOCK_VARIABLE not in os.environ:
        _store_changed_metadata()
        _store_whole_responses()
        _update_one_status_at_a_time()
        storable.install()


def mend_requests() -> "Outbox | None":
    """Set everything right about requests, in the web server's process; to be called before `mend`.

    Returns
    -------
    Outbox or None
        What hands the server's jobs to Redis, to be closed at the end; None for the server as it is.
    """
    from helpers.argilla_local import limits, outbox, refusals  # Of no use to a worker, and slow to import.

    if STOCK_VARIABLE in os.environ:
        return None
    _measure_texts_as_the_web_ui()
    limits.install()
    refusals.install()
    return outbox.install()


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


def _measure_texts_as_the_web_ui() -> None:
    """Take spans up to the end of a text as browsers count, in UTF-16 code units.

    The server counts characters: it answered 422 to who had marked the last word of a text with an emoji.
    """
    name = "_validate_start_end_are_within_record_field_limits"
    stock = getattr(SpanQuestionResponseValueValidator, name)

    def validate(validator: SpanQuestionResponseValueValidator, settings: Any, record: Any) -> None:
        text = record.fields[settings.field]
        units = range(len(text.encode("utf-16-le", "surrogatepass")) // 2) if isinstance(text, str) else text
        stock(validator, settings, SimpleNamespace(fields={settings.field: units}))

    replace_member(SpanQuestionResponseValueValidator, name, validate)
