"""What the server's processes write to their logs.

argilla_server logs what it refuses with the whole request, passwords included, through rich, which takes
seconds for megabytes while nobody is answered. Here an error is logged by its kind and its place.
"""

import logging
import sqlite3
import traceback
from typing import Any

SHOWN_PLACES = 5
SHOWN_KEY = 40
SHOWN_MESSAGE = 2000


def configure() -> None:
    """Log to standard error, in place of argilla_server's handlers; to be called once it is imported."""
    from argilla_server.database import async_engine, sync_engine

    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # SQLAlchemy's errors quote what was to be stored; clients are told them.
    async_engine.sync_engine.hide_parameters = sync_engine.hide_parameters = True


class DiscreetFormatter(logging.Formatter):
    """Writes what kind of error was raised and where, but not its message, which can quote what was sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text, with the traceback of its error."""
        error = record.msg if isinstance(record.msg, BaseException) else None
        message = described(error) if error else record.getMessage()
        if len(message) > SHOWN_MESSAGE:
            message = f"{message[:SHOWN_MESSAGE]}... ({len(message):,} characters)"
        # Where a request is refused, the places say all: the traceback is always the same.
        exc_info = None if error and _places(error) else record.exc_info
        # Without the text of the traceback that another formatter may have left there.
        changed = {"msg": message, "args": None, "exc_info": exc_info, "exc_text": None}
        return super().format(logging.makeLogRecord(vars(record) | changed))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name
        """Return the traceback of an error, after those of the errors that it came from."""
        error: BaseException | None = ei[1]
        parts: list[str] = []
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.insert(0, f"Traceback (most recent call last):\n{frames}{described(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\nwhich led to:\n\n".join(parts)


def described(error: BaseException) -> str:
    """Return the kind of an error, with the places that it names; with its words where the machine failed.

    >>> described(ValueError("'secret' is too short"))
    'ValueError'
    >>> described(OSError(28, "No space left on device"))
    'OSError: No space left on device'
    """
    kind = type(error).__qualname__
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    if isinstance(error, sqlite3.Error):
        return f"{kind}: {error}"
    places = _places(error)
    hidden = len(places) - SHOWN_PLACES
    more = [f"and {hidden:,} more"] if hidden > 0 else []
    return f"{kind}: {'; '.join([*places[:SHOWN_PLACES], *more])}" if places else kind


def _places(error: BaseException) -> list[str]:
    """Return the kinds and places of what pydantic or FastAPI found wrong."""
    if not callable(getattr(error, "errors", None)):
        return []
    return [
        f"{each['type']} at {'.'.join(str(key)[:SHOWN_KEY] for key in each['loc'])}"
        for each in error.errors()  # type: ignore[attr-defined]
        if "type" in each and "loc" in each
    ]
