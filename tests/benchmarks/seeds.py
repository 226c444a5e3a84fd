"""What a notebook records, over five seeds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from cells import Cells

from helpers.data.sources import Source
from helpers.notebooks.execute import choose
from helpers.notebooks.execute import run as execute

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SEEDS = range(5)


def run(cells: Cells, source: Source, number: str) -> None:
    """Execute the notebook of this number once a seed."""
    [notebook] = choose(NOTEBOOKS, number)
    data = str(source.folder) if source.folder else source.kind
    for seed in SEEDS:
        with TemporaryDirectory() as runs:
            cells.measure(
                f"seed {seed}",
                lambda seed=seed, runs=runs: execute(notebook, {"DATA": data, "SEED": seed}, Path(runs)),
            )
