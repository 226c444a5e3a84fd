"""Wait for a person to answer in the web UI."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from helpers.annotation.errors import AnnotationError
from helpers.annotation.lookup import records_by_id
from helpers.values import as_list

if TYPE_CHECKING:
    import argilla as rg

POLL_S = 2.0


class NobodyAnsweredError(AnnotationError):
    """The time to wait for answers is over."""


def wait_for_responses(
    dataset: rg.Dataset,
    record_ids: Iterable[str],
    wait_s: float,
    *,
    enough: int | None = None,
) -> None:
    """Wait until these records have a submitted or discarded response each, with a progress bar.

    Interrupting it loses nothing: answers are kept by the server.

    Parameters
    ----------
    dataset
        The dataset that the person works on.
    record_ids
        The ids of the records to be answered; one that stands there twice counts once.
    wait_s
        How long to wait at most, in seconds.
    enough
        How many of them will do, whichever they are; by default all.

    Raises
    ------
    NobodyAnsweredError
        If some records are unanswered after that time.
    """
    from tqdm.auto import tqdm

    ids = list(dict.fromkeys(map(str, as_list(record_ids, "ids"))))
    wanted = len(ids) if enough is None else min(enough, len(ids))
    is_answered = ("response.status", "in", ["submitted", "discarded"])
    deadline = time.monotonic() + wait_s
    with tqdm(total=wanted, unit="record", desc="Answered") as bar:
        while bar.n < wanted:
            answered = sum(1 for _ in records_by_id(dataset, ids, is_answered))
            bar.update(min(answered, wanted) - bar.n)  # Beyond its total a bar forgets that.
            if bar.n < wanted:
                if time.monotonic() > deadline:
                    raise NobodyAnsweredError(
                        f"After {wait_s:g} s, {wanted - bar.n} of {wanted} records have no "
                        f"answer. Answer them in the web UI and run this again, raise WAIT_S, or set "
                        f'ANNOTATOR = "simulated".'
                    )
                time.sleep(POLL_S)
