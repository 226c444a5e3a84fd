import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.notebooks.lint import lint
from helpers.results import NotebookReadError

CHECK = "check_parameters(globals())"
PARAMETERS = 'DATA = "auto"  # where from\n# Who answers.\nANNOTATOR = "simulated"\nSEED = 1  # random seed'


def problems(tmp_path: Path, *cells: nbformat.NotebookNode, parameters: str = PARAMETERS) -> list[str]:
    first = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    every = [new_markdown_cell("# Title"), first, *cells, *code(CHECK)]
    for count, cell in enumerate((cell for cell in every if cell.cell_type == "code"), 1):
        cell.execution_count = cell.execution_count or count
    path = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=every), path)
    return lint(path)


def code(source: str, *outputs: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, ...]:
    return new_markdown_cell("Why."), new_code_cell(source, outputs=list(outputs))


def stdout(text: str) -> nbformat.NotebookNode:
    return new_output("stream", name="stdout", text=text)


def test_a_notebook_in_order_has_no_problem(tmp_path):
    assert problems(tmp_path, *code("print('/api/v1')", stdout("see https://example.org/tmp/x\n"))) == []


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (PARAMETERS.replace("SEED", "seed"), "parameter seed is not in UPPER_CASE"),
        (PARAMETERS.replace("SEED", "SIZE"), "parameter SEED is missing"),
        (PARAMETERS.replace("  # where from", ""), "parameter DATA has no comment"),
        (PARAMETERS.replace("# Who answers.\n", ""), "parameter ANNOTATOR has no comment"),
        ("%time\n" + PARAMETERS, "the parameters cell is not plain Python: invalid syntax in line 1"),
        (PARAMETERS + "\n  X = 1", "the parameters cell is not plain Python: unexpected indent in line 5"),
        (PARAMETERS + "\nprint(DATA)", "the parameters cell holds more than assignments: print(DATA)"),
    ],
)
def test_the_parameters_cell(tmp_path, parameters, problem):
    assert f"n.ipynb: {problem}" in problems(tmp_path, parameters=parameters)


def test_every_parameter_has_a_rule(tmp_path):
    more = PARAMETERS + "\nBATCH_SIZE: int = 5  # texts\nSIZE = 5  # texts"
    assert problems(tmp_path, parameters=more) == [
        "n.ipynb: parameter SIZE has no rule in helpers.parameters"
    ]


def test_the_parameters_are_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "CHECK", "DATA")
    assert problems(tmp_path) == ["n.ipynb: no cell checks the parameters: check_parameters(globals())"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([new_code_cell("1")], "cell 3 is code without a text cell before it"),
        (code(""), "cell 4 is empty"),
        (code("1\n" * 21), "cell 4 has 21 lines, over 20"),
        (code("x = 1\ndef f(): pass"), "cell 4 defines a function or class: move it into helpers"),
        (code("class A: pass"), "cell 4 defines a function or class: move it into helpers"),
        (code("1", new_output("error", ename="KeyError", evalue="'a'")), "cell 4 ended in KeyError"),
        (code("1", new_output("stream", name="stderr", text="Warn\n x")), "cell 4 wrote to stderr: Warn"),
        (code("1", new_output("stream", name="stderr", text="\n")), "cell 4 wrote to stderr: an empty line"),
        (code("1", stdout("in /home/ann/x")), "cell 4 shows a path of one machine: /home/ann"),
        (code("1", stdout(f"in {Path.home()}")), f"cell 4 shows a path of one machine: {Path.home()}"),
        (code("open('/Users/ann/x')"), "cell 4 shows a path of one machine: /Users/ann"),
        (code("1", stdout("password: k3y-Zq81xP")), "cell 4 shows what looks like a password or a token"),
        (code("key(api_key='owner-0000x')"), "cell 4 shows what looks like a password or a token"),
    ],
)
def test_the_cells(tmp_path, cells, problem):
    assert problems(tmp_path, *cells) == [f"n.ipynb: {problem}"]


@pytest.mark.parametrize(
    "text",
    [
        "the password: python -m helpers.argilla_local credentials",
        'token=os.environ["HF_TOKEN2"]',
        "tokens: 1000000",
    ],
)
def test_speaking_of_a_password_is_not_showing_it(tmp_path, text):
    assert problems(tmp_path, *code("1", stdout(text))) == []


def test_the_title_and_the_place_of_the_parameters(tmp_path):
    path = tmp_path / "n.ipynb"
    cells = [new_markdown_cell("Text"), new_code_cell(CHECK, execution_count=1)]
    nbformat.write(new_notebook(cells=cells), path)
    assert lint(path) == [
        "n.ipynb: the first cell is not a title ('# ...')",
        "n.ipynb: not exactly one cell is tagged 'parameters', or it is not the first code cell",
    ]


def test_cells_executed_out_of_order(tmp_path):
    cell = new_code_cell("1", execution_count=7)
    (problem,) = problems(tmp_path, new_markdown_cell("Why."), cell)
    assert "not executed top to bottom" in problem


def test_a_merge_conflict_is_named(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text("<<<<<<< HEAD\n{}")
    with pytest.raises(NotebookReadError, match=r"n\.ipynb is not a Jupyter notebook"):
        lint(path)
