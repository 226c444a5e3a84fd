"""What an annotator does first, in a real browser on the real web UI."""

import shutil
import time

import argilla as rg
import pytest

from helpers.annotation import create_dataset, log_records, text_classification_settings
from helpers.argilla_local.credentials import read_credentials
from helpers.weak_supervision import Rule, push_matches

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Chromium and ChromeDriver (on Debian: chromium chromium-driver)",
)

TEXTS = {
    "a": "Finance minister resigns",
    "b": "Financial markets calm",
    "c": "War of words in parliament",
}


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,900",
        f"--user-data-dir={tmp_path}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    settings = text_classification_settings(client, ["World", "Business"])
    dataset = create_dataset(client, "in-the-browser", settings, recreate=True)
    log_records(dataset, [rg.Record(id=id, fields={"text": text}) for id, text in TEXTS.items()])
    push_matches(dataset, [Rule("war", "World"), Rule("minister*", "World"), Rule("financ*", "Business")])
    yield dataset
    dataset.delete()


class Page:
    """The web UI as a person sees it: things to click are found by what is written on them."""

    def __init__(self, browser):
        self._browser = browser
        # The page draws itself anew at any time, which makes what was just found stale.
        self._wait = WebDriverWait(browser, 15, ignored_exceptions=[StaleElementReferenceException])

    def find(self, css, text=""):
        return self._wait.until(
            lambda browser: next(
                (item for item in browser.find_elements(By.CSS_SELECTOR, css) if text in item.text), None
            )
        )

    def sign_in(self, username, password):
        for css, text in (("input[name=Username]", username), ("input[name=Password]", password)):
            self.find(css).send_keys(text)
        self.find("button", "Sign in").click()
        self.find("a", "in-the-browser").click()

    def shows(self, text):
        return self.find("body", text)

    def filter_by_rule(self, name, expected):
        """Choose a rule; clicks that fall into a redrawing of the page are lost, so they are tried again."""
        for _ in range(5):
            try:
                for css, text in (
                    ("button", "Filters"),
                    ("button", "Metadata"),
                    ("button", "rules"),
                    ("label", name),
                ):
                    time.sleep(1)
                    self.find(css, text).click()
                return self.shows(expected)
            except WebDriverException:
                self._browser.refresh()
        raise AssertionError(f"filtered by the rule {name}, the page does not show {expected!r}")


def test_sign_in_search_and_filter_by_rule(browser, local_argilla, dataset):
    credentials = read_credentials(local_argilla._home)
    browser.get(local_argilla.url)
    page = Page(browser)
    page.sign_in(credentials.username, credentials.password)
    assert page.shows("of 3")

    search = page.find("input.search-area__input")
    search.send_keys("financ*", Keys.ENTER)
    assert page.shows("of 2")
    assert page.shows("Financ")

    page.filter_by_rule("minister*", expected="of 1")
    assert page.shows(TEXTS["a"])
