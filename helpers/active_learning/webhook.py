"""Hear of responses by Argilla's webhooks: the server calls us."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from helpers.active_learning.errors import DatasetDeletedError, UnreachableError
from helpers.active_learning.events import CREATED, UPDATED, ResponseEvent, event_of, events_in
from helpers.active_learning.server import list_records

if TYPE_CHECKING:
    import argilla as rg

HOST = "127.0.0.1"
MARK = "helpers.active_learning listener"
"""How the description of our webhooks begins."""

DATASET_DELETED = "dataset.deleted"
CLOSE_S = 0.05
RECONNECT_S = 0.5
PATIENCE_S = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

Hear = Callable[[list[ResponseEvent]], None]
Fail = Callable[[BaseException], None]
Message = Mapping[str, Any]


class WebhookSource:
    """Registers a webhook on a free port of this machine, and passes on what it is told.

    Webhooks alone would lose what happens while the server dies. So a connection to the server is kept open,
    on which nothing is ever asked: when it breaks, the server has died or stopped, and as soon as it is back
    one query catches up on what was missed. Apart from that, and from one such query at the start, the
    server is asked nothing.

    Parameters
    ----------
    dataset
        Whose responses to hear of.
    hear
        Called with events, in any thread, and with some of them more than once.
    fail
        Called once there is nothing more to hear.
    """

    name = "webhook"

    def __init__(self, dataset: rg.Dataset, hear: Hear, fail: Fail) -> None:
        self._dataset = dataset
        self._hear = hear
        self._fail = fail
        self._closed = threading.Event()
        self._webhook: rg.Webhook | None = None

    def open(self) -> None:
        """Begin to listen.

        Raises
        ------
        UnreachableError
            If the server cannot call us: it is on another machine or in a container, the key is not an
            owner's, or there are too many webhooks.
        DatasetDeletedError
            If the dataset is gone.
        """
        host = urlsplit(self._dataset._client.api_url).hostname
        if host not in _LOOPBACK:
            raise UnreachableError(f"The server is at {host}, from where this process cannot be called.")
        self._receiver = _Receiver(self._receive)
        serve = partial(self._receiver.serve_forever, poll_interval=CLOSE_S)
        threading.Thread(target=serve, daemon=True, name="webhook receiver").start()
        try:
            self._register()
            self._lifeline = self._connect()
            self._catch_up()
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._watch, daemon=True, name="webhook lifeline").start()

    def close(self) -> None:
        """End to listen, and take the webhook away."""
        import httpx

        self._closed.set()
        if self._webhook is not None:
            path = f"/api/v1/webhooks/{self._webhook.id}"
            # Where the server is gone, the next listener takes away webhooks to which nobody listens.
            with contextlib.suppress(httpx.TransportError):
                self._dataset._client.http_client.delete(path, timeout=PATIENCE_S)
            self._webhook = None
        self._receiver.shutdown()
        self._receiver.server_close()

    def _register(self) -> None:
        import argilla as rg
        from argilla._exceptions import ArgillaAPIError

        client = self._dataset._client
        try:
            for webhook in client.webhooks:
                if (webhook.description or "").startswith(MARK) and not _is_alive(webhook.url):
                    webhook.delete()
            self._webhook = rg.Webhook(
                self._receiver.url,
                [CREATED, UPDATED, DATASET_DELETED],
                f"{MARK}: {self._dataset.name}",
                _client=client,
            ).create()
        except ArgillaAPIError as error:
            raise UnreachableError(f"The server does not take a webhook: {error}") from error
        self._receiver.secret = self._webhook.secret
        client.http_client.post(f"/api/v1/webhooks/{self._webhook.id}/ping")
        if not self._receiver.pinged.is_set():
            raise UnreachableError(f"The server cannot call this process at {self._receiver.url}.")

    def _receive(self, message: Message) -> None:
        data = message["data"]
        if message["type"] == DATASET_DELETED and data["id"] == str(self._dataset.id):
            self._fail(
                DatasetDeletedError(f"The dataset {self._dataset.name!r} has been deleted with its labels.")
            )
        elif message["type"] in (CREATED, UPDATED) and data["record"]["dataset"]["id"] == str(
            self._dataset.id
        ):
            event = event_of(data, data["record"], data["user"]["id"])
            self._hear([event] if event else [])

    def _catch_up(self) -> None:
        events = [event for record in list_records(self._dataset, "responses") for event in events_in(record)]
        self._hear(sorted(events, key=lambda event: event.updated_at))

    def _connect(self) -> socket.socket:
        url = urlsplit(self._dataset._client.api_url)
        port = url.port or (443 if url.scheme == "https" else 80)
        return socket.create_connection((url.hostname or HOST, port), timeout=RECONNECT_S)

    def _watch(self) -> None:
        while not self._closed.is_set():
            if not _is_open(self._lifeline):
                self._lifeline.close()
                self._return()
        self._lifeline.close()

    def _return(self) -> None:
        """Connect again and catch up, as soon as there is a server."""
        import httpx

        while not self._closed.wait(RECONNECT_S):
            try:
                self._lifeline = self._connect()
                self._catch_up()
            except (OSError, httpx.TransportError):
                continue
            except Exception as error:
                self._closed.set()
                self._fail(error)
            return


class _Receiver(ThreadingHTTPServer):
    """Takes what the server sends: answers at once, so that no slow callback makes it send again."""

    daemon_threads = True

    def __init__(self, receive: Callable[[Message], None]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.path = f"/{uuid.uuid4()}"
        self.url = f"http://{HOST}:{self.server_port}{self.path}"
        self.secret = ""
        self.receive = receive
        self.pinged = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Receiver

    def do_GET(self) -> None:
        """Tell another listener that this webhook is in use."""
        self._answer(204 if self.path == self.server.path else 404)

    def do_POST(self) -> None:
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError

        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != self.server.path:
            return self._answer(404)
        try:
            Webhook(self.server.secret).verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self._answer(401)
        message = json.loads(body)
        # Queued first, which takes no time: an event that was acknowledged must not be lost.
        self.server.receive(message)
        if message["type"] == "ping":
            self.server.pinged.set()
        return self._answer(200)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the notebook free of a line for each request."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _is_alive(url: str) -> bool:
    """Tell whether a listener still listens there."""
    import httpx

    try:
        # A proxy for the outer world does not lead to this machine.
        return httpx.get(url, timeout=PATIENCE_S, trust_env=False).status_code == httpx.codes.NO_CONTENT
    except httpx.TransportError:
        return False


def _is_open(connection: socket.socket) -> bool:
    """Wait a moment, and tell whether a connection on which nothing is sent is still there."""
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False
