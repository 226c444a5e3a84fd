"""The web UI as a person sees it, in a real browser; the fixtures are in conftest.py.

Nothing here sleeps: Playwright waits for the element it clicks to be there, enabled and at rest, and what a
click leads to is waited for before the next one.
"""

import re
import shutil

import pytest
from playwright.sync_api import expect

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")

# The page asks for fonts from elsewhere: where nothing answers, it would wait for them.
NOWHERE_ELSE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
PATIENCE_MS = 60_000
NO_MORE = re.compile("no pending records")


class Ui:
    """The web UI as a person sees it: what to click is found by its role or by what is written on it."""

    def __init__(self, page, url):
        self.page = page
        self._url = url

    def open(self, path=""):
        self.page.goto(f"{self._url}{path}")

    def sign_in(self, username, password):
        self.page.locator("input[name=Username]").fill(username)
        self.page.locator("input[name=Password]").fill(password)
        self.click("Sign in")
        expect(self.page.get_by_label("User Button")).to_be_visible()

    def click(self, name):
        """Click the button that has this written on it, after the sign of its key if it has one."""
        self.page.locator("button", has_text=re.compile(rf"\b{name}\s*$")).click()

    def choose(self, question, label):
        """Click a label of a question."""
        self.page.get_by_label(f"Question: {question}").locator("label", has_text=label).click()

    def search(self, query):
        box = self.page.get_by_placeholder("Introduce a query")
        if not box.is_visible():
            self.page.locator("[data-title=Search]").click()
        box.fill(query)
        box.press("Enter")

    def shows(self, *texts, of=None):
        """Wait until these texts are on the page, on one of so many records."""
        if of is not None:
            expect(self.page.get_by_label("Total Records")).to_have_text(f"of {of}")
        for text in texts:
            expect(self.page.get_by_text(text, exact=True)).to_be_visible()

    def follow(self, url):
        """Open a link to records; return the texts of the first ten, in the page's order."""
        with self.page.expect_response(re.compile("/records/search")) as searched:
            self.page.goto(url)
        texts = [item["record"]["fields"]["text"] for item in searched.value.json()["items"]]
        if texts:
            expect(self.page.get_by_text(texts[0], exact=True)).to_be_visible()
        if 0 < len(texts) < 10:
            self.shows(of=len(texts))
        return texts

    def answer(self, name):
        """Click the button that sends an answer, and wait until the server has it."""
        with self.page.expect_response(re.compile("/responses")) as answered:
            self.click(name)
        assert answered.value.ok

    def mark(self, text):
        """Draw the mouse over a text of the record, and wait until it is marked."""
        words = self.page.locator(".span-annotation__field")
        expect(words).to_contain_text(text)
        left, right, height = words.evaluate(
            """(field, text) => {
                const range = document.createRange(), start = field.textContent.indexOf(text);
                range.setStart(field.firstChild, start);
                range.setEnd(field.firstChild, start + text.length);
                const box = range.getBoundingClientRect();
                return [box.left + 1, box.right - 1, (box.top + box.bottom) / 2];
            }""",
            text,
        )
        self.page.mouse.move(left, height)
        self.page.mouse.down()
        self.page.mouse.move(right, height, steps=5)
        self.page.wait_for_function("text => getSelection().toString() === text", arg=text)
        self.page.mouse.up()
        expect(self.page.locator(".span-entity__text")).to_be_visible()
