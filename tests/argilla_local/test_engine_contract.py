"""The checks of `engine_contract.py`, each as a test: they run together, in the server's environment."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.parts import ENTRY

CHECKS = Path(__file__).with_name("engine_contract.py")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    done = subprocess.run(
        [python_of(ensure_environment()), "-I", CHECKS, ENTRY],
        env={
            "PATH": os.environ["PATH"],
            "ARGILLA_HOME_PATH": str(folder),
            "ARGILLA_LOCAL_INDEX": str(folder / "index.db"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", re.findall(r"^async def (check_\w+)", CHECKS.read_text(), re.MULTILINE))
def test_contract(outcomes, name):
    if outcomes[name]:
        pytest.fail(outcomes[name], pytrace=False)
