"""Weak supervision: what notebook 01 records, over five seeds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from cells import Cells

from helpers.data.sources import Source
from helpers.notebooks.execute import run as execute

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_weak_supervision_classification.ipynb"
SEEDS = range(5)


def run(cells: Cells, source: Source) -> None:
    """Execute the notebook once a seed."""
    data = str(source.folder) if source.folder else source.kind
    for seed in SEEDS:
        with TemporaryDirectory() as runs:
            cells.measure(
                f"seed {seed}",
                lambda seed=seed, runs=runs: execute(NOTEBOOK, {"DATA": data, "SEED": seed}, Path(runs)),
            )
