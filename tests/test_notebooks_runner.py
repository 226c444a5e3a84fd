import json
import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interrupting import interrupted
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.notebooks.execute import (
    MetricsFileError,
    NotebookFailedError,
    NotebookNotFoundError,
    _merge,
    choose,
    complete_data,
    parse_parameter,
    refresh,
    run,
    share_parameters,
    split_parameters,
    strip,
)
from helpers.notebooks.folders import FolderError
from helpers.parameters import NotebookParameterError
from helpers.results import NotebookReadError

CHECK = "check_parameters(globals())"
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


@pytest.mark.parametrize("content", ["{", "[1, 2]", "3"])
def test_a_damaged_metrics_file_is_named_and_kept_before_anything_runs(tmp_path, content):
    source = notebook(tmp_path / "notebooks" / "01_a.ipynb", RECORD)
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "metrics.json").write_text(content)
    with pytest.raises(MetricsFileError, match=r"metrics\.json does not hold metrics"):
        run(source, {}, runs)
    assert (runs / "metrics.json").read_text() == content
    assert [path.name for path in runs.iterdir()] == ["metrics.json"]


def test_a_damaged_notebook_is_named(tmp_path):
    (tmp_path / "01_a.ipynb").write_text("<<<<<<< HEAD")
    with pytest.raises(NotebookReadError, match=r"01_a\.ipynb is not a Jupyter notebook"):
        run(tmp_path / "01_a.ipynb", {}, tmp_path / "runs")


def test_wrong_values_are_named_before_anything_runs(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD)
    with pytest.raises(NotebookParameterError, match=r'(?s)Did you mean "simulated"\?.*SEED = \'seven\''):
        run(source, {"ANNOTATOR": "simulate", "SEED": "seven"}, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_relative_folder_of_data_starts_where_the_notebook_runs(tmp_path):
    source = notebook(tmp_path / "notebooks" / "01_a.ipynb", RECORD)
    (tmp_path / "notebooks" / "news").mkdir()
    metrics = run(source, {"DATA": "news"}, tmp_path / "runs")
    assert Path(metrics["data"]) == tmp_path / "notebooks" / "news"
    for kept in ("auto", "hub", "bundled", "bundeld", "~/news", str(tmp_path), 3):
        assert complete_data({"DATA": kept, "SEED": 1}, tmp_path) == {"DATA": kept, "SEED": 1}


def test_a_parameter_goes_to_the_notebooks_that_have_it(tmp_path):
    first, second = notebook(tmp_path / "01_a.ipynb"), notebook(tmp_path / "02_b.ipynb")
    second.write_text(second.read_text().replace("SEED = 1", "DRAWS = 1"))
    shares = share_parameters([first, second], {"SEED": 2, "DRAWS": 3, "DATA": "hub"})
    assert shares == [{"SEED": 2, "DATA": "hub"}, {"DRAWS": 3, "DATA": "hub"}]
    with pytest.raises(
        NotebookParameterError, match="None of these notebooks has a parameter 'STEPS', only DA"
    ):
        share_parameters([first, second], {"STEPS": 2})
    with pytest.raises(NotebookParameterError, match=r"DRAWS = 0 is not"):
        share_parameters([first, second], {"DRAWS": 0})


def test_parameters_are_split_as_by_a_shell():
    split = split_parameters("SEED=3  NAME='my news' SIZES='[0, 2]' LLM=\"hf:it's\"")
    assert split == ["SEED=3", "NAME=my news", "SIZES=[0, 2]", "LLM=hf:it's"]
    assert split_parameters("") == []
    with pytest.raises(NotebookParameterError, match="No closing quotation"):
        split_parameters("NAME='my news")


def test_metrics_of_runs_that_end_at_once_are_all_kept(tmp_path):
    names = [f"{n:02}_a" for n in range(100)]
    with ThreadPoolExecutor(20) as executor:
        list(executor.map(lambda name: _merge(tmp_path, name, {"name": name}), names))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics == {name: {"name": name} for name in names}
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


def test_a_folder_that_cannot_be_written_is_explained(tmp_path):
    source = notebook(tmp_path / "01_a.ipynb", RECORD)
    (tmp_path / "file").touch()
    for runs in (tmp_path / "file", tmp_path / "file" / "runs", Path("/proc/runs")):
        with pytest.raises(FolderError, match=f"{runs} cannot be written: "):
            run(source, {}, runs)
    (tmp_path / "runs" / "01_a.ipynb").mkdir(parents=True)
    with pytest.raises(FolderError, match="runs cannot be written: Is a directory"):
        run(source, {}, tmp_path / "runs")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["01_a.ipynb"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    notebook(tmp_path / "notebooks" / "01_a.ipynb", RECORD, "print('x' * 100_000)")
    # A limit on the size of files fails as a full disk does, in the middle of a file.
    done = command(
        tmp_path, "run", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    )
    assert done.returncode == 1
    assert "FolderError: runs cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "runs").iterdir()) == []


def test_ctrl_c_ends_in_a_sentence_and_leaves_nothing_half_written(tmp_path):
    began = tmp_path / "began"
    waiting = f"import time\nopen({str(began)!r}, 'w').close()\ntime.sleep(60)"
    notebook(tmp_path / "notebooks" / "01_a.ipynb", RECORD)
    notebook(tmp_path / "notebooks" / "02_b.ipynb", waiting)
    status, said = interrupted([sys.executable, "-m", "helpers.notebooks", "run"], began, tmp_path)
    assert status == 130
    assert said.splitlines()[-1].startswith("Interrupted: ")
    assert "Traceback" not in said
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["01_a.ipynb", "metrics.json"]


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


def test_strip_removes_what_leads_to_a_local_server():
    html = [
        '<a data-live href="http://127.0.0.1:40123/x">',
        '<iframe src="http://127.0.0.1:1">',
        "<a href='x'>",
    ]
    cell = new_code_cell("1", outputs=[new_output("display_data", data={"text/html": each}) for each in html])
    strip(new_notebook(cells=[cell]))
    assert [output.data["text/html"] for output in cell.outputs] == html[2:]


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


def command(folder: Path, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpers.notebooks", *arguments],
        cwd=folder,
        env=os.environ | {"HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
        **options,
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
    check = "from helpers.parameters import check_parameters\n" + CHECK
    path = notebook(tmp_path / "notebooks" / "01_a.ipynb", check, offline)
    assert "not executed" in command(tmp_path, "lint").stdout
    done = command(tmp_path, "refresh", "--only", "01")
    assert "TCP" not in done.stderr
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 notebooks are in order")
    assert nbformat.read(path, as_version=4).cells[-1].outputs[0].text == "1 True\n"


def test_the_command_names_a_mistake_and_exits_with_1(tmp_path):
    done = command(tmp_path, "lint")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("NotebookNotFoundError: No notebook in notebooks")
