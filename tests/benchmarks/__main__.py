"""Run the benchmarks: ``python tests/benchmarks --part search --data FOLDER``."""

import argparse
from pathlib import Path

import active_learning
import argilla_server
import llm_and_setfit
import search
import seeds
from cells import Cells

from helpers.data.sources import choose_source

PARTS = ("search", "argilla", "01", "02", "03", "04")


def main() -> None:
    """Measure the chosen parts into ``runs/benchmark.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="one part (default: all)")
    parser.add_argument("--data", default="auto", help='"auto", "hub", "bundled" or a folder')
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark.json"))
    parser.add_argument("--scale", type=float, default=1.0, help="of the part argilla: below 1 to try it")
    arguments = parser.parse_args()
    source = choose_source(arguments.data)
    for part in [arguments.part] if arguments.part else PARTS:
        cells = Cells(arguments.output, part)
        if part == "search":
            search.run(cells, source)
        elif part == "argilla":
            argilla_server.run(cells, source, arguments.scale)
        elif part == "03":
            active_learning.run(cells, source)
        elif part == "04":
            llm_and_setfit.run(cells, source)
        else:
            seeds.run(cells, source, part)


if __name__ == "__main__":
    main()
