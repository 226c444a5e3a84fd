"""The command line: ``python -m helpers.argilla_local COMMAND [--home HOME]``; ``--help`` lists the commands.

Exit status: 0 done (status: it runs), 1 an error, 2 wrong arguments, 3 (status alone) it does not run.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from helpers.argilla_local.copying import copy_dataset
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.errors import ArgillaLocalError, CopyError
from helpers.argilla_local.handle import lease, password_command, read_logs, start
from helpers.argilla_local.home import HOME_VARIABLE, PARTS, Home
from helpers.argilla_local.http_api import HttpApi
from helpers.argilla_local.leases import read_status, stop
from helpers.argilla_local.reindexing import reindex

NOT_RUNNING = 3
KEY_VARIABLE = "ARGILLA_API_KEY"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        home = Home.locate(options.home)
        if options.command == "logs":
            print(read_logs(home, options.part, options.lines))
            return 0
        if options.command == "copy":
            return _copy(home, options)
        commands = {
            "start": _start,
            "stop": _stop,
            "status": _status,
            "credentials": _credentials,
            "reindex": _reindex,
        }
        return commands[options.command](home)
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
        process = f"process {part['pid']}" if part["pid"] else f"down ({part['ending'] or 'not started yet'})"
        print(
            f"{name}: {process}"
            + ("" if part["is_ready"] or not part["pid"] else ", not ready yet")
            + (f", started {part['starts']} times" if part["starts"] > 1 else "")
        )
    return 0


def _credentials(home: Home) -> int:
    credentials = read_credentials(home)
    print(
        f"User name: {credentials.username}\nPassword: {credentials.password}\nAPI key: {credentials.api_key}"
    )
    return 0


def _copy(home: Home, options: argparse.Namespace) -> int:
    url = options.to or options.origin
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise CopyError(f"{KEY_VARIABLE} is not set: set it to an API key for {url}.")
    with (
        start(home.path) as server,
        HttpApi(server.url, read_credentials(home).api_key) as here,
        HttpApi(url, key, os.environ.get("HF_TOKEN")) as there,
    ):
        source, target = (here, there) if options.to else (there, here)
        copied = copy_dataset(source, target, options.name, options.workspace)
    print(f"Copied {options.name} to {target.url}, workspace {copied.workspace}: {copied.records} records.")
    if copied.new_users:
        print(f"New annotators there, who need a password from an owner: {', '.join(copied.new_users)}.")
    return 0


def _reindex(home: Home) -> int:
    print(reindex(home))
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
        "reindex": "build the search index of a stopped one anew from its database",
        "credentials": "print the owner's user name, password and API key",
        "copy": f"copy a dataset to another Argilla, or from it; {KEY_VARIABLE} holds the key for it",
    }.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        command.add_argument(
            "--home", help=f"the folder of its data (default: {HOME_VARIABLE}, else among yours)"
        )
        if name == "logs":
            command.add_argument("--part", choices=PARTS, help="one part's log alone")
            command.add_argument("--lines", type=int, default=50, help="how many lines of each log")
        if name == "copy":
            command.add_argument("name", help="of the dataset, or workspace/name")
            other = command.add_mutually_exclusive_group(required=True)
            other.add_argument("--to", metavar="URL", help="the Argilla to copy it to")
            other.add_argument("--from", metavar="URL", dest="origin", help="the Argilla to copy it from")
            command.add_argument("--workspace", help="for the copy (default: one of the same name)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
