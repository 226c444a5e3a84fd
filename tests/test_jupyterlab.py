"""What a person meets in JupyterLab: links that sign in, also while a cell waits; nothing secret is saved."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import argilla as rg
import nbformat
import pytest
from labeled_texts import write_little_news
from playwright.sync_api import expect
from web_ui import PATIENCE_MS, Ui, needs_chromium

from helpers.annotation import create_dataset, log_records, text_classification_settings
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

pytestmark = needs_chromium

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_weak_supervision_classification.ipynb"
START_S = 120
CELLS = [
    "from helpers.annotation import connect, ui_link, wait_for_responses\nserver = connect()\nserver.show()",
    "dataset = server.client.datasets('in-lab')\n"
    "ui_link(dataset, 'Where game fires', metadata={'rules': 'game'})",
    "ui_link(dataset, 'The one to review', metadata={'review': 'yes'}).show()\n"
    "wait_for_responses(dataset, ['b'], 600)\nprint('re' + 'viewed')",
]


@pytest.fixture
def lab(tmp_path, local_argilla, monkeypatch):
    """The URL of a JupyterLab on this machine, and the notebook in its root."""
    monkeypatch.setenv("ARGILLA_LOCAL_HOME", str(local_argilla.home))
    for name in ("RUNTIME", "CONFIG", "DATA"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name.lower()))
    root = tmp_path / "root"
    root.mkdir()
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=t"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={root}"],
        env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1"},
        stderr=(tmp_path / "log").open("w"),
    )
    written = tmp_path / "runtime" / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + START_S
    while not written.exists():
        assert server.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.1)
    yield f"http://127.0.0.1:{json.loads(written.read_text())['port']}/", root / "notebook.ipynb"
    server.terminate()
    server.wait(60)


@pytest.fixture
def dataset(client):
    dataset = create_dataset(client, "in-lab", text_classification_settings(client, ["World", "Sports"]))
    metadata = {"a": {"rules": ["game"]}, "b": {"review": "yes"}, "c": {}}
    records = [
        rg.Record(id=id, fields={"text": f"Text {id}"}, metadata=each) for id, each in metadata.items()
    ]
    log_records(dataset, records)
    return dataset


def run_all(page, url, path, cells):
    """Write a notebook of these cells, open it in JupyterLab, and run it."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    page.goto(f"{url}lab/tree/{path.name}?token=t")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def save(page):
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)


@pytest.fixture
def opened(context, local_argilla):
    """Click a link in a page; return the web UI in the tab that it opens."""

    def opened(page, text):
        with context.expect_page() as new:
            page.get_by_role("link", name=text).click()
        return Ui(new.value, local_argilla.url)

    return opened


def test_links_in_jupyterlab(context, lab, dataset, opened, local_argilla):
    url, path = lab
    page = context.new_page()
    run_all(page, url, path, list(map(nbformat.v4.new_code_cell, CELLS)))

    # In the iframe below the first link, and in tabs of their own, while the last cell waits.
    frame = page.frame_locator("iframe[src*=sign-in-once]")
    expect(frame.get_by_label("User Button")).to_be_visible()
    review = opened(page, "The one to review")
    review.shows("Text b", of=1)
    opened(page, "Where game fires").shows("Text a", of=1)
    review.choose("label", "Sports")
    review.answer("Submit")
    expect(page.get_by_text("reviewed", exact=True)).to_be_visible()

    save(page)
    saved = path.read_text()
    assert "reviewed" in saved
    assert "sign-in-once" not in saved
    assert read_credentials(Home(local_argilla.home)).password not in saved


def test_a_person_runs_notebook_01_in_jupyterlab(context, lab, opened, client, tmp_path):
    write_little_news(tmp_path / "ag_news")
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    parameters = {"DATA": str(tmp_path), "ANNOTATOR": "human", "NAME": "news-in-lab", "N_UNLABELED": 30}
    parameters |= {"N_REVIEW": 1}
    lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cells.insert(2, nbformat.v4.new_code_cell(lines))

    url, path = lab
    page = context.new_page()
    run_all(page, url, path, cells)
    expect(page.frame_locator("iframe[src*=sign-in-once]").get_by_label("User Button")).to_be_visible()
    expect(page.get_by_role("link", name="1 texts to review")).to_be_visible(timeout=10 * PATIENCE_MS)
    review = opened(page, "1 texts to review")
    review.shows(of=1)
    dataset = client.datasets("news-in-lab")
    for text, query, conditions in [
        ("The test texts with financ*", "financ*", [("metadata.split", "==", "test")]),
        ("All texts on which the rule game fires", "game", []),
    ]:
        meant = list(dataset.records(rg.Query(query=query, filter=conditions or None)))
        opened(page, text).shows(of=len(meant))
    review.answer("Submit")  # what is suggested
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=10 * PATIENCE_MS)
    save(page)
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
