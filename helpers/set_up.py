"""Make the project's environment: a script that the Makefile runs with any Python 3.

It does nothing, and takes no time, while the requirements stay as they were when it last ended well.
"""

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
TESTED = (3, 11)
LATEST_REQUIREMENTS = "requirements-latest.txt"
ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
STAMP = "labeling-notebooks-complete"


def version_problem(version: "tuple[int, ...]", executable: str = sys.executable) -> str:
    """Say why a Python is too old and what to do; empty where it is not.

    Examples
    --------
    >>> version_problem((3, 11, 7))
    ''
    >>> version_problem((3, 9, 18), "python3").splitlines()[0]
    'Python 3.11 or newer is needed, and python3 is Python 3.9.'
    """
    if version[:2] >= OLDEST:
        return ""
    return (
        f"Python 3.11 or newer is needed, and {executable} is Python {version[0]}.{version[1]}.\n"
        "Install Python 3.11 (from your system, python.org, or with 'conda env create -f environment.yml')\n"
        "and name it in the same command again, as in: make notebooks PYTHON=python3.11"
    )


def set_up(venv: Path, requirements: Path) -> None:
    """Make the environment with everything that the requirements name and the helpers, unless it is there.

    Raises
    ------
    SystemExit
        There is no package index, or pip or venv failed; the text says what to do.
    """
    with _alone():
        _ensure_environment(venv, requirements)
    _run([str(_python(venv)), "-m", "helpers.set_up", "--server"], "")


@contextmanager
def _alone() -> "Iterator[None]":
    """Wait until no other set-up is under way in this copy of the project: two would spoil each other's."""
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up that is under way ...", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _ensure_environment(venv: Path, requirements: Path) -> None:
    stamp = venv / STAMP
    identity = _identity(requirements)
    if not (stamp.is_file() and stamp.read_text() == identity):
        if requirements.name == LATEST_REQUIREMENTS:
            print(
                f"Notice: Python {sys.version_info.major}.{sys.version_info.minor} gets the newest releases"
                f" ({requirements.name}). The exact versions tested are for Python 3.11.",
                flush=True,
            )
        print(f"Setting up {venv.name}, once (some minutes) ...", flush=True)
        _make_environment(venv, requirements)
        stamp.write_text(identity)


def make_server_environment() -> None:
    """Make the environment of the embedded Argilla, where this system can run it.

    Raises
    ------
    SystemExit
        It could not be made; the text says what to do.
    """
    from helpers.argilla_local.environment import ensure_environment
    from helpers.argilla_local.errors import PlatformError
    from helpers.errors import HelpersError

    try:
        ensure_environment()
    except PlatformError as error:
        print(f"Notice: {error}")
    except HelpersError as error:
        sys.exit(str(error))


def _make_environment(venv: Path, requirements: Path) -> None:
    if venv.exists() and _version(venv) != sys.version_info[:2]:
        sys.exit(
            f"{venv} has no Python {sys.version_info.major}.{sys.version_info.minor}.\n"
            "Remove it, or name another Python or folder in the same command, as in:\n"
            "    make notebooks PYTHON=python3.11 VENV=.venv-new"
        )
    if not (venv / "bin" / "pip").exists():
        _run([sys.executable, "-m", "venv", str(venv)], "venv failed: see its message above.")
    pip = [str(_python(venv)), "-m", "pip", "--disable-pip-version-check"]
    _probe_index(pip)
    failed = "pip could not install the requirements: see its message above, and run the same command again."
    _run([*pip, "install", "-r", str(requirements)], failed)
    if requirements.name == LATEST_REQUIREMENTS:
        apart = ["--no-deps", "--ignore-requires-python", "classy-classification"]
        _run([*pip, "install", *apart], failed)
    _run([*pip, "install", "--no-deps", "-e", str(ROOT)], failed)


def _probe_index(pip: "list[str]") -> None:
    """Fetch one small package: without an index pip retries for long, and then blames a package."""
    problem = (
        "No package index answers, and set-up needs one, once. Connect to one, or name a mirror:\n"
        "    export PIP_INDEX_URL=https://mirror.example/simple\n"
        "and run the same command again. After set-up everything runs without."
    )
    options = ["--no-deps", "--no-cache-dir", "--retries", "1", "--timeout", "10"]
    with tempfile.TemporaryDirectory() as folder:
        _run([*pip, "download", *options, "--dest", folder, "iniconfig"], problem, quiet=True)


def _identity(requirements: Path) -> str:
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in (requirements, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _version(venv: Path) -> "tuple[int, ...]":
    """Return major and minor version of an environment's Python; empty where there is none that runs."""
    script = "import sys; print(*sys.version_info[:2])"
    try:
        said = subprocess.run([str(_python(venv)), "-c", script], stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(map(int, said.split()))


def _python(venv: Path) -> Path:
    return venv / "bin" / "python"


def _run(command: "list[str]", problem: str, quiet: bool = False) -> None:
    where = subprocess.DEVNULL if quiet else None
    if subprocess.run(command, cwd=str(ROOT), stdout=where, stderr=where, check=False).returncode != 0:
        sys.exit(problem or 1)


def main() -> None:
    """Read the command line and set up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--requirements", type=Path, help="default: by the version of Python")
    parser.add_argument("--server", action="store_true", help="only the environment of the embedded Argilla")
    options = parser.parse_args()
    problem = version_problem(tuple(sys.version_info[:3]))
    if problem:
        sys.exit(problem)
    try:
        _set_up(options)
    except KeyboardInterrupt:
        if not options.server:  # else the script that started this one says it
            print("Interrupted: run the same command again to go on.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _set_up(options: argparse.Namespace) -> None:
    if options.server:
        make_server_environment()
    else:
        default = "requirements.txt" if sys.version_info[:2] == TESTED else LATEST_REQUIREMENTS
        set_up(options.venv.resolve(), (options.requirements or ROOT / default).resolve())


if __name__ == "__main__":
    main()
