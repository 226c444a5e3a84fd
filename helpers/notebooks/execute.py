"""Execute notebooks: copies with other parameters and their metrics, or the committed files in place."""

import ast
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from helpers import results
from helpers.errors import HelpersError

_CELL_NOISE = ("papermill", "execution", "ExecuteTime", "collapsed", "scrolled", "trusted")
_WIDGET = "application/vnd.jupyter.widget-view+json"
# Where an object lies in memory, and the name that pandas draws for a styled table.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_TABLE = re.compile(r"\bT_[0-9a-f]{5}(?=\b|_)")


class NotebookNotFoundError(HelpersError):
    """No notebook has the number or name that was asked for."""


class NotebookParameterError(HelpersError):
    """A parameter is malformed, or the notebook does not have it."""


class NotebookFailedError(HelpersError):
    """A notebook stopped before its end."""


class MetricsFileError(HelpersError):
    """The metrics file is damaged."""


def choose(folder: Path, only: str | None = None) -> list[Path]:
    """Return the notebooks of a folder in order, or those that are named.

    Parameters
    ----------
    folder
        Where the notebooks are.
    only
        Numbers or names separated by commas, as in ``"01,02"``; None for all.

    Raises
    ------
    NotebookNotFoundError
        The folder has no notebook, or none of that number or name.
    """
    every = sorted(folder.glob("[0-9]*.ipynb"))
    if not every:
        raise NotebookNotFoundError(f"No notebook in {folder}: start this from the root of the project.")
    if only is None:
        return every
    chosen = set()
    for name in only.split(","):
        named = [path for path in every if name.strip() in (path.stem, path.stem.split("_")[0])]
        if not named:
            there = ", ".join(path.stem for path in every)
            raise NotebookNotFoundError(f"No notebook {name.strip()!r} in {folder}; there are: {there}.")
        chosen |= set(named)
    return sorted(chosen)


def parse_parameter(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; a value that is a Python literal counts as that, any other as text.

    Raises
    ------
    NotebookParameterError
        There is no name or no equals sign.

    Examples
    --------
    >>> parse_parameter("SEED=7"), parse_parameter("DATA=auto")
    (('SEED', 7), ('DATA', 'auto'))
    """
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise NotebookParameterError(f"Parameter {text!r} is not of the form NAME=VALUE.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def run(notebook: Path, parameters: Mapping[str, Any], runs: Path) -> dict[str, Any]:
    """Execute a copy of a notebook and keep its metrics.

    Parameters
    ----------
    notebook
        The notebook; it stays as it is.
    parameters
        Values for names in its cell tagged ``parameters``.
    runs
        Where the executed copy and ``metrics.json`` go. The metrics of other notebooks in that file stay.

    Returns
    -------
    dict
        What the notebook recorded.

    Raises
    ------
    NotebookParameterError
        The notebook has no parameter of that name.
    NotebookFailedError
        A cell failed. The copy shows what happened; ``metrics.json`` stays as it was.
    MetricsFileError
        ``metrics.json`` is damaged.
    """
    import papermill

    known = papermill.inspect_notebook(str(notebook))
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise NotebookParameterError(
            f"{notebook.name} has no parameter {unknown[0]!r}, only {', '.join(known)}."
        )
    runs.mkdir(parents=True, exist_ok=True)
    copy = runs / notebook.name
    _execute(notebook, copy, parameters)
    metrics = results.read(copy)
    _merge(runs / "metrics.json", notebook.stem, metrics)
    return metrics


def refresh(notebook: Path) -> None:
    """Execute a notebook in place with its defaults, leaving out what would differ on every run.

    Raises
    ------
    NotebookFailedError
        A cell failed. The notebook stays as it was.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / notebook.name
        _execute(notebook, copy, {})
        executed = nbformat.read(copy, as_version=4)
    strip(executed)
    _replace(notebook, nbformat.writes(executed) + "\n")


def strip(notebook: nbformat.NotebookNode) -> None:
    """Remove from an executed notebook what is noise in a diff.

    That is times, versions, live widgets and pages, and what is drawn anew each time: addresses in memory and
    the names of styled tables, which are numbered instead.
    """
    tables: dict[str, str] = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {
            key: value for key, value in cell.metadata.items() if key not in _CELL_NOISE and value != []
        }
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_live(output.get("data", {}))]
            for output in cell.outputs:
                _settle(output.get("data", {}), tables)


def _is_live(data: Mapping[str, Any]) -> bool:
    """Tell whether an output is dead outside its session: a widget, or a page that a local server gave."""
    return _WIDGET in data or "<iframe" in str(data.get("text/html"))


def _settle(data: dict[str, Any], tables: dict[str, str]) -> None:
    for mime in {"text/plain", "text/html"} & data.keys():
        text = _ADDRESS.sub("", data[mime])
        data[mime] = _TABLE.sub(lambda found: tables.setdefault(found[0], f"T_{len(tables)}"), text)


def _execute(notebook: Path, copy: Path, parameters: Mapping[str, Any]) -> None:
    import papermill
    from nbclient.exceptions import DeadKernelError

    # The kernel must be this interpreter's, not one that the user has registered under the same name.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    try:
        papermill.execute_notebook(
            notebook,
            copy,
            dict(parameters),
            kernel_name="python3",
            cwd=notebook.parent,
            coalesce_streams=True,
            # It would warn that it speaks plain TCP, which stays on this machine.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    except papermill.PapermillExecutionError as error:
        raise NotebookFailedError(
            f"{notebook.name} failed in its cell In [{error.exec_count}], which starts with\n"
            f"    {error.source.strip().splitlines()[0]}\n{error.ename}: {error.evalue}\n"
            f"See the executed copy, {copy}."
        ) from error
    except DeadKernelError as error:
        raise NotebookFailedError(
            f"The kernel of {notebook.name} died, most often for want of memory."
            f" See the executed copy, {copy}."
        ) from error


def _merge(path: Path, name: str, metrics: Mapping[str, Any]) -> None:
    try:
        every = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise MetricsFileError(
            f"{path} is not JSON ({error}): remove it and run the notebooks again."
        ) from error
    every[name] = dict(metrics)
    _replace(path, json.dumps(every, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def _replace(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(content, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
