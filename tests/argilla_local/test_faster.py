"""Replacing parts of the server: only of the release that they were written for."""

import subprocess
import sys
import types

import pytest

from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.errors import ServerVersionError
from helpers.argilla_local.faster.patching import replace, replace_member
from helpers.argilla_local.parts import ENTRY

INSTALL = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("entry", sys.argv[1])
entry = importlib.util.module_from_spec(spec)
spec.loader.exec_module(entry)
entry.load_helpers()
from helpers.argilla_local import faster, settings
settings.skip_web_application()
import argilla_server._version
argilla_server._version.__version__ = "2.9.0"
faster.install()
"""


def test_another_release_of_the_server_is_refused(tmp_path):
    done = subprocess.run(
        [python_of(ensure_environment()), "-I", "-c", INSTALL, ENTRY],
        env={"ARGILLA_HOME_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ServerVersionError: argilla_server is 2.9.0, not 2.8.0." in done.stderr


def stock() -> str:
    return "stock"


def ours() -> str:
    return "ours"


def test_a_function_is_replaced_wherever_the_server_has_imported_it(monkeypatch):
    modules = [types.ModuleType(name) for name in ("argilla_server.a", "argilla_server.b", "another.c")]
    for module in modules:
        module.__dict__["function"] = stock
        monkeypatch.setitem(sys.modules, module.__name__, module)
    replace(stock, ours)
    assert [module.function() for module in modules] == ["ours", "ours", "stock"]
    with pytest.raises(ServerVersionError, match="No module of argilla_server has stock"):
        replace(stock, ours)


def test_a_member_is_replaced_where_there_is_one():
    class Model:
        function = stock

    replace_member(Model, "function", staticmethod(ours))
    assert Model.function() == "ours"
    with pytest.raises(ServerVersionError, match="has no other"):
        replace_member(Model, "other", ours)
