"""Records whose status does not fit their responses. Runs in the server's environment.

The server stores a response, and then in a second transaction whether its record is complete. One that dies
in between leaves a record that nobody completes: who sends the response again hears of a conflict. And a user
who is deleted takes the responses along, and leaves the records complete.
"""

import logging

from argilla_server.database import SyncSessionLocal, sync_engine
from argilla_server.enums import RecordStatus, ResponseStatus
from argilla_server.models import Dataset, Record, Response
from sqlalchemy import case, func, select, update

logger = logging.getLogger(__name__)


def correct_statuses() -> int:
    """Give each record the status that its submitted responses make it, and return how many had another."""
    submitted = (
        select(Response.record_id, func.count().label("count"))
        .where(Response.status == ResponseStatus.submitted)
        .group_by(Response.record_id)
        .subquery()
    )
    is_complete = func.coalesce(submitted.c.count, 0) >= Dataset.distribution["min_submitted"].as_integer()
    wrong = (
        select(Record.id)
        .join(Dataset)
        .outerjoin(submitted, submitted.c.record_id == Record.id)
        .where(is_complete != (Record.status == RecordStatus.completed))
    )
    other = case(
        (Record.status == RecordStatus.completed, RecordStatus.pending), else_=RecordStatus.completed
    )
    with SyncSessionLocal() as session:
        corrected: int = session.execute(
            update(Record).where(Record.id.in_(wrong)).values(status=other),
            execution_options={"synchronize_session": False},
        ).rowcount
        session.commit()
    sync_engine.dispose()
    if corrected:
        logger.warning("The status of %d records did not fit their responses: it is corrected.", corrected)
    return corrected
