"""Putting our functions in the place of argilla_server's, wherever its modules have imported them."""

import sys
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def replace(stock: Function, ours: Function) -> None:
    """Let every module of argilla_server use `ours` where it uses `stock`.

    Its modules import functions by name, so each of these names is bound anew.

    Raises
    ------
    LookupError
        No module has it: this is another release of the server.
    """
    found = [
        (module, name)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("argilla_server")
        for name, value in list(vars(module).items())
        if value is stock
    ]
    if not found:
        raise LookupError(f"no module of argilla_server has {stock.__qualname__}")
    for module, name in found:
        setattr(module, name, ours)


def replace_member(owner: type, name: str, ours: Any) -> None:
    """Let a class of argilla_server have another method or property of this name.

    Raises
    ------
    LookupError
        It has none: this is another release of the server.
    """
    if name not in vars(owner):
        raise LookupError(f"{owner.__qualname__} has no {name}")
    setattr(owner, name, ours)
