"""Open copies of the notebooks in JupyterLab, which changes what it opens."""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import nbformat

from helpers.notebooks.folders import replace, writing
from helpers.notebooks.lint import read_notebook

_ORIGIN = "labeling-notebooks-original"


def copy_notebooks(notebooks: Sequence[Path], folder: Path) -> None:
    """Copy notebooks into a folder, and print what was copied.

    A copy that is there stays as it is where a cell has another source or output than when it was made; where
    its notebook is newer, that is printed. Any other copy is brought up to date.

    Raises
    ------
    FolderError
        The folder cannot be written.
    NotebookReadError
        A notebook is none, for one because it holds a merge conflict.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in notebooks:
            original = read_notebook(notebook)
            now = _digest(original)
            copy = folder / notebook.name
            made_from, is_changed = _state(copy)
            if is_changed and made_from != now:
                print(f"{copy} is yours, and {notebook} is newer: move yours away to get that.")
            if is_changed or made_from == now:
                continue
            original.metadata[_ORIGIN] = now
            replace(copy, nbformat.writes(original) + "\n")
            print(f"{copy} is a copy of {notebook}" + (", brought up to date." if made_from else "."))


def open_lab(folder: Path, notebooks: Sequence[Path], arguments: Sequence[str]) -> NoReturn:
    """Become JupyterLab on a folder, with its only notebook opened where only one is named."""
    command = [sys.executable, "-m", "jupyterlab", str(folder)]
    if len(notebooks) == 1:
        command.append(f"--LabApp.default_url=/lab/tree/{notebooks[0].name}")
    if os.geteuid() == 0:
        command.append("--allow-root")  # Jupyter refuses root without it.
    # At localhost, Jupyter's default, Argilla's iframe would be of another site, 127.0.0.1: browsers would
    # keep no sign-in in it. Jupyter refuses an argument that is given twice.
    if not any(argument.split("=")[0].endswith(("--ip", ".ip")) for argument in arguments):
        command.append("--ip=127.0.0.1")
    # The kernel must be this interpreter's, not one that the user has registered under the same name.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    sys.stdout.flush()
    os.execv(sys.executable, [*command, *arguments])


def _state(copy: Path) -> tuple[str, bool]:
    """Return the digest of what a copy was made from, empty without one, and whether it was changed since."""
    if not copy.exists():
        return "", False
    try:
        there = nbformat.read(copy, as_version=4)
    except Exception:  # on a damaged file nbformat may fail in any way
        return "", True
    made_from = there.metadata.get(_ORIGIN, "")
    return made_from, made_from != _digest(there)


def _digest(notebook: nbformat.NotebookNode) -> str:
    """Identify what a person reads in a notebook: JupyterLab changes metadata of what is only looked at."""
    cells = [(cell.cell_type, cell.source, cell.get("outputs", [])) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()
