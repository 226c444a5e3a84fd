"""Wait for a person to answer in the web UI."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from helpers.annotation.errors import AnnotationError

if TYPE_CHECKING:
    import argilla as rg

POLL_S = 2.0


class NobodyAnsweredError(AnnotationError):
    """The time to wait for answers is over."""


def wait_for_responses(dataset: rg.Dataset, record_ids: Collection[str], wait_s: float) -> None:
    """Wait until each of these records has a submitted or discarded response, with a progress bar.

    Interrupting it loses nothing: answers are kept by the server.

    Parameters
    ----------
    dataset
        The dataset that the person works on.
    record_ids
        The ids of the records to be answered.
    wait_s
        How long to wait at most, in seconds.

    Raises
    ------
    NobodyAnsweredError
        If some records are unanswered after that time.
    """
    import argilla as rg
    from tqdm.auto import tqdm

    answered = rg.Query(
        filter=[("id", "in", list(record_ids)), ("response.status", "in", ["submitted", "discarded"])]
    )
    deadline = time.monotonic() + wait_s
    with tqdm(total=len(record_ids), unit="record", desc="Answered") as bar:
        while bar.n < len(record_ids):
            bar.update(sum(1 for _ in dataset.records(answered)) - bar.n)
            if bar.n < len(record_ids):
                if time.monotonic() > deadline:
                    raise NobodyAnsweredError(
                        f"After {wait_s:g} s, {len(record_ids) - bar.n} of {len(record_ids)} records have no "
                        f"answer. Answer them in the web UI and run this again, raise WAIT_S, or set "
                        f'ANNOTATOR = "simulated".'
                    )
                time.sleep(POLL_S)
