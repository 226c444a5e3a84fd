"""Measured cells, saved one by one, so that an interrupted benchmark goes on where it stopped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Cells:
    """The cells of one part of a benchmark file.

    Parameters
    ----------
    path
        The JSON file; other parts in it are kept.
    part
        The name of this part.
    """

    def __init__(self, path: Path, part: str) -> None:
        self._path = path
        self._part = part

    def measure(self, name: str, function: Callable[[], Any]) -> Any:
        """Return the cell of this name: the saved one, else what `function` returns, saved."""
        cells = self._read().get(self._part, {})
        if name not in cells:
            cells[name] = function()
            saved = self._read()  # anew: another part may run at the same time
            saved.setdefault(self._part, {})[name] = cells[name]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps(saved, indent=2) + "\n")
            partial.replace(self._path)
        print(f"{self._part} | {name}: {json.dumps(cells[name]):.300}")
        return cells[name]

    def _read(self) -> dict[str, dict[str, Any]]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}
