"""A chat-completions endpoint on 127.0.0.1 that answers, stumbles or stalls as a test has it.

Protocol: https://platform.openai.com/docs/api-reference/chat
"""

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    Attributes
    ----------
    content
        The answer, of status 200.
    status
        Any other status is an error.
    headers
        Further headers.
    delay_s
        How long it takes.
    drop
        Hang up without an answer.
    tokens
        The answer's tokens with their probabilities, sent where they are asked for.
    body
        Sent as it is in the place of an answer.
    """

    content: str | None = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: bool = False
    tokens: tuple[tuple[str, float], ...] = ()
    body: str | None = None


class ChatServer(ThreadingHTTPServer):
    """The server.

    Attributes
    ----------
    replies
        For each text, what the server does when it is asked about it for the first time, the second time, ...
        The last one holds for all further times.
    asked, answered
        How often each text was asked about, and answered with status 200.
    requests
        The requests' bodies.
    times
        For each text, when it was asked about.
    most_at_once
        The most requests that were under way at a time.
    """

    daemon_threads = True

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = replies
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []
        self.times: dict[str, list[float]] = {}
        self.lock = threading.Lock()
        self.under_way = self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def reply_to(self, request: dict[str, Any]) -> tuple[str, Reply]:
        prompt = request["messages"][-1]["content"]
        text = prompt.rpartition("\nfields: ")[2].removesuffix("\nresponse:")
        with self.lock:
            self.requests.append(request)
            self.times.setdefault(text, []).append(time.monotonic())
            replies = self.replies[text]
            reply = replies[min(self.asked[text], len(replies) - 1)]
            self.asked[text] += 1
            self.answered[text] += reply.status == 200 and not reply.drop
        return text, reply


@contextmanager
def serve(replies: dict[str, list[Reply]]) -> Iterator[ChatServer]:
    """Run a server until the end of the block."""
    with ChatServer(replies) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        with self.server.lock:
            self.server.under_way += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.under_way)
        _, reply = self.server.reply_to(request)
        time.sleep(reply.delay_s)
        with self.server.lock:
            self.server.under_way -= 1
        if reply.drop:
            self.close_connection = True
            return
        made = _completion(request, reply) if reply.status == 200 else _error(reply)
        body = (reply.body or json.dumps(made)).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _completion(request: dict[str, Any], reply: Reply) -> dict[str, Any]:
    logprobs = None
    if request.get("logprobs") and reply.tokens:
        places = [{"token": token, "logprob": math.log(p), "bytes": None} for token, p in reply.tokens]
        logprobs = {"content": [place | {"top_logprobs": [place]} for place in places]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.content},
                "finish_reason": "stop",
                "logprobs": logprobs,
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
    }


def _error(reply: Reply) -> dict[str, Any]:
    return {"error": {"message": f"status {reply.status} for the test", "type": "test", "code": None}}
