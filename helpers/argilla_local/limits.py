"""How much a request may hold. Runs in the server's environment.

A request is read, checked and stored as a whole, and meanwhile no other one is answered.
"""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from fastapi import HTTPException
from starlette.requests import Request

from helpers.argilla_local.faster.patching import replace_member

# 256 records, as many as the SDK sends at once, may have 128 KB each: 20,000 words.
MOST_BYTES = 32 * 2**20
# What is stored must be told, too, and pydantic writes no more than 255 levels.
MOST_LEVELS = 200
# Five times as many as Argilla takes of spans, and more than any vector has components.
MOST_ITEMS = 50_000

Stream = Callable[[Request], AsyncGenerator[bytes, None]]


def install() -> None:
    """Have requests that are too large or nested too deeply refused before anything is done with them."""
    replace_member(Request, "stream", _limited(Request.stream))
    replace_member(Request, "json", _parsed)


def _limited(stock: Stream) -> Stream:
    async def stream(request: Request) -> AsyncGenerator[bytes, None]:
        size = 0
        # What is too much is read, too: a client that cannot send it does not listen to the answer.
        async for chunk in stock(request):
            size += len(chunk)
            if size <= MOST_BYTES:
                yield chunk
        if size > MOST_BYTES:
            raise HTTPException(
                413,
                f"The request has {size:,} bytes, and {MOST_BYTES:,} are the limit: send fewer records at a "
                "time (`batch_size` of the SDK's `records.log`), or shorter ones.",
            )

    return stream


async def _parsed(request: Request) -> Any:
    if not hasattr(request, "_json"):
        body = await request.body()
        try:
            request._json = json.loads(body)
        except RecursionError:
            raise _too_deep() from None
        _check(request._json)
    return request._json


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        wholes = [whole for whole in level if isinstance(whole, dict | list)]
        if not wholes:
            return
        most = max(map(len, wholes))
        if most > MOST_ITEMS:
            raise HTTPException(
                422,
                f"The request has a list or object of {most:,} items, and {MOST_ITEMS:,} are the limit: send "
                "fewer, or spread them over several records.",
            )
        level = [part for whole in wholes for part in (whole.values() if isinstance(whole, dict) else whole)]
    raise _too_deep()


def _too_deep() -> HTTPException:
    return HTTPException(
        422,
        f"The request nests lists and objects deeper than the limit of {MOST_LEVELS} levels: flatten it, or "
        "send it as a text.",
    )
