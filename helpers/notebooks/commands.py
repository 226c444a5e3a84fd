"""What the commands do with several notebooks; each returns the exit status."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from helpers.notebooks.execute import (
    NotebookFailedError,
    complete_data,
    parse_parameter,
    refresh,
    run,
    share_parameters,
)
from helpers.notebooks.lab import copy_notebooks, open_lab
from helpers.notebooks.lint import lint

RUNS = Path("runs")
LAB = Path("lab")


def run_all(notebooks: Sequence[Path], parameters: Sequence[str]) -> int:
    """Execute copies with parameters of the form NAME=VALUE; the others go on after one that fails."""
    values = complete_data(dict(map(parse_parameter, parameters)), Path.cwd())
    failed = []
    for notebook, chosen in zip(notebooks, share_parameters(notebooks, values), strict=True):
        print(f"Executing {notebook}", flush=True)
        try:
            metrics = run(notebook, chosen, RUNS)
            print(f"{len(metrics)} metrics of {notebook.stem} are in {RUNS / 'metrics.json'}", flush=True)
        except NotebookFailedError as error:
            print(error, file=sys.stderr, flush=True)
            failed.append(notebook.name)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def lab_on(notebooks: Sequence[Path], arguments: Sequence[str]) -> NoReturn:
    """Become JupyterLab on copies."""
    copy_notebooks(notebooks, LAB)
    open_lab(LAB, notebooks, arguments)


def refresh_all(notebooks: Sequence[Path]) -> int:
    """Execute the notebooks in place, then check them."""
    # A home of its own: committed outputs must not depend on what the reader's Argilla holds.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ |= {"HF_HUB_OFFLINE": "1", "ARGILLA_LOCAL_HOME": home}
        for notebook in notebooks:
            print(f"Refreshing {notebook}", flush=True)
            refresh(notebook)
    return lint_all(notebooks)


def lint_all(notebooks: Sequence[Path]) -> int:
    """Print what is wrong with the form of the notebooks."""
    problems = [problem for notebook in notebooks for problem in lint(notebook)]
    print("\n".join(problems) or f"{len(notebooks)} notebooks are in order")
    return int(bool(problems))
