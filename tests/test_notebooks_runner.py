import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.notebooks.execute import (
    MetricsFileError,
    NotebookFailedError,
    NotebookNotFoundError,
    NotebookParameterError,
    choose,
    parse_parameter,
    refresh,
    run,
    strip,
)

PARAMETERS = 'DATA = "auto"  # where from\nANNOTATOR = "simulated"  # who\nSEED = 1  # random seed'


def notebook(path: Path, *sources: str) -> Path:
    cells = [new_markdown_cell("# Title"), new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    for source in sources:
        cells += [new_markdown_cell("Why."), new_code_cell(source)]
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


RECORD = "from helpers.results import record\nrecord(seed=SEED, data=DATA)"


def test_a_run_executes_a_copy_with_parameters_and_merges_the_metrics(tmp_path):
    source = notebook(tmp_path / "notebooks" / "01_a.ipynb", RECORD)
    before, runs = source.read_text(), tmp_path / "runs"
    runs.mkdir()
    (runs / "metrics.json").write_text('{"02_b": {"x": 1}, "01_a": {"old": 1}}')
    assert run(source, {"SEED": 7}, runs) == {"seed": 7, "data": "auto"}
    metrics = json.loads((runs / "metrics.json").read_text())
    assert metrics == {"01_a": {"seed": 7, "data": "auto"}, "02_b": {"x": 1}}
    assert source.read_text() == before
    assert sorted(path.name for path in runs.iterdir()) == ["01_a.ipynb", "metrics.json"]


def test_the_kernel_is_this_interpreter_in_the_folder_of_the_notebook(tmp_path):
    source = notebook(
        tmp_path / "notebooks" / "01_a.ipynb",
        "import os, sys\nfrom helpers.results import record",
        "record(python=sys.executable, folder=os.getcwd())",
    )
    metrics = run(source, {}, tmp_path / "runs")
    assert Path(metrics["python"]).samefile(sys.executable)
    assert Path(metrics["folder"]).samefile(source.parent)


def test_a_failing_notebook_leaves_its_copy_and_no_metrics(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD, "value = 1\n{}['spam']")
    runs = tmp_path / "runs"
    with pytest.raises(NotebookFailedError, match=r"01_a\.ipynb failed in its cell In \[\d\]") as failure:
        run(source, {}, runs)
    assert "value = 1" in str(failure.value)
    assert "KeyError: 'spam'" in str(failure.value)
    assert [path.name for path in runs.iterdir()] == ["01_a.ipynb"]


def test_a_dead_kernel_is_reported(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", "import os\nos._exit(9)")
    with pytest.raises(NotebookFailedError, match=r"kernel of 01_a\.ipynb died"):
        run(source, {}, tmp_path / "runs")


def test_an_unknown_parameter_is_named(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD)
    with pytest.raises(NotebookParameterError, match="no parameter 'SIZE', only DATA, ANNOTATOR, SEED"):
        run(source, {"SIZE": 7}, tmp_path / "runs")


def test_a_damaged_metrics_file_is_named_and_kept(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD)
    (tmp_path / "metrics.json").write_text("{")
    with pytest.raises(MetricsFileError, match=r"metrics\.json is not JSON"):
        run(source, {}, tmp_path)
    assert (tmp_path / "metrics.json").read_text() == "{"


def test_refresh_executes_in_place_without_noise(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD, "for i in range(3): print(i, flush=True)")
    refresh(source)
    first = source.read_text()
    executed = nbformat.reads(first, as_version=4)
    assert [cell.execution_count for cell in executed.cells if cell.cell_type == "code"] == [1, 2, 3]
    assert executed.cells[-1].outputs == [new_output("stream", name="stdout", text="0\n1\n2\n")]
    assert "papermill" not in first
    assert str(tmp_path) not in first
    refresh(source)
    assert source.read_text() == first


def test_refresh_of_a_failing_notebook_changes_nothing(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", "1 / 0")
    before = source.read_text()
    with pytest.raises(NotebookFailedError, match="ZeroDivisionError"):
        refresh(source)
    assert source.read_text() == before


def test_strip_removes_live_widgets_and_keeps_tags():
    widget = new_output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "0%"}
    )
    cell = new_code_cell("1", metadata={"tags": ["parameters"], "papermill": {}}, outputs=[widget])
    book = new_notebook(cells=[cell])
    book.metadata = {"widgets": {}, "language_info": {"name": "python", "version": "3.11.7"}}
    strip(book)
    assert cell.metadata == {"tags": ["parameters"]}
    assert cell.outputs == []
    assert book.metadata["language_info"] == {"name": "python"}
    assert "widgets" not in book.metadata


def test_strip_settles_what_is_drawn_anew_each_time():
    def styled(name: str, address: str):
        html = f'<style>#T_{name}_row0 {{}}</style><table id="T_{name}">'
        return new_output("display_data", data={"text/html": html, "text/plain": f"<Styler at {address}>"})

    drawn = [styled("148e9", "0x7f01"), styled("0ac41", "0x7f02"), styled("148e9", "0x7f03")]
    cells = [new_code_cell("1", outputs=drawn[:2]), new_code_cell("2", outputs=drawn[2:])]
    strip(new_notebook(cells=cells))
    settled = [output.data for cell in cells for output in cell.outputs]
    assert settled[0]["text/html"] == '<style>#T_0_row0 {}</style><table id="T_0">'
    assert settled[1]["text/html"] == '<style>#T_1_row0 {}</style><table id="T_1">'
    assert settled[2] == settled[0]
    assert settled[0]["text/plain"] == "<Styler>"


def test_notebooks_are_chosen_by_number_or_name(tmp_path):
    paths = [notebook(tmp_path / f"{name}.ipynb") for name in ("01_a", "02_b", "03_c")]
    assert choose(tmp_path) == paths
    assert choose(tmp_path, "03, 01_a") == [paths[0], paths[2]]
    with pytest.raises(NotebookNotFoundError, match=r"No notebook '04'.*there are: 01_a, 02_b, 03_c"):
        choose(tmp_path, "01,04")


def test_a_folder_without_notebooks_is_named(tmp_path):
    with pytest.raises(NotebookNotFoundError, match="start this from the root"):
        choose(tmp_path)


@given(st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False))
def test_literal_parameters_keep_their_type(value):
    name, parsed = parse_parameter(f"X={value!r}")
    assert (name, parsed, type(parsed)) == ("X", value, type(value))


@pytest.mark.parametrize("text", ["SEED", "=1", "a b=1", ""])
def test_a_malformed_parameter_is_named(text):
    with pytest.raises(NotebookParameterError, match=f"Parameter '{text}'"):
        parse_parameter(text)


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpers.notebooks", *arguments],
        cwd=folder,
        env=os.environ | {"HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_runs_the_others_after_a_failure_and_exits_with_1(tmp_path):
    notebook(tmp_path / "notebooks" / "01_a.ipynb", "1 / 0")
    notebook(tmp_path / "notebooks" / "02_b.ipynb", RECORD)
    done = command(tmp_path, "run", "-p", "DATA=bundled")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Failed: 01_a.ipynb" in done.stderr
    metrics = json.loads((tmp_path / "runs" / "metrics.json").read_text())
    assert metrics == {"02_b": {"data": "bundled", "seed": 1}}


def test_the_command_refreshes_without_the_hub_and_lints(tmp_path):
    offline = "import os\nprint(os.environ['HF_HUB_OFFLINE'], 'ARGILLA_LOCAL_HOME' in os.environ)"
    path = notebook(tmp_path / "notebooks" / "01_a.ipynb", offline)
    assert "not executed" in command(tmp_path, "lint").stdout
    done = command(tmp_path, "refresh", "--only", "01")
    assert "TCP" not in done.stderr
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 notebooks are in order")
    assert nbformat.read(path, as_version=4).cells[-1].outputs[0].text == "1 True\n"


def test_the_command_names_a_mistake_and_exits_with_1(tmp_path):
    done = command(tmp_path, "lint")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("NotebookNotFoundError: No notebook in notebooks")
