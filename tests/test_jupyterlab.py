"""What a person meets in JupyterLab: links that sign in, also while a cell waits; nothing secret is saved."""

import json
import os
import subprocess
import sys
import time

import argilla as rg
import nbformat
import pytest
from playwright.sync_api import expect
from web_ui import Ui, needs_chromium

from helpers.annotation import create_dataset, log_records, text_classification_settings
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

pytestmark = needs_chromium

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
    """The URL of a JupyterLab on this machine whose root holds `notebook.ipynb`."""
    monkeypatch.setenv("ARGILLA_LOCAL_HOME", str(local_argilla.home))
    for name in ("RUNTIME", "CONFIG", "DATA"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name.lower()))
    root = tmp_path / "root"
    root.mkdir()
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS)))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, root / "notebook.ipynb")
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


def test_links_in_jupyterlab(context, lab, dataset, local_argilla):
    url, path = lab
    page = context.new_page()
    page.goto(f"{url}lab/tree/notebook.ipynb?token=t")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def opened(text):
        with context.expect_page() as new:
            page.get_by_role("link", name=text).click()
        return Ui(new.value, local_argilla.url)

    # In the iframe below the first link, and in tabs of their own, while the last cell waits.
    frame = page.frame_locator("iframe[src*=sign-in-once]")
    expect(frame.get_by_label("User Button")).to_be_visible()
    review = opened("The one to review")
    review.shows("Text b", of=1)
    opened("Where game fires").shows("Text a", of=1)
    review.choose("label", "Sports")
    review.answer("Submit")
    expect(page.get_by_text("reviewed", exact=True)).to_be_visible()

    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = path.read_text()
    assert "reviewed" in saved
    assert "sign-in-once" not in saved
    assert read_credentials(Home(local_argilla.home)).password not in saved
