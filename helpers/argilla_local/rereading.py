"""Reading again what is written to the index. Runs in the server's environment.

A request that waits holds what it has read earlier, and another one may have changed it since. So what goes
into the index is read again, one reader at a time from the reading until it is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession, async_object_session

_lock = asyncio.Lock()
_has_turn = ContextVar("_has_turn", default=False)

Model = TypeVar("Model")


@asynccontextmanager
async def turn(owner: Any) -> AsyncIterator[bool]:
    """Wait for one's turn to read with the session of an object, and to write to the index.

    Yields whether the caller had its turn already: then what it writes has been read in it.
    """
    if _has_turn.get():
        yield True
        return
    session = async_object_session(owner)
    if session is not None:
        # First a connection, then the turn: those who wait for it may hold all the others.
        await session.connection()
    async with _lock:
        token = _has_turn.set(True)
        try:
            yield False
        finally:
            _has_turn.reset(token)


async def read_again(owner: Any, query: Select[Any], known: list[Model]) -> list[Model]:
    """Return what a query finds now, by the connection of the session that an object belongs to.

    The session's own objects stay as they are, as they become the answer. What belongs to no session is
    taken as it is `known`.
    """
    session = async_object_session(owner)
    if session is None:
        return known
    async with AsyncSession(await session.connection()) as other:
        return list((await other.scalars(query)).all())
