"""``python -m helpers.notebooks run|lab|refresh|lint``, started from the root of the project."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers.errors import HelpersError

NOTEBOOKS = Path("notebooks")
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
        return _run(options)
    except HelpersError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: what was finished before is kept, and nothing else.", file=sys.stderr)
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    # Imported here, as it takes long enough for a Ctrl-C to come meanwhile.
    from helpers.notebooks import commands
    from helpers.notebooks.execute import choose, split_parameters

    notebooks = choose(NOTEBOOKS, options.only)
    match options.command:
        case "run":
            return commands.run_all(notebooks, [*options.parameter, *split_parameters(options.parameters)])
        case "lab":
            return commands.lab_on(notebooks, split_parameters(options.arguments))
        case "refresh":
            return commands.refresh_all(notebooks)
        case _:
            return commands.lint_all(notebooks)


if __name__ == "__main__":
    sys.exit(main())
