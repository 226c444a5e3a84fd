"""The copies that JupyterLab opens: kept where a person changed them, brought up to date elsewhere."""

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.notebooks.folders import FolderError
from helpers.notebooks.lab import copy_notebooks, open_lab


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "01_a.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell("SEED = 1")]), path)
    return path


@pytest.fixture
def copied(notebook, tmp_path, capsys):
    """Copy the notebook; return the copy and what was printed."""

    def copy() -> tuple[Path, str]:
        copy_notebooks([notebook], tmp_path / "lab")
        return tmp_path / "lab" / notebook.name, capsys.readouterr().out

    return copy


def change(path: Path, source: str) -> None:
    book = nbformat.read(path, as_version=4)
    book.cells[1].source = source
    nbformat.write(book, path)


def source(path: Path) -> str:
    return nbformat.read(path, as_version=4).cells[1].source


def test_a_copy_is_made_once(notebook, copied):
    copy, said = copied()
    assert said == f"{copy} is a copy of {notebook}.\n"
    assert source(copy) == "SEED = 1"
    assert copied() == (copy, "")


def test_a_copy_that_was_only_looked_at_is_brought_up_to_date(notebook, copied):
    copy, _ = copied()
    book = nbformat.read(copy, as_version=4)
    book.metadata["kernelspec"] = {"name": "other", "display_name": "Other"}
    book.cells[1].metadata["scrolled"] = True
    nbformat.write(book, copy)
    change(notebook, "SEED = 2")
    assert copied() == (copy, f"{copy} is a copy of {notebook}, brought up to date.\n")
    assert source(copy) == "SEED = 2"


def test_a_copy_with_changes_is_kept_and_named_where_the_notebook_is_newer(notebook, copied):
    copy, _ = copied()
    change(copy, "SEED = 7")
    assert copied() == (copy, "")
    change(notebook, "SEED = 2")
    assert copied() == (copy, f"{copy} is yours, and {notebook} is newer: move yours away to get that.\n")
    assert source(copy) == "SEED = 7"


def test_a_copy_that_was_executed_is_kept(notebook, copied):
    copy, _ = copied()
    book = nbformat.read(copy, as_version=4)
    book.cells[1].outputs = [new_output("stream", text="an hour's work")]
    nbformat.write(book, copy)
    change(notebook, "SEED = 2")
    assert "is yours" in copied()[1]
    assert source(copy) == "SEED = 1"


@pytest.mark.parametrize("content", ["", "{}", "<<<<<<< HEAD", '{"cells": 1}', "\udcff"])
def test_a_file_that_is_no_notebook_is_kept(copied, content):
    copy, _ = copied()
    copy.write_bytes(content.encode(errors="surrogateescape"))
    assert "is yours" in copied()[1]
    assert copy.read_bytes() == content.encode(errors="surrogateescape")


def test_a_folder_that_cannot_be_written_is_explained(copied, tmp_path):
    (tmp_path / "lab").touch()
    with pytest.raises(FolderError, match="lab cannot be written: File exists"):
        copied()


@pytest.mark.parametrize(
    ("arguments", "is_ours"),
    [
        ([], True),
        (["--port", "8889", "--ServerApp.skip=1"], True),
        (["--ip=0.0.0.0"], False),
        (["--ip", "0.0.0.0"], False),
        (["--ServerApp.ip=::1"], False),
    ],
)
def test_jupyterlab_is_at_argillas_address_unless_told_otherwise(monkeypatch, arguments, is_ours):
    became = []
    monkeypatch.setattr(os, "execv", lambda program, command: became.extend(command))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    open_lab(Path("lab"), [], arguments)
    assert ("--ip=127.0.0.1" in became) == is_ours
    assert became[len(became) - len(arguments) :] == arguments
