"""What can go wrong between a caller and the embedded Argilla."""

from helpers.errors import HelpersError


class ArgillaLocalError(HelpersError):
    """The root of every error of the embedded Argilla."""


class PlatformError(ArgillaLocalError):
    """The embedded Argilla does not run on this system or Python."""


class HomeError(ArgillaLocalError):
    """A home cannot be used: it is not a folder of ours, cannot be written, or its files are damaged."""


class EnvironmentBuildError(ArgillaLocalError):
    """The server's own environment could not be made."""


class RedisNotFoundError(ArgillaLocalError):
    """There is no Redis server to run."""


class RemoteError(ArgillaLocalError):
    """An Argilla does not answer, is none, or refuses a request."""


class CopyError(ArgillaLocalError):
    """A dataset cannot be copied as things stand at one of the two ends."""


class NotPermittedThereError(CopyError):
    """A key may not see or make what a copy needs."""


class ServerVersionError(ArgillaLocalError):
    """The server's environment holds another release of argilla_server than the one that we replace parts of.

    It ends the server's start, so that a caller sees a `StartError` with it in the log.
    """


class StopError(ArgillaLocalError):
    """Argilla did not stop."""


class StartError(ArgillaLocalError):
    """Argilla did not start.

    Attributes
    ----------
    part
        The part that failed: "supervisor", "redis", "server" or "worker".
    log
        The last lines of its log.
    """

    def __init__(self, part: str, reason: str, log: str = "") -> None:
        super().__init__(f"{part}: {reason}" + (f"\nLast lines of its log:\n{log}" if log else ""))
        self.part = part
        self.log = log
