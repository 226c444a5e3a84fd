"""Keeping the index level with the database while the server runs. Runs in the server's environment.

A change is in the database before it is written to the index. The index may not take it then: the disk is
full, another process holds its lock, the file is damaged. The change is made all the same, so the request is
answered by what the database did, and its records are leveled as soon as the index takes them.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import apsw
from fastapi import HTTPException, status

from helpers.argilla_local import leveling
from helpers.argilla_local.home import delete_database
from helpers.argilla_local.index import BUSY_MS, DAMAGES, DatasetIndex, connection

# After a failure, changes and attempts to make up for it do not wait long for the lock of the index.
_BUSY_MS_BEHIND = 50
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
# So long a search waits for an index that is built anew.
_PATIENCE_S = 10.0

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Upkeep:
    """All reading and writing of this process's index.

    Changes are made one after another in a thread of their own, as SQLite waits for another process's lock.

    Attributes
    ----------
    waits
        Whether a change that fails waits until it is made up for: after a worker's job nothing runs.
    """

    def __init__(self) -> None:
        self.waits = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        # The datasets, and their records, whose changes failed; in order, as records are found in it.
        self._behind: dict[UUID, dict[UUID, None]] = {}
        self._whole = asyncio.Event()
        self._whole.set()
        self._task: asyncio.Task[None] | None = None

    async def read(self, question: Callable[[], Answer]) -> Answer:
        """Answer from the index; one that turns out to be damaged is built anew first.

        Raises
        ------
        HTTPException
            503: that takes longer than a request should.
        """
        for _ in range(2):
            try:
                await asyncio.wait_for(self._whole.wait(), _PATIENCE_S)
                return question()
            except TimeoutError:
                break
            except DAMAGES as error:
                self._note_damage(error)
        raise HTTPException(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            "The search index was damaged and is being built anew from the database: try again in a minute.",
        )

    async def write(
        self, dataset_id: UUID, record_ids: Iterable[UUID], change: Callable[[DatasetIndex], object]
    ) -> None:
        """Change the index of a dataset; where that fails, see to it that these records are leveled."""
        if self._whole.is_set():
            try:
                await self._in_thread(lambda: change(DatasetIndex(self._connection(), dataset_id)))
                return
            except DAMAGES as error:
                self._note_damage(error)
            except (apsw.Error, OSError, UnicodeError) as error:
                logger.warning("A change of the search index failed and is made up for: %r", error)
        self._behind.setdefault(dataset_id, {}).update(dict.fromkeys(record_ids))
        task = self._catch_up_soon()
        if self.waits:
            await task

    def _note_damage(self, error: Exception) -> None:
        logger.warning("The search index is damaged and is built anew from the database: %r", error)
        self._whole.clear()
        self._catch_up_soon()

    def _catch_up_soon(self) -> asyncio.Task[None]:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._catch_up())
        return self._task

    async def _catch_up(self) -> None:
        """Try until the index is whole and holds everything."""
        pause_s = _FIRST_PAUSE_S
        while self._behind or not self._whole.is_set():
            try:
                if self._whole.is_set():
                    await self._level_next()
                else:
                    await self._in_thread(self._build)
                    self._whole.set()
            except Exception as error:
                if isinstance(error, DAMAGES):
                    self._whole.clear()
                logger.warning("The search index lags behind the database: %r", error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        logger.warning("The search index is level with the database again.")

    async def _level_next(self) -> None:
        dataset_id = next(iter(self._behind))
        ids = self._behind.pop(dataset_id)
        try:
            await self._in_thread(lambda: leveling.level_records(self._connection(), dataset_id, ids))
        except BaseException:
            # Those of them that failed again meanwhile are noted already.
            self._behind[dataset_id] = {**ids, **self._behind.get(dataset_id, {})}
            raise

    def _build(self) -> None:
        delete_database(Path(os.environ["ARGILLA_LOCAL_INDEX"]))
        for dataset_id in leveling.searchable_datasets():
            leveling.level_records(self._connection(), dataset_id, ())

    def _connection(self) -> apsw.Connection:
        db = connection()
        is_behind = self._task is not None and not self._task.done()
        db.set_busy_timeout(_BUSY_MS_BEHIND if is_behind else BUSY_MS)
        return db

    async def _in_thread(self, work: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)
