"""Call a function whenever somebody answers a record: Argilla 1's `listener`, for Argilla 2."""

from __future__ import annotations

import atexit
import queue
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from helpers.active_learning.errors import (
    ListenerError,
    NothingHeardError,
    ServerGoneError,
    UnreachableError,
)
from helpers.active_learning.events import Key, ResponseEvent
from helpers.active_learning.polling import PollingSource
from helpers.active_learning.webhook import WebhookSource
from helpers.search import finds, is_empty

if TYPE_CHECKING:
    import argilla as rg

INTERVAL_S = 2.0

Callback: TypeAlias = Callable[[ResponseEvent], Any]
Condition: TypeAlias = Callable[[ResponseEvent], bool]
Transport: TypeAlias = Literal["auto", "webhook", "polling"]


class Listener:
    """Calls a function once for each answer to a record of a dataset.

    An answer is a submitted response or a discarded record; one that is changed is a new answer. Those that
    were there before the start come first, oldest first: so nothing is lost that was answered while nobody
    listened. The function is called in one background thread, one event after the other.

    Where the server can call this process, it does (Argilla's webhooks); elsewhere it is asked every
    `interval_s`. Nothing else differs. A server that dies and comes back is waited for, and what was
    answered in between is heard. Responses that were logged together with their records raise no event in
    Argilla: they are heard after the next start of the listener or the server.

    An exception of the function is printed, ends the listening, and is raised again by `wait` or `stop`.

    Parameters
    ----------
    dataset
        An Argilla dataset; its client is the one that is used.
    callback
        The function.
    query
        Only answers to records that this finds in the search box of the web UI: in any of the fields but
        images.
    condition
        Only events for which this function returns true.
    transport
        "webhook" or "polling" instead of the automatic choice.
    interval_s
        For polling, in seconds.

    Raises
    ------
    ListenerError
        If the query has no word, there is no such transport, or the interval is no time.

    Attributes
    ----------
    transport
        "webhook" or "polling" once started, before that as given.
    reason
        Why webhooks were not used, if they were tried.

    Examples
    --------
    Use it as a context, or as a decorator with `listener`::

        with Listener(dataset, lambda event: print(event.record_id)) as heard:
            heard.wait(lambda: len(answered) == 20, timeout_s=600)
    """

    def __init__(
        self,
        dataset: rg.Dataset,
        callback: Callback,
        *,
        query: str | None = None,
        condition: Condition | None = None,
        transport: Transport = "auto",
        interval_s: float = INTERVAL_S,
    ) -> None:
        if query is not None and (not isinstance(query, str) or is_empty(query)):
            raise ListenerError(f"The query {query!r} has no word to look for. Leave it out to hear of all.")
        if transport not in ("auto", "webhook", "polling"):
            raise ListenerError(f'transport is {transport!r}: choose "auto", "webhook" or "polling".')
        if not isinstance(interval_s, int | float) or not 0 < interval_s <= threading.TIMEOUT_MAX:
            raise ListenerError(f"interval_s is {interval_s!r}: give a number of seconds above 0.")
        self.transport: str = transport
        self.reason: str | None = None
        self._dataset = dataset
        self._callback = callback
        self._query = query
        self._condition = condition
        self._wanted = transport
        self._searched: list[str] = []
        self._interval_s = interval_s
        self._seen: set[Key] = set()
        self._events: queue.SimpleQueue[ResponseEvent | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._has_raised = False
        self._source: WebhookSource | PollingSource | None = None
        self._caller: threading.Thread | None = None

    def start(self) -> Self:
        """Begin to listen; started again, it does not call for what it has called for before.

        Raises
        ------
        ListenerError
            If it is listening already.
        UnreachableError
            If webhooks are asked for and the server cannot call this process.
        ServerGoneError
            If the server is out of reach.
        DatasetDeletedError, NotPermittedError
            If the dataset cannot be read.
        """
        import httpx

        if self._source is not None:
            raise ListenerError("It is listening already: stop it first.")
        # What an earlier start left in its queue comes again, by the first query.
        self._events = queue.SimpleQueue()
        self._error, self._has_raised = None, False
        try:
            if self._query is not None:
                self._searched = [each.name for each in self._dataset.fields if each.type != "image"]
            self._source = self._open()
        except httpx.TransportError as error:
            raise ServerGoneError(
                f"The server at {self._dataset._client.api_url} is out of reach ({error}). Start it first."
            ) from error
        self.transport = self._source.name
        self._caller = threading.Thread(
            target=self._call, args=(self._events,), daemon=True, name="listener callback"
        )
        self._caller.start()
        atexit.register(self._close)
        return self

    def stop(self) -> None:
        """End to listen, when the call that is running has ended; may be called twice, and by the callback.

        What was heard and not called for yet comes again after the next start.

        Raises
        ------
        Exception
            The one of the callback, if `wait` has not raised it yet.
        """
        self._close()
        if self._caller is threading.current_thread():
            return
        if self._caller is not None:
            self._caller.join()
        if not self._has_raised:
            self._raise()

    def wait(self, done: Callable[[], bool] | None = None, timeout_s: float | None = None) -> None:
        """Wait until something is so, or until the listener is stopped from elsewhere.

        Interrupting it loses nothing: the answers are kept by the server.

        Parameters
        ----------
        done
            Looked at after each call of the callback. By default, wait for the end of the listening.
        timeout_s
            How long to wait, in seconds; by default without end.

        Raises
        ------
        NothingHeardError
            If it is not so in time.
        DatasetDeletedError
            If somebody deletes the dataset.
        Exception
            The one of the callback.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while True:
                self._raise()
                if (done is not None and done()) or self._source is None:
                    return
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise NothingHeardError(
                        f"After {timeout_s:g} s, what was waited for has not been heard in the dataset "
                        f"{self._dataset.name!r}. Wait longer, or look whether somebody is answering."
                    )
                self._changed.wait(left)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        why = f", because: {self.reason}" if self.reason else ""
        return f"<Listener on {self._dataset.name!r} by {self.transport}{why}>"

    def _open(self) -> WebhookSource | PollingSource:
        source: WebhookSource | PollingSource
        if self._wanted != "polling":
            try:
                source = WebhookSource(self._dataset, self._hear, self._fail)
                source.open()
                return source
            except UnreachableError as error:
                if self._wanted == "webhook":
                    raise
                self.reason = str(error)
        source = PollingSource(self._dataset, self._hear, self._fail, self._interval_s)
        source.open()
        return source

    def _close(self) -> None:
        with self._changed:
            source, self._source = self._source, None
            self._changed.notify_all()
        if source is not None:
            atexit.unregister(self._close)
            source.close()
            self._events.put(None)

    def _hear(self, events: list[ResponseEvent]) -> None:
        for event in events:
            self._events.put(event)

    def _fail(self, error: BaseException) -> None:
        traceback.print_exception(error)
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def _call(self, events: queue.SimpleQueue[ResponseEvent | None]) -> None:
        """Call the callback for what comes out of the queue, until it fails."""
        while (event := events.get()) is not None and self._source is not None:
            if event.key in self._seen:
                continue
            self._seen.add(event.key)
            try:
                if self._concerns(event):
                    self._callback(event)
            except BaseException as error:
                self._fail(error)
                return
            with self._changed:
                self._changed.notify_all()

    def _concerns(self, event: ResponseEvent) -> bool:
        fields = [event.fields.get(name) for name in self._searched]
        return (self._query is None or finds(self._query, fields)) and (
            self._condition is None or self._condition(event)
        )

    def _raise(self) -> None:
        if self._error is not None:
            self._has_raised = True
            raise self._error


def listener(
    dataset: rg.Dataset,
    *,
    query: str | None = None,
    condition: Condition | None = None,
    transport: Transport = "auto",
    interval_s: float = INTERVAL_S,
) -> Callable[[Callback], Listener]:
    """Make a function a `Listener`, which is then to be started.

    Examples
    --------
    As it was in Argilla 1::

        @listener(dataset, query="cup | final", condition=lambda event: event.status == "submitted")
        def celebrate(event):
            print(event.record_id, event.answers)

        celebrate.start()
        celebrate.stop()
    """

    def decorate(callback: Callback) -> Listener:
        return Listener(
            dataset,
            callback,
            query=query,
            condition=condition,
            transport=transport,
            interval_s=interval_s,
        )

    return decorate
