"""Starting the embedded Argilla, and the handle on a running one."""

import os
import shlex
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.display import show
from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.errors import HomeError, StartError
from helpers.argilla_local.home import PARTS, UNUSABLE, Home, tail
from helpers.argilla_local.leases import Lease, acquire
from helpers.argilla_local.parts import ENTRY
from helpers.argilla_local.redis_server import find_redis
from helpers.argilla_local.sdk import sdk_client

if TYPE_CHECKING:
    import argilla


class LocalArgilla:
    """An embedded Argilla that keeps running at least until `stop`, or until this process ends.

    Attributes
    ----------
    home
        The folder that holds its data.
    url
        Where it is, on 127.0.0.1.
    username
        The name of its owner.

    Examples
    --------
    Make one with `start`::

        with argilla_local.start() as server:
            server.show()
            dataset = server.client.datasets("news")
    """

    def __init__(self, home: Home, lease: Lease) -> None:
        self._home = home
        self._lease = lease
        self._credentials = read_credentials(home)
        self.home = home.path
        self.url = lease.url
        self.username = self._credentials.username
        _held.add(self)

    @cached_property
    def client(self) -> "argilla.Argilla":
        """The SDK's client, as the owner. The SDK makes the first one of a process its default client."""
        # A proxy for the outer world does not lead to 127.0.0.1.
        return sdk_client(self.url, self._credentials.api_key, trust_env=False)

    def show(self, height: int = 700) -> None:
        """Show the link, the user name and how to get the password; in a notebook, the page itself too.

        In a notebook, link and page sign in by themselves, once and within minutes. Run it again for another
        time.

        Parameters
        ----------
        height
            Of the page in the notebook, in pixels.
        """
        show(self, password_command(self._home), height)

    def sign_in_path(self, page: str) -> str:
        """Return a path of this server that signs a browser in as the owner, once, and goes on to a page.

        Whoever has it can do so within ten minutes: show it to nobody else, and save it nowhere.
        """
        answer = self.client.http_client.post("/api/v1/me/sign-in-codes")
        answer.raise_for_status()
        return f"/sign-in-once#{urlencode({'code': answer.json()['code'], 'next': page})}"

    def logs(self, part: str | None = None, lines: int = 50) -> str:
        """Return the last lines of the logs of the current or last run.

        Parameters
        ----------
        part
            "supervisor", "redis", "server" or "worker"; all of them by default.
        lines
            How many lines of each.
        """
        return read_logs(self._home, part, lines)

    def stop(self) -> None:
        """Give this handle's lease back. Where it is the last one, everything stops; the data stay.

        Other handles, in this process or elsewhere, keep Argilla running; ``python -m helpers.argilla_local
        stop`` stops it for all.
        """
        if self in _held:
            _held.discard(self)
            self._lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"LocalArgilla(url={self.url!r}, home={str(self.home)!r})"


# The handles whose leases we hold. A handle that its owner has lost sight of must not take the server down
# with it.
_held: set[LocalArgilla] = set()


def start(home: str | Path | None = None) -> LocalArgilla:
    """Start the embedded Argilla of a home, or join the one that runs there.

    Parameters
    ----------
    home
        The folder for its data; by default what ``ARGILLA_LOCAL_HOME`` says, else a folder among the user's
        data.

    Raises
    ------
    ArgillaLocalError
        It did not start; the subclass and the message say why and what to do.
    """
    located = Home.locate(home)
    return LocalArgilla(located, lease(located))


def running_at(url: str) -> LocalArgilla | None:
    """Return the handle that this process has on the embedded Argilla at a URL."""
    return next((handle for handle in _held if handle.url == url.rstrip("/")), None)


def lease(home: Home, *, hold: bool = False) -> Lease:
    """Take a lease on the Argilla of a home, starting it where it does not run; see `leases.acquire`."""
    environment = ensure_environment()
    redis = find_redis(environment)
    home.create()
    return acquire(home, lambda: launch(home, environment, redis), hold=hold)


def password_command(home: Home) -> str:
    """Return the command line that prints the password of a home, in any folder.

    -P: a folder of the name ``helpers`` where it is run must not be taken for this package.
    """
    command = f"{shlex.quote(sys.executable)} -P -m helpers.argilla_local credentials"
    return command if home == Home.locate() else f"{command} --home {shlex.quote(str(home.path))}"


def read_logs(home: Home, part: str | None = None, lines: int = 50) -> str:
    """Return the last lines of one log of a home, or of all under their names."""
    if part is not None:
        if part not in PARTS:
            raise ValueError(f"part is {part!r}: choose one of {', '.join(PARTS)}.")
        return tail(home.log(part), lines)
    return "\n".join(f"== {name} ==\n{tail(home.log(name), lines)}" for name in PARTS)


def launch(home: Home, environment: Path, redis: Path) -> None:
    """Start the supervisor of a home in the background; when this returns, one listens.

    Raises
    ------
    HomeError
        There is too little space for it, or its files are damaged.
    StartError
        It could not begin to listen.
    """
    home.check_space()
    command = [str(word) for word in (python_of(environment), "-I", ENTRY, "supervisor", home.path, redis)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == UNUSABLE:
        raise HomeError(done.stderr.strip())
    if done.returncode != 0:
        raise StartError("supervisor", f"it ended with exit status {done.returncode}.", done.stderr.strip())


def _forget_leases() -> None:
    for handle in _held:
        handle._lease.forget()
    _held.clear()


# A fork (a data loader's worker) must not keep the server alive when its parent is dead.
os.register_at_fork(after_in_child=_forget_leases)
