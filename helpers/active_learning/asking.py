"""Who answers a batch: a person by a link into the web UI, or the simulated annotator."""

from __future__ import annotations

from helpers.active_learning.loop import Batch
from helpers.annotation import SimulatedAnnotator


def show_batch(batch: Batch) -> None:
    """Show a link that opens the records of a batch in the web UI, for a person to answer."""
    batch.link.show()


def answer_batch(annotator: SimulatedAnnotator, batch: Batch) -> None:
    """Let the simulated annotator answer a batch."""
    annotator.annotate(batch.records())
