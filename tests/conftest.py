"""Fixtures for all tests, and the tier of each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from web_ui import CHROMIUM, NOWHERE_ELSE, PATIENCE_MS, Ui

from helpers import argilla_local
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

collect_ignore = ["benchmarks"]  # run by make benchmark, as scripts

# How long an example takes says how busy the machine is.
settings.register_profile("without a deadline", deadline=None)
settings.load_profile("without a deadline")

TIERS = ("notebook", "real", "quick")
"""Notebooks that are executed; real servers, processes and models; what takes a minute in all."""

SLOW = {
    *("test_database", "test_durability", "test_environment", "test_faults", "test_leveling"),
    *("test_jobs", "test_restart", "test_supervisor", "test_upkeep"),
    *("test_endpoint", "test_experiment", "test_setfit_models"),
    *("test_in_process", "test_learners", "test_offline", "test_ner_training", "test_hub", "test_sources"),
    *("test_colab", "test_house", "test_notebooks_lab", "test_notebooks_runner"),
}
"""Modules that start processes of their own, or train models."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its tier, and start with what takes longest: two run side by side."""
    for item in items:
        item.add_marker(_tier(item))
    items.sort(key=lambda item: TIERS.index(_tier(item)))


def _tier(item: pytest.Item) -> str:
    if "notebooks" in Path(item.nodeid).parts:
        return "notebook"
    uses_server = "local_argilla" in getattr(item, "fixturenames", ())
    return "real" if uses_server or item.path.stem in SLOW else "quick"


@pytest.fixture(scope="session")
def local_argilla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argilla_local.LocalArgilla]:
    """An embedded Argilla on a home of its own, shared by all tests: leave nothing behind in it."""
    with argilla_local.start(tmp_path_factory.mktemp("argilla") / "home") as server:
        yield server


# Playwright's event loop runs as long as this does: only while a module needs it.
@pytest.fixture(scope="module")
def browser():
    """A Chromium that reaches this machine alone."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=NOWHERE_ELSE)


@pytest.fixture(scope="module")
def signed_in(browser, local_argilla):
    """What a browser remembers of the owner who has signed in."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    ui = Ui(context.new_page(), local_argilla.url)
    ui.open()
    credentials = read_credentials(Home(local_argilla.home))
    ui.sign_in(credentials.username, credentials.password)
    yield context.storage_state()
    context.close()


@pytest.fixture
def context(browser):
    """A new browser window, in which nobody has signed in."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def ui(browser, signed_in, local_argilla):
    """The web UI of the shared Argilla, its owner signed in."""
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield Ui(context.new_page(), local_argilla.url)
    context.close()


@pytest.fixture
def client(local_argilla):
    """The owner's client; what a test makes is deleted after it."""
    client = local_argilla.client
    before = _contents(client)
    yield client
    for path in _contents(client):
        if path not in before:
            client.http_client.delete(path).raise_for_status()


def _contents(client) -> list[str]:
    http = client.http_client
    listed = {
        "datasets": http.get("/api/v1/me/datasets").json()["items"],
        "users": http.get("/api/v1/users").json()["items"],
        "webhooks": http.get("/api/v1/webhooks").json()["items"],
    }
    return [f"/api/v1/{kind}/{each['id']}" for kind, items in listed.items() for each in items]
