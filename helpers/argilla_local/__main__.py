"""The command line: ``python -m helpers.argilla_local start|stop|status|logs|credentials [--home HOME]``.

Exit status: 0 done (status: it runs), 1 an error, 2 wrong arguments, 3 (status alone) it does not run.
"""

import argparse
import sys
from collections.abc import Sequence

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.errors import ArgillaLocalError
from helpers.argilla_local.handle import lease, password_command, read_logs
from helpers.argilla_local.home import HOME_VARIABLE, PARTS, Home
from helpers.argilla_local.leases import read_status, stop

NOT_RUNNING = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        home = Home.locate(options.home)
        if options.command == "logs":
            print(read_logs(home, options.part, options.lines))
            return 0
        return {"start": _start, "stop": _stop, "status": _status, "credentials": _credentials}[
            options.command
        ](home)
    except ArgillaLocalError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _start(home: Home) -> int:
    taken = lease(home, hold=True)
    taken.release()
    print(f"Argilla runs at {taken.url} until `stop`. Its data are in {home.path}.")
    print(f"User name: {read_credentials(home).username}. Password: run `{password_command(home)}`.")
    return 0


def _stop(home: Home) -> int:
    print("Argilla has stopped." if stop(home) else f"No Argilla runs in {home.path}.")
    return 0


def _status(home: Home) -> int:
    status = read_status(home)
    if status is None:
        print(f"No Argilla runs in {home.path}.")
        return NOT_RUNNING
    print(f"Argilla {'runs' if status['is_ready'] else 'is starting'} at {status['url']}.")
    print(f"Home: {home.path}\nLeases: {status['leases']}\nsupervisor: process {status['pid']}")
    for name, part in status["parts"].items():
        print(
            f"{name}: process {part['pid']}"
            + (f", started {part['starts']} times" if part["starts"] > 1 else "")
        )
    return 0


def _credentials(home: Home) -> int:
    credentials = read_credentials(home)
    print(
        f"User name: {credentials.username}\nPassword: {credentials.password}\nAPI key: {credentials.api_key}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.argilla_local", description="The embedded Argilla."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in {
        "start": "start it, until `stop`",
        "stop": "stop it, for all its users",
        "status": "say whether it runs, and where",
        "logs": "print the last lines of its logs",
        "credentials": "print the owner's user name, password and API key",
    }.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        command.add_argument(
            "--home", help=f"the folder of its data (default: {HOME_VARIABLE}, else among yours)"
        )
        if name == "logs":
            command.add_argument("--part", choices=PARTS, help="one part's log alone")
            command.add_argument("--lines", type=int, default=50, help="how many lines of each log")
    return parser


if __name__ == "__main__":
    sys.exit(main())
