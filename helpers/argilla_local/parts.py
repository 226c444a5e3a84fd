"""One process of a home: how it is started, ended, and started again when it dies."""

import asyncio
import contextlib
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

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
# A part that dies is started again: at once, or, where it does so again within so many seconds after its
# start, with a delay that doubles each time, up to the longest.
STEADY_S = 60.0
LONGEST_DELAY_S = 30.0
# What kills a part from outside before it has ever been ready may pass; so many times.
MOST_EARLY_DEATHS = 3
END_S = 3.5
ENTRY = Path(__file__).with_name("entry.py")

logger = logging.getLogger(__name__)


class PartFailedError(Exception):
    """A part cannot start."""

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
    after
        A part that must be ready before this one starts.

    Attributes
    ----------
    ready
        Whether it is at work; set by whoever learns that.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        module: str,
        *arguments: str,
        descriptors: tuple[int, ...] = (),
        after: "Part | None" = None,
    ) -> None:
        self.name = name
        self.ready = asyncio.Event()
        self._starts = 0
        self._ending = ""
        self._process: asyncio.subprocess.Process | None = None
        self._after = after
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

    def status(self) -> dict[str, Any]:
        """Return what clients are told: its process id, whether it is ready, how often started, how ended."""
        runs = self._process is not None and self._process.returncode is None
        return {
            "pid": self._process.pid if self._process and runs else None,
            "is_ready": self.ready.is_set(),
            "starts": self._starts,
            "ending": "" if runs else self._ending,
        }

    async def keep(self) -> None:
        """Run the part until cancelled, starting it again whenever it ends, then end it.

        Raises
        ------
        PartFailedError
            It ended by itself before it was ever ready.
        """
        was_ready, deaths, delay_s = False, 0, 0.0
        while True:
            if self._after is not None:
                await self._after.ready.wait()
            begin = time.monotonic()
            try:
                code = await self._run()
            except OSError as error:  # No memory for a process, no folder for its log.
                code, self._ending = 1, f"as it cannot be run ({error})"
            else:
                self._ending = _describe(code)
            was_ready |= self.ready.is_set()
            self.ready.clear()
            deaths = deaths + 1 if time.monotonic() - begin < STEADY_S else 1
            if not was_ready and (code >= 0 or deaths > MOST_EARLY_DEATHS):
                raise PartFailedError(self.name, f"it ended during the start, {self._ending}.")
            delay_s = min(max(1.0, 2 * delay_s), LONGEST_DELAY_S) if deaths > 1 else 0.0
            logger.warning("%s ended, %s: it is started again in %.0f s", self.name, self._ending, delay_s)
            await asyncio.sleep(delay_s)

    async def _run(self) -> int:
        """Run the part once and return its exit status, negative where a signal killed it."""
        with self._home.log(self.name).open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._home.path,
                env=_environment(self._home),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self._descriptors,
            )
        self._starts += 1
        try:
            return await self._process.wait()
        finally:
            await _end(self._process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        # It may end by itself at any moment.
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _environment(home: Home) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in PASSED_VARIABLES}
    # The server copies its web pages to a new temporary folder at each start: one inside the home can be
    # cleared.
    return passed | {"TMPDIR": str(home.temporary), "NO_PROXY": "127.0.0.1,localhost"}


def _describe(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"with exit status {code}"
