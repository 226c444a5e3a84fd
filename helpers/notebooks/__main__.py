"""``python -m helpers.notebooks run|lab|refresh|lint``, started from the root of the project."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from helpers.errors import HelpersError
from helpers.notebooks.execute import (
    NotebookFailedError,
    choose,
    complete_data,
    parse_parameter,
    refresh,
    run,
    share_parameters,
    split_parameters,
)
from helpers.notebooks.lab import copy_notebooks, open_lab
from helpers.notebooks.lint import lint

NOTEBOOKS = Path("notebooks")
RUNS = Path("runs")
LAB = Path("lab")
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0, 1 where something failed, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m helpers.notebooks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (
        ("run", "execute copies into runs/ and write runs/metrics.json"),
        ("lab", "open copies in JupyterLab, in lab/"),
        ("refresh", "execute the committed notebooks in place: defaults, bundled data, no Hub"),
        ("lint", "check the committed notebooks' form"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("--only", help="numbers or names, separated by commas: 01,02")
        if name == "run":
            command.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE")
            command.add_argument("--parameters", default="", metavar="'NAME=VALUE ...'")
        if name == "lab":
            command.add_argument("--arguments", default="", metavar="'--ARGUMENT ...'", help="for JupyterLab")
    options = parser.parse_args(arguments)
    try:
        notebooks = choose(NOTEBOOKS, options.only)
        match options.command:
            case "run":
                return _run(notebooks, [*options.parameter, *split_parameters(options.parameters)])
            case "lab":
                return _lab(notebooks, split_parameters(options.arguments))
            case "refresh":
                return _refresh(notebooks)
            case _:
                return _lint(notebooks)
    except HelpersError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: what was finished before is kept, and nothing else.", file=sys.stderr)
        return INTERRUPTED


def _run(notebooks: list[Path], parameters: list[str]) -> int:
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


def _lab(notebooks: list[Path], arguments: list[str]) -> int:
    copy_notebooks(notebooks, LAB)
    open_lab(LAB, notebooks, arguments)
    return 1  # It is JupyterLab from here on, with a status of its own.


def _refresh(notebooks: list[Path]) -> int:
    # A home of its own: committed outputs must not depend on what the reader's Argilla holds.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ |= {"HF_HUB_OFFLINE": "1", "ARGILLA_LOCAL_HOME": home}
        for notebook in notebooks:
            print(f"Refreshing {notebook}", flush=True)
            refresh(notebook)
    return _lint(notebooks)


def _lint(notebooks: list[Path]) -> int:
    problems = [problem for notebook in notebooks for problem in lint(notebook)]
    print("\n".join(problems) or f"{len(notebooks)} notebooks are in order")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
