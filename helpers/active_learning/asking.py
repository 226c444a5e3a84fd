"""Who answers a batch: a person by a link into the web UI, or the simulated annotator."""

from __future__ import annotations

from html import escape

from helpers.active_learning.loop import Batch
from helpers.annotation import SimulatedAnnotator


def show_batch(batch: Batch) -> None:
    """Show a link that opens the records of a batch in the web UI, for a person to answer."""
    from IPython.display import HTML, display

    link = (
        f'<a href="{escape(batch.url)}" target="_blank">{len(batch.waiting)} records to label or discard</a>'
    )
    display(HTML(f"Batch {batch.number}: {link}"))


def answer_batch(annotator: SimulatedAnnotator, batch: Batch) -> None:
    """Let the simulated annotator answer a batch."""
    annotator.annotate(batch.records())
