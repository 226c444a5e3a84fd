"""What a notebook records, over several seeds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from cells import Cells

from helpers.data.sources import Source
from helpers.notebooks.execute import choose
from helpers.notebooks.execute import run as execute

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SEEDS = {"01": 5, "02": 3}
"""How many a notebook; on real data a seed of 02 takes 14 minutes on two cores, and a part 45 at most."""


def run(cells: Cells, source: Source, number: str) -> None:
    """Execute the notebook of this number once a seed."""
    [notebook] = choose(NOTEBOOKS, number)
    data = str(source.folder) if source.folder else source.kind
    for seed in range(SEEDS[number]):
        with TemporaryDirectory() as runs:
            cells.measure(
                f"seed {seed}",
                lambda seed=seed, runs=runs: execute(notebook, {"DATA": data, "SEED": seed}, Path(runs)),
            )
