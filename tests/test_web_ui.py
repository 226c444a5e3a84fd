"""What an annotator does, in a real browser on the real web UI; the SDK then sees it all.

Nothing here sleeps: Playwright waits for the element it clicks to be there, enabled and at rest, and what a
click leads to is waited for before the next one.
"""

import re
import shutil

import argilla as rg
import pytest
import spacy
from playwright.sync_api import expect, sync_playwright
from spacy.tokens import Span

from helpers.active_learning import active_learning_settings
from helpers.active_learning.loop import Batch
from helpers.annotation import create_dataset, log_records
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home
from helpers.ner.records import docs_from_records, ner_settings, suggestion_records
from helpers.weak_supervision import Rule, push_matches

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")

PATIENCE_MS = 60_000
NO_MORE = re.compile("no pending records")
NAME = "in-the-browser"
TEXTS = {
    "a": "Finance minister Ada Lovelace resigns",
    "b": "Financial markets calm",
    "c": "War of words in parliament",
    **{f"cup-{number}": f"Cup final, game {number}" for number in range(9)},
}
SCORES = {"a": 0.9, "b": 0.6, "c": 0.3}


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


@pytest.fixture(scope="module")
def browser():
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # The page asks for fonts from elsewhere: where nothing answers, it would wait for them.
        nowhere_else = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=[nowhere_else])


@pytest.fixture(scope="module")
def signed_in(browser, local_argilla):
    """What a browser remembers of somebody who has signed in."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    ui = Ui(context.new_page(), local_argilla.url)
    ui.open()
    credentials = read_credentials(Home(local_argilla.home))
    ui.sign_in(credentials.username, credentials.password)
    yield context.storage_state()
    context.close()


@pytest.fixture
def ui(browser, signed_in, local_argilla, dataset):
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    ui = Ui(context.new_page(), local_argilla.url)
    ui.open(f"/dataset/{dataset.id}/annotation-mode")
    ui.shows(of=12)
    yield ui
    context.close()


@pytest.fixture
def dataset(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[
            rg.LabelQuestion("topic", labels=["World", "Business", "Sports"]),
            rg.SpanQuestion("names", field="text", labels=["person", "place"], required=False),
        ],
        metadata=[rg.TermsMetadataProperty("rules")],
    )
    dataset = create_dataset(client, NAME, settings, recreate=True)
    records = [rg.Record(id=id, fields={"text": text}) for id, text in TEXTS.items()]
    for record in records[: len(SCORES)]:
        record.suggestions.add(rg.Suggestion("topic", "World", score=SCORES[record.id], agent="model"))
    log_records(dataset, records)
    yield dataset
    dataset.delete()


def answers(dataset):
    """Return status and values of the one response that each answered record has."""
    found = {}
    for record in dataset.records(with_responses=True):
        for response in record.responses:
            found.setdefault(record.id, (response.status, {}))[1][response.question_name] = response.value
    return found


def test_sign_in_open_a_dataset_and_search(ui):
    ui.open()
    ui.page.get_by_role("link", name=NAME).click()
    ui.shows(of=12)
    ui.search("financ*")
    ui.shows(of=2)
    ui.search("financ* minister")
    ui.shows(TEXTS["a"], of=1)


def test_filter_by_metadata_and_by_the_score_of_a_suggestion(ui, dataset):
    push_matches(dataset, [Rule("war", "World"), Rule("minister", "World"), Rule("financ*", "Business")])
    ui.page.reload()
    ui.click("Filters")
    ui.click("Metadata")
    ui.click("rules")
    ui.page.locator(".labels-selector__item", has_text="financ*").locator("label").click()
    ui.shows(of=2)
    ui.click("Suggestions")
    ui.click("topic")
    ui.click("Score")
    ui.page.locator(".range__inputs input").first.fill("0.7")
    ui.page.keyboard.press("Tab")
    ui.shows(TEXTS["a"], of=1)


def test_label_a_record_mark_a_span_submit_and_discard_another(ui, dataset):
    ui.search("minister")
    ui.shows(TEXTS["a"], of=1)
    # Where a search finds the very record that is shown, the page of Argilla 2.8 no longer marks spans in it.
    ui.page.reload()
    ui.shows(TEXTS["a"], of=1)
    ui.choose("topic", "Business")
    ui.choose("names", "person")
    ui.mark("Ada Lovelace")
    ui.answer("Submit")
    ui.shows(NO_MORE)
    ui.search("markets")
    ui.shows(TEXTS["b"], of=1)
    ui.answer("Discard")
    assert answers(dataset) == {
        "a": ("submitted", {"topic": "Business", "names": [{"label": "person", "start": 17, "end": 29}]}),
        "b": ("discarded", {"topic": "World", "names": []}),
    }


def test_label_ten_records_at_once(ui, dataset):
    ui.page.get_by_label("Switch to Bulk Mode").click()
    ui.page.locator("[data-title='Select all']").locator(".checkbox__container").click()
    ui.choose("topic", "Sports")
    ui.answer("Submit")
    given = answers(dataset)
    assert len(given) == 10
    assert all(answer == ("submitted", {"topic": "Sports", "names": []}) for answer in given.values())


def test_the_link_of_a_batch_opens_just_its_records(ui, local_argilla):
    settings = active_learning_settings(local_argilla.client, ["World", "Sports"])
    batches = create_dataset(local_argilla.client, "in-batches", settings, recreate=True)
    numbers = {"a": 0, "b": 1, "cup-0": 1}
    log_records(
        batches,
        [rg.Record(id=id, fields={"text": TEXTS[id]}, metadata={"batch": n}) for id, n in numbers.items()],
    )
    ui.page.goto(Batch(1, ("b", "cup-0"), ("b", "cup-0"), batches).url)
    ui.shows(of=2)
    batches.delete()


@pytest.fixture
def open_doc(ui, local_argilla):
    """Open a dataset with one document in the page, and return what comes back from it."""
    made = []

    def open_doc(doc):
        settings = ner_settings(local_argilla.client, ["PER", "ORG"])
        made.append(create_dataset(local_argilla.client, f"emojis-{len(made)}", settings, recreate=True))
        log_records(made[-1], suggestion_records([doc], ["PER", "ORG"], "clubs"))
        ui.open(f"/dataset/{made[-1].id}/annotation-mode")
        ui.shows(of=1)
        return lambda: docs_from_records(made[-1].records(with_responses=True), [doc])[0]

    yield open_doc
    for dataset in made:
        dataset.delete()


def test_a_span_behind_emojis_is_the_one_that_is_marked(ui, open_doc):
    come_back = open_doc(spacy.blank("en")("\U0001f680\U0001f680 a game, a Ann"))
    ui.choose("spans", "PER")
    ui.mark("Ann")
    ui.answer("Submit")
    assert [(each.text, each.label_) for each in come_back().ents] == [("Ann", "PER")]


def test_a_span_behind_an_emoji_is_shown_where_it_is(ui, open_doc):
    doc = spacy.blank("en")("\U0001f680 we thank Ajax")
    doc.spans["clubs"] = [Span(doc, 3, 4, "ORG")]
    come_back = open_doc(doc)
    highlighted = "[...CSS.highlights.values()].flatMap(each => [...each])"
    ui.page.wait_for_function(f"text => {highlighted}.some(each => each.toString() === text)", arg="Ajax")
    ui.answer("Submit")
    assert [(each.text, each.label_) for each in come_back().ents] == [("Ajax", "ORG")]
