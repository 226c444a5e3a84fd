"""Find records by their ids, however many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argilla as rg

MOST_IDS = 250
"""The server takes no more values in one filter, and not none."""


def records_by_id(
    dataset: rg.Dataset, ids: Iterable[str], *conditions: tuple[str, str, Any]
) -> Iterator[rg.Record]:
    """Yield the records of these ids, those that are there.

    Parameters
    ----------
    dataset
        The dataset.
    ids
        As the records were logged.
    conditions
        What else must hold, as in `rg.Query`.
    """
    import argilla as rg

    wanted = list(ids)
    for start in range(0, len(wanted), MOST_IDS):
        chunk = wanted[start : start + MOST_IDS]
        yield from dataset.records(rg.Query(filter=[("id", "in", chunk), *conditions]))
