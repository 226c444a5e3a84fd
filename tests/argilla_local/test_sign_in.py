"""The one-time sign-in: once, for minutes, never in a log or a saved notebook."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import nbclient
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import expect
from web_ui import Ui, needs_chromium

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home
from helpers.argilla_local.one_time_codes import LIFE_S, OneTimeCodes
from helpers.notebooks.execute import strip

SOMEBODY = UUID(int=7)
CELLS = [
    "from helpers import argilla_local\nserver = argilla_local.start()\nserver.show()",
    "from helpers.argilla_local.display import show_link\nshow_link('Me', f'{server.url}/?a=b', server)",
    "server.stop()",
]


def code_of(path):
    return parse_qs(urlsplit(path).fragment)["code"][0]


def exchange(server, code):
    return httpx.post(f"{server.url}/api/v1/sign-in-codes/exchange", data={"code": code}, trust_env=False)


def test_a_code_lives_for_minutes():
    now = [0.0]
    codes = OneTimeCodes(clock=lambda: now[0])
    early, late = codes.make(SOMEBODY), codes.make(SOMEBODY)
    now[0] = LIFE_S - 1
    assert codes.use(early) == SOMEBODY
    now[0] = LIFE_S
    assert codes.use(late) is None


def test_a_code_is_made_for_who_has_a_key_and_signs_in_once(local_argilla):
    assert httpx.post(f"{local_argilla.url}/api/v1/me/sign-in-codes", trust_env=False).status_code == 401
    code = code_of(local_argilla.sign_in_path("/"))
    token = exchange(local_argilla, code).json()["access_token"]
    me = httpx.get(f"{local_argilla.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["username"] == local_argilla.username
    for wrong in (code, "", "\U0001f600", code[:-1]):
        assert exchange(local_argilla, wrong).status_code in (401, 422)
    assert code not in local_argilla.logs(lines=10_000)


def test_the_page_is_not_kept_and_names_no_code(local_argilla):
    page = httpx.get(f"{local_argilla.url}/sign-in-once", trust_env=False)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@needs_chromium
def test_a_browser_is_signed_in_once_and_goes_on(browser, context, local_argilla):
    path = local_argilla.sign_in_path("/user-settings?tab=1")
    ui = Ui(context.new_page(), local_argilla.url)
    ui.open(path)
    expect(ui.page.get_by_label("User Button")).to_be_visible()
    assert ui.page.url == f"{local_argilla.url}/user-settings?tab=1"

    # Who is signed in goes on, whatever became of the code.
    ui.open(path)
    expect(ui.page.get_by_label("User Button")).to_be_visible()

    with browser.new_context() as elsewhere:
        again = Ui(elsewhere.new_page(), local_argilla.url)
        again.open(path)
        expect(again.page.get_by_text("has been used, or it is too old")).to_be_visible()
        assert "code" not in again.page.url
        again.page.get_by_role("link").click()
        credentials = read_credentials(Home(local_argilla.home))
        again.sign_in(credentials.username, credentials.password)
        expect(again.page).to_have_url(f"{local_argilla.url}/user-settings?tab=1")


@needs_chromium
def test_where_a_browser_keeps_nothing_the_page_says_so(context, local_argilla):
    """Browsers keep nothing of an iframe on another site; the code is still good in a tab."""
    path = local_argilla.sign_in_path("/user-settings")
    page = context.new_page()
    page.goto(local_argilla.url.replace("127.0.0.1", "localhost") + "/api/v1/version")
    page.evaluate(
        "url => document.body.innerHTML = `<iframe src='${url}' width=900 height=500></iframe>`",
        f"{local_argilla.url}{path}",
    )
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Open it in a tab of its own").click()
    expect(opened.value.get_by_label("User Button")).to_be_visible()


@needs_chromium
@pytest.mark.parametrize(
    "page", ["//127.0.0.1:1/x", "/\t/127.0.0.1:1/x", "\\\\127.0.0.1:1", "javascript:alert(1)"]
)
def test_a_sign_in_goes_on_to_pages_of_the_server_only(context, local_argilla, page):
    ui = Ui(context.new_page(), local_argilla.url)
    ui.open(local_argilla.sign_in_path(page))
    expect(ui.page.get_by_label("User Button")).to_be_visible()
    assert ui.page.url.startswith(f"{local_argilla.url}/")


def test_a_notebook_run_by_a_tool_holds_no_code(local_argilla, monkeypatch):
    monkeypatch.setenv("ARGILLA_LOCAL_HOME", str(local_argilla.home))
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS)))
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    saved = str(notebook)
    assert "sign-in-once" not in saved
    assert f'<iframe src=\\"{local_argilla.url}' in saved or f'<iframe src="{local_argilla.url}' in saved
    credentials = read_credentials(Home(local_argilla.home))
    assert credentials.password not in saved
    assert credentials.api_key not in saved
    link = notebook.cells[1].outputs[0]["data"]["text/plain"]
    strip(notebook)
    assert not any(cell.outputs for cell in notebook.cells)
    assert link == f"Me: {local_argilla.url}/?a=b"


def test_before_a_person_the_code_is_in_the_widget_and_not_in_the_output(local_argilla, monkeypatch):
    monkeypatch.setenv("ARGILLA_LOCAL_HOME", str(local_argilla.home))
    manager, client = start_new_kernel(kernel_name="python3")
    messages = []
    for cell in CELLS:
        client.execute_interactive(cell, allow_stdin=True, timeout=120, output_hook=messages.append)
    client.stop_channels()
    manager.shutdown_kernel()
    shown = [message["content"] for message in messages if message["msg_type"] != "comm_open"]
    assert "sign-in-once" not in str(shown)
    html = [
        message["content"]["data"]["state"].get("value", "")
        for message in messages
        if message["msg_type"] == "comm_open"
    ]
    codes = re.findall(r"sign-in-once#code=([\w-]+)", " ".join(html))
    assert len(codes) == len(set(codes)) == 3  # the link, the page below it, the second link
    assert exchange(local_argilla, codes[0]).status_code == 201
