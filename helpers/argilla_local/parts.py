"""One process of a home: how it is started, ended, and started again when it dies."""

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

from helpers.argilla_local.faster import STOCK_VARIABLE
from helpers.argilla_local.home import Home

# All that the parts see of the environment in which the first client was started. Any other variable
# (ARGILLA_*, SPACE_ID, WEB_CONCURRENCY, RQ_*) could change how the server runs.
PASSED_VARIABLES = frozenset(
    [
        *("PATH", "HOME", "USER", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "XDG_CACHE_HOME"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
        *("HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_HUB_OFFLINE"),
        STOCK_VARIABLE,
    ]
)
# A part may die this many times, each time within so many seconds after its start, before the supervisor
# gives up.
MOST_DEATHS = 3
STEADY_S = 60.0
END_S = 3.5
ENTRY = Path(__file__).with_name("entry.py")

logger = logging.getLogger(__name__)


class PartFailedError(Exception):
    """A part died and is not started again."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason


class Part:
    """A process that runs a module of ours in the server's environment.

    Parameters
    ----------
    name
        What the part is called in messages; its log is named after it.
    home
        Its home.
    module
        The module of ``helpers.argilla_local`` whose `main` it runs.
    arguments
        What `main` gets after the home and our process id.
    descriptors
        The open files that it inherits.
    """

    def __init__(
        self, name: str, home: Home, module: str, *arguments: str, descriptors: tuple[int, ...] = ()
    ) -> None:
        self.name = name
        self.starts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._home = home
        self._command = (
            sys.executable,
            "-I",
            str(ENTRY),
            module,
            str(home.path),
            str(os.getpid()),
            *arguments,
        )
        self._descriptors = descriptors

    async def keep(self, started: asyncio.Event) -> None:
        """Run the part until cancelled, then end it.

        Raises
        ------
        PartFailedError
            It died before everything had started, or too often afterwards.
        """
        early_deaths = 0
        while True:
            begin = time.monotonic()
            code = await self._run()
            early_deaths = early_deaths + 1 if time.monotonic() - begin < STEADY_S else 1
            if not started.is_set():
                raise PartFailedError(self.name, f"it ended during the start, {_describe(code)}.")
            if early_deaths > MOST_DEATHS:
                raise PartFailedError(
                    self.name, f"it died {early_deaths} times in a row, at last {_describe(code)}."
                )
            logger.warning("%s ended, %s: starting it again", self.name, _describe(code))

    async def _run(self) -> int:
        with self._home.log(self.name).open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._home.path,
                env=_environment(self._home),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self._descriptors,
            )
        self.starts += 1
        try:
            return await self.process.wait()
        finally:
            await _end(self.process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _environment(home: Home) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in PASSED_VARIABLES}
    # The server copies its web pages to a new temporary folder at each start: one inside the home can be
    # cleared.
    return passed | {"TMPDIR": str(home.temporary), "NO_PROXY": "127.0.0.1,localhost"}


def _describe(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"with exit status {code}"
