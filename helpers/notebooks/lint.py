"""What every committed notebook keeps to, checked on the file alone."""

import ast
import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import nbformat

from helpers.parameters import RULES
from helpers.results import NotebookReadError

MAX_CELL_LINES = 20
"""Lines of code in a cell that still fit on a screen with its output."""

REQUIRED_PARAMETERS = ("DATA", "ANNOTATOR", "SEED")

_DEFINITION = re.compile(r"^(async def|def|class) ", re.MULTILINE)
_MACHINE_PATH = re.compile(
    r"(?<![\w.:/])(?:(?:/(?:home|root|Users|work|content|private|mnt)/|[A-Z]:\\)[\w.-]+"
    + "".join(f"|{re.escape(str(folder))}" for folder in (Path.home(), Path.cwd(), tempfile.gettempdir()))
    + ")"
)
_SECRET = re.compile(
    r"""(?:password|passwd|secret|token|api[_ -]?key)["']?\s*[:=]\s*["']?(?=[^\s"'<]*\d)[^\s"'<().]{8,}"""
    r"|\bhf_\w{20,}",
    re.IGNORECASE,
)


def lint(path: Path) -> list[str]:
    """Return what is wrong with a notebook, each problem with its file and cell; empty where nothing is.

    Raises
    ------
    NotebookReadError
        The file is not a notebook, for one because it holds a merge conflict.
    """
    cells = read_notebook(path).cells
    return [f"{path.name}: {problem}" for rule in _RULES for problem in rule(cells)]


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook.

    Raises
    ------
    NotebookReadError
        The file is not a notebook, for one because it holds a merge conflict.
    """
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise NotebookReadError(f"{path} is not a Jupyter notebook: {error}") from error
    return notebook


_Cells = list[nbformat.NotebookNode]


def _title(cells: _Cells) -> Iterator[str]:
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        yield "the first cell is not a title ('# ...')"


def _parameters(cells: _Cells) -> Iterator[str]:
    code = [cell for cell in cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1 or tagged[0] is not code[0]:
        yield "not exactly one cell is tagged 'parameters', or it is not the first code cell"
        return
    lines = tagged[0].source.splitlines()
    try:
        statements = ast.parse(tagged[0].source).body
    except SyntaxError as error:
        yield f"the parameters cell is not plain Python: {error.msg} in line {error.lineno}"
        return
    names = []
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case _:
                yield f"the parameters cell holds more than assignments: {ast.unparse(statement)}"
                continue
        if not name.isupper():
            yield f"parameter {name} is not in UPPER_CASE"
        above, last = lines[: statement.lineno - 1][-1:], lines[: statement.end_lineno][-1]
        if not ("#" in last or "".join(above).startswith("#")):
            yield f"parameter {name} has no comment"
    for name in REQUIRED_PARAMETERS:
        if name not in names:
            yield f"parameter {name} is missing"


def _checked(cells: _Cells) -> Iterator[str]:
    """Of a parameter that nobody checks, a wrong value is noticed when an hour is over."""
    if not any("check_parameters(globals())" in cell.source for cell in cells):
        yield "no cell checks the parameters: check_parameters(globals())"
    for cell in cells:
        if "parameters" in cell.metadata.get("tags", []):
            for name in re.findall(r"^([A-Z]\w*) *[:=]", cell.source, re.MULTILINE):
                if name not in RULES:
                    yield f"parameter {name} has no rule in helpers.parameters"


def _explained(cells: _Cells) -> Iterator[str]:
    for number, (before, cell) in enumerate(pairwise(cells), 2):
        if cell.cell_type == "code" and before.cell_type != "markdown":
            yield f"cell {number} is code without a text cell before it"


def _small(cells: _Cells) -> Iterator[str]:
    for number, cell in enumerate(cells, 1):
        if cell.cell_type == "code":
            length = len(cell.source.strip().splitlines())
            if length == 0:
                yield f"cell {number} is empty"
            if length > MAX_CELL_LINES:
                yield f"cell {number} has {length} lines, over {MAX_CELL_LINES}"
            if _DEFINITION.search(cell.source):
                yield f"cell {number} defines a function or class: move it into helpers"


def _executed(cells: _Cells) -> Iterator[str]:
    counts = [cell.execution_count for cell in cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield "it is not executed top to bottom in one go: run 'python -m helpers.notebooks refresh'"


def _clean_outputs(cells: _Cells) -> Iterator[str]:
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {number} ended in {output.ename}"
            if output.get("name") == "stderr":
                lines = output.text.strip().splitlines() or ["an empty line"]
                yield f"cell {number} wrote to stderr: {lines[0]}"


def _private(cells: _Cells) -> Iterator[str]:
    for number, cell in enumerate(cells, 1):
        for text in _texts(cell):
            if path := _MACHINE_PATH.search(text):
                yield f"cell {number} shows a path of one machine: {path.group()}"
            if _SECRET.search(text):
                yield f"cell {number} shows what looks like a password or a token"


def _texts(cell: nbformat.NotebookNode) -> Iterator[str]:
    yield cell.source
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (str(value) for kind, value in output.get("data", {}).items() if "image/" not in kind)


_RULES: tuple[Callable[[_Cells], Iterator[str]], ...] = (
    _title,
    _parameters,
    _checked,
    _explained,
    _small,
    _executed,
    _clean_outputs,
    _private,
)
