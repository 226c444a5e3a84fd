"""How long a person takes for a review, from when their answers arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argilla as rg

BREAK_S = 300.0
"""Between two answers, more than this is a break."""

_PAGE = 500


def seconds_per_review(dataset: rg.Dataset) -> float | None:
    """Return the mean seconds from one answer of a person to that person's next, without breaks.

    The server knows when each answer was first given, so it does not matter whether anybody was waiting. Ask
    only about answers of people: those of the simulated annotator say how fast the server is.

    Parameters
    ----------
    dataset
        The dataset that was reviewed.

    Returns
    -------
    float or None
        None where nobody gave two answers in a row.
    """
    answered: dict[str, list[datetime]] = {}
    offset = 0
    while True:
        page = dataset._client.http_client.get(
            f"/api/v1/datasets/{dataset.id}/records",
            params={"include": "responses", "limit": _PAGE, "offset": offset},
        )
        items = page.raise_for_status().json()["items"]
        for response in (response for item in items for response in item["responses"]):
            answered.setdefault(response["user_id"], []).append(
                datetime.fromisoformat(response["inserted_at"])
            )
        offset += _PAGE
        if len(items) < _PAGE:
            return mean_gap(answered.values())


def mean_gap(times: Iterable[Sequence[datetime]]) -> float | None:
    """Return the mean seconds between neighboring times of each sequence, without breaks.

    Examples
    --------
    >>> nine = datetime(2026, 1, 5, 9)
    >>> after_lunch = [nine.replace(hour=13, second=second) for second in (20, 0)]
    >>> mean_gap([[nine, nine.replace(second=10), *after_lunch], [nine]])
    15.0
    """
    gaps = [(later - earlier).total_seconds() for each in times for earlier, later in pairwise(sorted(each))]
    counted = [gap for gap in gaps if gap <= BREAK_S]
    return sum(counted) / len(counted) if counted else None
