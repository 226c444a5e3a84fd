"""The real Argilla, embedded: its server and web pages, its worker and a Redis, in their own environment.

`start` takes a lease on the Argilla of a home, a folder that holds all its data, and starts it where it does
not run. It runs until the last lease is given back or its holder has died. ``python -m
helpers.argilla_local`` does the same from the command line. Everything listens on 127.0.0.1 alone.

This package is imported inside the server's environment too: at the top of its modules, only the standard
library.
"""

from helpers.argilla_local.errors import (
    ArgillaLocalError,
    CopyError,
    EnvironmentBuildError,
    HomeError,
    NotPermittedThereError,
    PlatformError,
    RedisNotFoundError,
    RemoteError,
    StartError,
    StopError,
)
from helpers.argilla_local.handle import LocalArgilla, running_at, start

__all__ = [
    "ArgillaLocalError",
    "CopyError",
    "EnvironmentBuildError",
    "HomeError",
    "LocalArgilla",
    "NotPermittedThereError",
    "PlatformError",
    "RedisNotFoundError",
    "RemoteError",
    "StartError",
    "StopError",
    "running_at",
    "start",
]
