"""When to ask a busy or failing endpoint again."""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from helpers.llm_labelling.errors import LlmRefusedError, LlmSettingError

Answer = TypeVar("Answer")

_HOPELESS = {401, 403, 404}
_WORTH_ANOTHER_TRY = {408, 409, 425, 429}


class NoAnswerError(Exception):
    """One request got no answer; others may."""


@dataclass(frozen=True)
class Patience:
    """How long to keep asking.

    Attributes
    ----------
    attempts
        How often one request is sent at most, 1 at least.
    backoff_s
        Seconds before the second attempt, doubled before each further one, less up to half by chance so
        that many requests do not return together.
    max_wait_s
        A wait longer than this is not worth it, also where the endpoint asks for it.

    Raises
    ------
    LlmSettingError
        There are no attempts.
    """

    attempts: int = 6
    backoff_s: float = 1.0
    max_wait_s: float = 120.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise LlmSettingError(f"Patience(attempts={self.attempts}) would never ask: give 1 or more.")

    async def ask(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send a request until it is answered.

        An answer with status 408, 409, 425, 429 or 5xx, a lost connection and a timeout are reasons to ask
        again, not before the time that ``Retry-After`` names.

        Raises
        ------
        LlmRefusedError
            The endpoint refuses, as it would refuse every other request too.
        NoAnswerError
            The patience is at an end, or this request is refused as such.
        """
        import openai

        attempt = 1
        while True:
            try:
                return await request()
            except openai.APIStatusError as error:
                if error.status_code in _HOPELESS:
                    raise LlmRefusedError(
                        f"The endpoint refuses with status {error.status_code}: {error.message}. Check its"
                        " address, the model's name and the API key."
                    ) from error
                if error.status_code < 500 and error.status_code not in _WORTH_ANOTHER_TRY:
                    raise NoAnswerError(f"status {error.status_code}: {error.message}") from error
                wait_s = retry_after_s(error.response.headers)
                problem = f"status {error.status_code}: {error.message}"
            except openai.APIConnectionError as error:
                wait_s, problem = None, error.message
            if wait_s is None:
                wait_s = min(self.max_wait_s, self.backoff_s * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
            if attempt == self.attempts or wait_s > self.max_wait_s:
                raise NoAnswerError(f"after {attempt} attempts: {problem}")
            attempt += 1
            await asyncio.sleep(wait_s)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds the header ``Retry-After`` (a number or a date, RFC 9110) asks to wait.

    Examples
    --------
    >>> retry_after_s({"retry-after": "2"}), retry_after_s({})
    (2.0, None)
    >>> retry_after_s({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"})
    0.0
    """
    value = headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
