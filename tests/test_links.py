"""Links into the web UI open exactly the records that they name, for the person who is signed in."""

import argilla as rg
import pytest
from web_ui import Ui, needs_chromium

from helpers.annotation import LinkError, QuestionNotFoundError, log_records, ui_link
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

LABELS = ["World", "Business", "U.S. ~ 100%"]
RULES = [
    "game",
    "financ*",
    "cbs.mw",
    "5~6",
    "100%2E",
    "a, b & c=d#e?",
    "Zürich + 新闻",
    '"no 1" | <b>',
    "ge1.le2",
]
TEXTS = {f"t{number}": f"Text number {number} on snake_case and cats" for number in range(len(RULES))}


@pytest.fixture(scope="module")
def dataset(local_argilla):
    client = local_argilla.client
    settings = rg.Settings(
        fields=[rg.TextField("text", client=client)],
        questions=[rg.LabelQuestion("label", labels=LABELS, client=client)],
        metadata=[
            rg.TermsMetadataProperty("rules", client=client),
            rg.IntegerMetadataProperty("number", client=client),
            rg.FloatMetadataProperty("share", client=client),
        ],
    )
    dataset = rg.Dataset("links", settings=settings, client=client).create()
    log_records(
        dataset,
        [
            rg.Record(
                id=id,
                fields={"text": text},
                metadata={"rules": [RULES[number]], "number": number, "share": number / 1e5},
                suggestions=[
                    rg.Suggestion(
                        "label", LABELS[number % 3], score=number / 10, agent=f"model {number % 2}.0"
                    )
                ],
            )
            for number, (id, text) in enumerate(TEXTS.items())
        ],
    )
    yield dataset
    dataset.delete()


@needs_chromium
@pytest.mark.parametrize(
    ("conditions", "found"),
    [({"metadata": {"rules": rule}}, [number]) for number, rule in enumerate(RULES)]
    + [
        ({"metadata": {"rules": ["game", "cbs.mw", "a, b & c=d#e?"]}}, [0, 2, 5]),
        ({"metadata": {"number": 3}}, [3]),
        ({"metadata": {"number": (2, 4)}}, [2, 3, 4]),
        ({"metadata": {"share": (0, 1e-5)}}, [0, 1]),
        ({"metadata": {"rules": ["game", "financ*"], "number": (1, 8)}}, [1]),
        ({"labels": "U.S. ~ 100%"}, [2, 5, 8]),
        ({"labels": ["World", "Business"], "scores": (0.6, 1)}, [6, 7]),
        ({"agents": "model 1.0", "sort": "-score"}, [7, 5, 3, 1]),
        ({"scores": (0, 0.25), "sort": "score"}, [0, 1, 2]),
        ({"query": '"number 4"'}, [4]),
        ({"query": "snake_case + 5"}, [5]),
        ({"query": "numbr~1 + 6"}, [6]),
    ],
    ids=str,
)
def test_a_link_opens_its_records(ui, dataset, conditions, found):
    link = ui_link(dataset, "these", **conditions)
    opened = [int(text.split()[2]) for text in ui.follow(link.url)]
    assert (opened if "sort" in conditions else sorted(opened)) == found


@needs_chromium
def test_a_link_survives_signing_in(context, local_argilla, dataset):
    link = ui_link(dataset, "these", metadata={"rules": ["cbs.mw", "a, b & c=d#e?"]})
    ui = Ui(context.new_page(), local_argilla.url)
    ui.page.goto(link.url)
    credentials = read_credentials(Home(local_argilla.home))
    ui.sign_in(credentials.username, credentials.password)
    ui.shows(of=2)


def test_on_another_argilla_what_its_ui_cannot_read_is_left_out_and_said(dataset, monkeypatch):
    monkeypatch.setattr("helpers.argilla_local.running_at", lambda url: None)
    link = ui_link(dataset, "Here", metadata={"rules": ["game", "cbs.mw"], "number": 3})
    assert link.text == "Here (among others: the UI cannot filter by rules 'game', 'cbs.mw')"
    assert link.url.endswith("/annotation-mode?page=1&status=pending&metadata=number.ge3.le3")
    assert link.local is None
    assert str(ui_link(dataset, "Here", metadata={"rules": "100%"})).endswith("metadata=rules.100%2525")


@pytest.mark.parametrize("wanted", [[], "", (1, float("nan")), (1, 2, 3)])
def test_a_link_that_would_open_nothing_is_refused(dataset, wanted):
    with pytest.raises(LinkError, match="number"):
        ui_link(dataset, "these", metadata={"number": wanted})


def test_a_question_that_is_not_there_is_refused(dataset):
    with pytest.raises(QuestionNotFoundError, match="by 'topic'"):
        ui_link(dataset, "these", question="topic", sort="score")
