import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.colab import RepositoryNameError, SetupCellError, repository_url, setup_source, stamp
from helpers.set_up import ROOT

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{}/blob/main/notebooks/01_a.ipynb)"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    cells = [
        new_markdown_cell("# Title\n\nWhat this is."),
        new_code_cell("SEED = 1", metadata={"tags": ["parameters"]}),
        new_code_cell(setup_source(None), metadata={"tags": ["setup"]}),
    ]
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_a.ipynb")
    return tmp_path


def cells(project: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(project / "notebooks" / "01_a.ipynb", as_version=4).cells


def test_the_address_is_stamped_everywhere_and_only_once(project):
    before = tomllib.loads((project / "pyproject.toml").read_text())
    changed = stamp("ann/labels", project)
    assert [path.name for path in changed] == ["pyproject.toml", "01_a.ipynb"]
    assert repository_url(project) == "https://github.com/ann/labels"
    after = tomllib.loads((project / "pyproject.toml").read_text())
    assert before["tool"] == after["tool"]
    title, parameters, setup = cells(project)
    assert title.source == f"# Title\n\n{BADGE.format('ann/labels')}\n\nWhat this is."
    assert parameters.source == "SEED = 1"
    assert setup.source == setup_source("https://github.com/ann/labels")
    assert stamp("ann/labels", project) == []


def test_another_address_replaces_the_first(project):
    stamp("ann/labels", project)
    stamp("bob/new.name", project)
    assert repository_url(project) == "https://github.com/bob/new.name"
    assert cells(project)[0].source == f"# Title\n\n{BADGE.format('bob/new.name')}\n\nWhat this is."
    assert "ann" not in (project / "pyproject.toml").read_text()


@pytest.mark.parametrize("name", ["", "labels", "https://github.com/ann/labels", "ann/labels/x", "a b/c"])
def test_a_name_of_another_form_is_refused(project, name):
    with pytest.raises(RepositoryNameError, match="make colab REPO=owner/name"):
        stamp(name, project)


def test_a_notebook_without_a_set_up_cell_is_named_and_nothing_changes(project):
    nbformat.write(new_notebook(cells=[new_markdown_cell("# B")]), project / "notebooks" / "02_b.ipynb")
    with pytest.raises(SetupCellError, match=r"02_b\.ipynb has no code cell tagged 'setup'"):
        stamp("ann/labels", project)
    assert repository_url(project) == repository_url(ROOT)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_notebooks_carry_the_set_up_cell_of_this_repository(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert "setup" in code[1].metadata["tags"]
    assert code[1].source == setup_source(repository_url(ROOT))


def run_cell(source: str, colab: bool, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = (
        "import sys, types\n"
        f"if {colab}: sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        f"InteractiveShell.instance().run_cell({source!r}).raise_error()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def repository_of_one_commit(folder: Path) -> None:
    """Make what a publication holds; a clone would do, but pip needs minutes for one of a shallow clone."""
    folder.mkdir()
    subprocess.run(["git", "archive", "--output", str(folder / "tree.tar"), "HEAD"], cwd=ROOT, check=True)
    commit = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "commit",
        "--quiet",
        "--message",
        "Publish",
    ]
    with tarfile.open(folder / "tree.tar") as archive:
        archive.extractall(folder, filter="data")
    for arguments in (["init", "--quiet"], ["add", "."], commit):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def empty_wheel(folder: Path, name: str) -> None:
    information = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{information}/RECORD", "")


def test_in_colab_the_set_up_cell_installs_the_helpers_from_a_clone(tmp_path):
    clone, target = tmp_path / "clone", tmp_path / "installed"
    repository_of_one_commit(clone)
    empty_wheel(tmp_path, "classy_classification")
    done = run_cell(
        setup_source(f"file://localhost{clone}"),
        True,
        tmp_path,
        PIP_TARGET=str(target),
        PIP_NO_DEPS="1",
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(tmp_path),
        PIP_NO_BUILD_ISOLATION="0",  # pip reads this one inverted
    )
    assert "ERROR" not in done.stdout + done.stderr
    assert (target / "helpers" / "data" / "samples" / "news" / "train.csv").is_file()
    assert (target / "helpers" / "argilla_local" / "requirements-server.txt").is_file()
    assert (target / "classy_classification-1.0.dist-info").is_dir()


def test_elsewhere_the_set_up_cell_does_nothing(tmp_path):
    done = run_cell(setup_source("file://localhost/nowhere"), False, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_before_publication_the_set_up_cell_says_so_in_colab(tmp_path):
    done = run_cell(setup_source(None), True, tmp_path)
    assert "run make colab first" in done.stdout + done.stderr
    assert run_cell(setup_source(None), False, tmp_path).returncode == 0
