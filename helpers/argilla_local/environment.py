"""The server's own virtual environment: made once with uv, kept in the user's cache folder.

Argilla's server pins pydantic, httpx and typer to releases that the notebooks' packages have left behind, so
it never shares an environment with them.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from helpers.argilla_local.errors import EnvironmentBuildError, PlatformError
from helpers.argilla_local.locks import locked

ENVIRONMENT_VARIABLE = "ARGILLA_LOCAL_ENV"
REQUIREMENTS = Path(__file__).with_name("requirements-server.txt")
NEWEST_PYTHON = (3, 13)
SHOWN_LINES = 15


def ensure_environment(requirements: Path = REQUIREMENTS) -> Path:
    """Return the folder of the server's environment, building it where it is missing, half-built or outdated.

    It stands where ``ARGILLA_LOCAL_ENV`` says, else in the user's cache folder under a name that holds the
    hash of the requirements. Processes that need it at the same time wait for the one that builds it.

    Raises
    ------
    PlatformError
        The server's packages are not built for this Python or this system.
    EnvironmentBuildError
        The environment cannot be made; the message ends with what uv said.
    """
    newest = ".".join(map(str, NEWEST_PYTHON))
    if os.name != "posix" or sys.version_info[:2] > NEWEST_PYTHON:
        raise PlatformError(
            f"Argilla's server runs on Linux and macOS with Python up to {newest}; this is "
            f"{sys.platform} with {sys.version.split()[0]}. Use such a Python (on Windows in WSL), or set "
            "ARGILLA_API_URL and ARGILLA_API_KEY to use an Argilla elsewhere."
        )
    identity = _identity(requirements)
    folder = Path(os.environ.get(ENVIRONMENT_VARIABLE) or _cached(identity)).expanduser().resolve()
    if not _is_complete(folder, identity):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with locked(folder.with_name(f"{folder.name}.lock")) as lock:
                if not _is_complete(folder, identity):
                    if not _is_ours(folder, identity):
                        raise EnvironmentBuildError(
                            f"{folder} holds other files: delete it, or set {ENVIRONMENT_VARIABLE} to an "
                            "empty or a new folder."
                        )
                    _build(folder, requirements, lock)
                    _stamp(folder).write_text(identity)
        except OSError as error:
            raise EnvironmentBuildError(
                f"{folder} cannot be written ({error}): set {ENVIRONMENT_VARIABLE} to another folder."
            ) from error
    return folder


def python_of(environment: Path) -> Path:
    """Return the interpreter of an environment."""
    return environment / "bin" / "python"


def _identity(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    return f"py{sys.version_info.major}{sys.version_info.minor}-{digest}"


def _cached(identity: str) -> Path:
    # Imported here: the server's environment, which loads this module too, does not have it.
    from platformdirs import user_cache_path

    return user_cache_path("argilla-local") / f"server-{identity}"


def _stamp(folder: Path) -> Path:
    return folder / "argilla-local-complete"


def _is_complete(folder: Path, identity: str) -> bool:
    stamp = _stamp(folder)
    return stamp.is_file() and stamp.read_bytes() == identity.encode() and python_of(folder).exists()


def _is_ours(folder: Path, identity: str) -> bool:
    """Tell whether a folder may be replaced: an environment of another project may not."""
    return (
        not folder.exists()
        or not any(folder.iterdir())
        or _stamp(folder).is_file()
        or (folder == _cached(identity).resolve() and (folder / "pyvenv.cfg").is_file())
    )


def _build(folder: Path, requirements: Path, lock: IO[bytes]) -> None:
    if folder.exists():
        print(f"{folder} is outdated or half-built, and is replaced.")
    print("Making the environment of the Argilla server, once (10 to 60 s) ...", end=" ", flush=True)
    started = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    uv, variables = _find_uv(), _with_pip_index(os.environ)
    try:
        # Empty as yet, it says that the folder is ours, however this ends.
        folder.mkdir(exist_ok=True)
        _stamp(folder).touch()
        venv = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)]
        _run(venv, variables, lock)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
        _run([*install, "--python", str(python_of(folder)), "-r", str(requirements)], variables, lock)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    print(f"done in {time.monotonic() - started:.0f} s.", flush=True)


def _run(command: list[str], variables: dict[str, str], lock: IO[bytes]) -> None:
    done = subprocess.run(
        command,
        # uv would also read the settings of a project around the current folder.
        cwd="/",
        env=variables,
        # Where we are killed, uv goes on alone for a while: the next builder must wait for it.
        pass_fds=[lock.fileno()],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).splitlines()[-SHOWN_LINES:])
        raise EnvironmentBuildError(
            "The environment of the Argilla server could not be made. It needs a package index, once: "
            "connect to one (UV_DEFAULT_INDEX names a mirror) and start again.\n"
            f"uv said:\n{said}"
        )


def _find_uv() -> str:
    try:
        from uv import find_uv_bin
    except ImportError:
        found = shutil.which("uv")
    else:
        found = find_uv_bin()
    if not found:
        raise EnvironmentBuildError("uv is missing: run `pip install uv` and start again.")
    return str(found)


def _with_pip_index(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with pip's index as uv's, which does not read pip's settings."""
    if variables.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"}:
        return dict(variables)
    index = variables.get("PIP_INDEX_URL")
    if not index:
        ask_pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        index = subprocess.run(ask_pip, capture_output=True, text=True, check=False).stdout.strip()
    return {**variables, "UV_DEFAULT_INDEX": index} if index else dict(variables)
