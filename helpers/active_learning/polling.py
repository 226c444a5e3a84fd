"""Hear of responses by asking again and again, where the server cannot call us."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from helpers.active_learning.events import events_in
from helpers.active_learning.server import list_records, request
from helpers.active_learning.webhook import Fail, Hear

if TYPE_CHECKING:
    import argilla as rg


class PollingSource:
    """Asks when something last happened in a dataset; only when that changes, for the responses.

    Parameters
    ----------
    dataset
        Whose responses to hear of.
    hear
        Called with events, the same again each time.
    fail
        Called once there is nothing more to hear.
    interval_s
        How long to wait between two questions, in seconds.
    """

    name = "polling"

    def __init__(self, dataset: rg.Dataset, hear: Hear, fail: Fail, interval_s: float) -> None:
        self._dataset = dataset
        self._hear = hear
        self._fail = fail
        self._interval_s = interval_s
        self._closed = threading.Event()
        self._last_activity: str | None = None

    def open(self) -> None:
        """Begin to ask.

        Raises
        ------
        DatasetDeletedError, NotPermittedError
            If the dataset cannot be read.
        """
        self._ask()
        threading.Thread(target=self._keep_asking, daemon=True, name="polling").start()

    def close(self) -> None:
        """End to ask."""
        self._closed.set()

    def _keep_asking(self) -> None:
        import httpx

        while not self._closed.wait(self._interval_s):
            try:
                self._ask()
            except httpx.TransportError:
                continue
            except Exception as error:
                self._closed.set()
                self._fail(error)

    def _ask(self) -> None:
        # Asked for before the responses: one that comes in between shows itself next time.
        last_activity = request(self._dataset)["last_activity_at"]
        if last_activity != self._last_activity:
            records = list_records(self._dataset, "responses")
            events = [event for record in records for event in events_in(record)]
            self._hear(sorted(events, key=lambda event: event.updated_at))
            self._last_activity = last_activity
