"""Putting our functions in the place of argilla_server's, wherever its modules have imported them."""

import sys
from collections.abc import Callable
from typing import Any

from helpers.argilla_local.errors import ServerVersionError

REMEDY = (
    "Pin argilla-server==2.8.0 in requirements-server.txt again, or adapt helpers/argilla_local/faster; "
    "ARGILLA_LOCAL_STOCK=1 runs the server without it."
)

Function = Callable[..., Any]


def replace(stock: Function, ours: Function) -> None:
    """Let every module of argilla_server use `ours` where it uses `stock`.

    Its modules import functions by name, so each of these names is bound anew.

    Raises
    ------
    ServerVersionError
        No module has it.
    """
    found = [
        (module, name)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("argilla_server")
        for name, value in list(vars(module).items())
        if value is stock
    ]
    if not found:
        raise ServerVersionError(f"No module of argilla_server has {stock.__qualname__}. {REMEDY}")
    for module, name in found:
        setattr(module, name, ours)


def replace_member(owner: type, name: str, ours: Any) -> None:
    """Let a class of argilla_server have another method or property of this name.

    Raises
    ------
    ServerVersionError
        It has none.
    """
    if name not in vars(owner):
        raise ServerVersionError(f"{owner.__qualname__} has no {name}. {REMEDY}")
    setattr(owner, name, ours)
