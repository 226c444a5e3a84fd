"""Execute notebooks: copies with other parameters and their metrics, or the committed files in place."""

import ast
import json
import os
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from helpers import results
from helpers.annotation.claims import NOTEBOOK_VARIABLE
from helpers.errors import HelpersError
from helpers.notebooks.folders import alone, replace, writing
from helpers.notebooks.lint import read_notebook
from helpers.parameters import DATA_SOURCES, NotebookParameterError, check_parameters

METRICS_FILE = "metrics.json"

_CELL_NOISE = ("papermill", "execution", "ExecuteTime", "collapsed", "scrolled", "trusted")
_WIDGET = "application/vnd.jupyter.widget-view+json"
# Where an object lies in memory, and the name that pandas draws for a styled table.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_TABLE = re.compile(r"\bT_[0-9a-f]{5}(?=\b|_)")


class NotebookNotFoundError(HelpersError):
    """No notebook has the number or name that was asked for."""


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


def split_parameters(text: str) -> list[str]:
    """Split several parameters as a shell does; quotes hold a value with blanks together.

    Raises
    ------
    NotebookParameterError
        A quotation has no end.

    Examples
    --------
    >>> split_parameters("SEED=3 NAME='my news'")
    ['SEED=3', 'NAME=my news']
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        raise NotebookParameterError(f"Parameters {text!r} cannot be split: {error}.") from error


def share_parameters(notebooks: Sequence[Path], parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each notebook those of the parameters that it has, once all of them are checked.

    Raises
    ------
    NotebookParameterError
        No notebook has a parameter of that name, or it cannot have that value.
    NotebookReadError
        A notebook is none.
    """
    known = [_names(notebook) for notebook in notebooks]
    for name in parameters:
        if not any(name in names for names in known):
            every = dict.fromkeys(name for names in known for name in names)
            which = notebooks[0].name if len(notebooks) == 1 else "None of these notebooks"
            none = "no" if len(notebooks) == 1 else "a"
            raise NotebookParameterError(f"{which} has {none} parameter {name!r}, only {', '.join(every)}.")
    check_parameters(parameters)
    return [{name: parameters[name] for name in names if name in parameters} for names in known]


def complete_data(parameters: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return parameters in which a relative folder of data, if there is one, starts at another folder."""
    data = parameters.get("DATA")
    if not isinstance(data, str) or data in (*DATA_SOURCES, "") or data.startswith("~"):
        return dict(parameters)
    there = folder.absolute() / data
    return {**parameters, "DATA": str(there) if there.exists() else data}


def run(notebook: Path, parameters: Mapping[str, Any], runs: Path) -> dict[str, Any]:
    """Execute a copy of a notebook and keep its metrics.

    Parameters
    ----------
    notebook
        The notebook; it stays as it is.
    parameters
        Values for names in its cell tagged ``parameters``.
    runs
        Where the executed copy and ``metrics.json`` go. The metrics of other notebooks in that file stay. An
        interrupted run leaves nothing there.

    Returns
    -------
    dict
        What the notebook recorded.

    Raises
    ------
    NotebookParameterError
        The notebook has no parameter of that name, or it cannot have that value.
    NotebookReadError
        The notebook is none.
    NotebookFailedError
        A cell failed. The copy shows what happened; ``metrics.json`` stays as it was.
    MetricsFileError
        ``metrics.json`` is damaged.
    FolderError
        `runs` cannot be written.
    """
    (chosen,) = share_parameters([notebook], complete_data(parameters, notebook.parent))
    with writing(runs):
        runs.mkdir(parents=True, exist_ok=True)
        _read_metrics(runs)
        copy = runs / notebook.name
        with tempfile.TemporaryDirectory(prefix=".", dir=runs) as folder:
            draft = Path(folder) / notebook.name
            try:
                _execute(notebook, draft, chosen)
            except NotebookFailedError as error:
                draft.replace(copy)
                raise NotebookFailedError(f"{error}\nSee the executed copy, {copy}.") from error
            draft.replace(copy)
        metrics = results.read(copy)
        _merge(runs, notebook.stem, metrics)
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
    replace(notebook, nbformat.writes(executed) + "\n")


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
    """Tell whether an output is dead outside its session.

    That is a widget, a page of a local server, or HTML that says so by an attribute ``data-live``: a link to
    one, say.
    """
    html = str(data.get("text/html"))
    return _WIDGET in data or "<iframe" in html or "data-live" in html


def _settle(data: dict[str, Any], tables: dict[str, str]) -> None:
    for mime in {"text/plain", "text/html"} & data.keys():
        text = _ADDRESS.sub("", data[mime])
        data[mime] = _TABLE.sub(lambda found: tables.setdefault(found[0], f"T_{len(tables)}"), text)


def _names(notebook: Path) -> list[str]:
    import papermill

    read_notebook(notebook)  # papermill would not say which file is damaged
    return list(papermill.inspect_notebook(str(notebook)))


def _execute(notebook: Path, copy: Path, parameters: Mapping[str, Any]) -> None:
    import papermill

    # The kernel must be this interpreter's, not one that the user has registered under the same name.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ[NOTEBOOK_VARIABLE] = str(notebook)
    try:
        papermill.execute_notebook(
            notebook,
            copy,
            dict(parameters),
            kernel_name="python3",
            cwd=notebook.parent,
            coalesce_streams=True,
            # It would warn that it speaks plain TCP, which stays on this machine, and on Ctrl-C that it
            # cannot answer any more.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except papermill.PapermillExecutionError as error:
        raise NotebookFailedError(
            f"{notebook.name} failed in its cell In [{error.exec_count}], which starts with\n"
            f"    {error.source.strip().splitlines()[0]}\n{error.ename}: {error.evalue}"
        ) from error
    except RuntimeError as error:
        raise NotebookFailedError(
            f"The kernel of {notebook.name} died, most often for want of memory ({error})."
        ) from error


def _merge(runs: Path, name: str, metrics: Mapping[str, Any]) -> None:
    with alone(runs):  # two runs may end at once
        every = {**_read_metrics(runs), name: dict(metrics)}
        text = json.dumps(every, indent=2, sort_keys=True, ensure_ascii=False)
        replace(runs / METRICS_FILE, text + "\n")


def _read_metrics(runs: Path) -> dict[str, Any]:
    path = runs / METRICS_FILE
    try:
        every = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return dict(every)
    except (ValueError, TypeError) as error:
        raise MetricsFileError(
            f"{path} does not hold metrics as JSON ({error}): remove it and run the notebooks again."
        ) from error
