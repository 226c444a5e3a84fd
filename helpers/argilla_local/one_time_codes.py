"""Codes that sign a user in, each once and within minutes."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from uuid import UUID

LIFE_S = 600.0


class OneTimeCodes:
    """The codes that may still be used; only their hashes are kept.

    Parameters
    ----------
    clock
        Tells the time in seconds.

    Examples
    --------
    >>> codes = OneTimeCodes()
    >>> code = codes.make(UUID(int=1))
    >>> codes.use(code), codes.use(code), codes.use("another")
    (UUID('00000000-0000-0000-0000-000000000001'), None, None)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._users: dict[bytes, tuple[UUID, float]] = {}

    def make(self, user_id: UUID) -> str:
        """Return a new code that signs in a user."""
        now = self._clock()
        self._users = {known: each for known, each in self._users.items() if now < each[1]}
        code = secrets.token_urlsafe(32)
        self._users[_hash(code)] = (user_id, now + LIFE_S)
        return code

    def use(self, code: str) -> UUID | None:
        """Return whom a code signs in, where it has not been used and is not too old."""
        wanted = _hash(code)
        for known in list(self._users):
            if hmac.compare_digest(known, wanted):
                user_id, deadline = self._users.pop(known)
                return user_id if self._clock() < deadline else None
        return None


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="replace")).digest()
