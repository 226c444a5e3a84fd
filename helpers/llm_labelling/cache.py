"""Answers kept on disk, so that none is paid for twice."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from helpers.llm_labelling.errors import LlmSettingError


def default_path() -> Path:
    """Return where answers are kept between runs: with the user's data, since they cost money."""
    from platformdirs import user_data_path

    return user_data_path("labeling-notebooks") / "llm_answers.db"


class AnswerCache:
    """A file of answers by key. Each is on disk when `put` returns, however the program ends then.

    Parameters
    ----------
    path
        An SQLite file, made when missing, or ``":memory:"``.

    Raises
    ------
    LlmSettingError
        The file cannot be opened, or is no such file.

    Examples
    --------
    >>> cache = AnswerCache(":memory:")
    >>> cache.put("key", {"generations": ["yes"]})
    >>> cache.get("key"), cache.get("other")
    ({'generations': ['yes']}, None)
    """

    def __init__(self, path: str | Path) -> None:
        try:
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            # Answers come in on the thread of the event loop; one statement at a time.
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=30
            )
            self._connection.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT)")
        except (OSError, ValueError, sqlite3.Error) as error:
            raise LlmSettingError(
                f"The file of answers {str(path)!r} cannot be opened ({error}). Name another, or move it "
                "away."
            ) from error

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the answer kept under a key, if there is one."""
        row = self._connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer; an older one under the same key is replaced."""
        self._connection.execute("REPLACE INTO answers VALUES (?, ?)", (key, json.dumps(answer)))

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT COUNT(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
