"""Every link of the notebooks opens what its sentence says, and what they say of the UI is so.

As the person who is signed in sees it, after a simulated run.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import argilla as rg
import nbformat
import pytest
from labeled_texts import write_little_news
from web_ui import needs_chromium

from helpers.notebooks.execute import run

NOTEBOOKS = {path.stem[:2]: path for path in (Path(__file__).parents[2] / "notebooks").glob("0*.ipynb")}
SIZES = {
    "01": {"N_UNLABELED": 60, "N_REVIEW": 10},
    "02": {"MAX_STEPS": 20, "N_LOGGED": 12, "N_REVIEW": 3},
    "03": {"N_UNLABELED": 200, "BUDGET": 40, "THRESHOLD": 0.4, "DRAWS": 1, "SETFIT_STEPS": 1},
    "04": {"N_UNLABELED": 30, "N_REVIEW": 15, "SIZES": [0], "DRAWS": 1, "STEPS": 1},
}
LINK = re.compile(r"(?P<text>.+): (?P<url>\S+/dataset/(?P<dataset>[0-9a-f-]+)/annotation-mode\S*)")
PROMISE = re.compile(r"\bLook\b|\blinks? opens?\b|\bOpen the link\b")


@dataclass(frozen=True)
class Meant:
    """The records that a link's text means, and the order: 1 the lowest score first, -1 the highest."""

    records: Callable[[rg.Dataset, re.Match[str]], Iterable[rg.Record]]
    order: int = 0


def found(query: str | None = None, *conditions: tuple[str, str, object], order: int = 0) -> Meant:
    """What the SDK finds."""
    asked = rg.Query(query=query, filter=list(conditions) or None)
    return Meant(lambda dataset, text: dataset.records(asked), order)


def suggested(dataset: rg.Dataset, text: re.Match[str]) -> list[rg.Record]:
    """Return the records with a suggestion of the agent that the text names, or with none."""
    records = [record for record in dataset.records() if text["agent"] in agents(record)]
    assert len(records) == int(text["count"])
    return records


def agents(record: rg.Record) -> list[str | None]:
    return [suggestion.agent for suggestion in record.suggestions] or ["none fired"]


# `game` is searched for: the link filters by what `push_matches` has written.
MEANT = {
    "01": {
        r"The test texts with financ\*": found("financ*", ("metadata.split", "==", "test")),
        "All texts on which the rule game fires": found("game"),
        "Test texts on which it is wrong": found(
            "game", ("metadata.gold", "in", ["World", "Business", "Sci/Tech"])
        ),
        "10 texts to review": found(None, ("metadata.review", "==", "yes"), order=1),
    },
    "02": {
        r"(?P<agent>.+) \((?P<count>\d+)\)": Meant(suggested),
        "Sentences with the aggregated spans": found(),
        r"\d sentences to review": found(),
    },
    "03": {"The labels that nobody has looked at": found(None, ("label.agent", "==", "auto-accepted"))},
    "04": {
        "The records with their suggestions": found(order=-1),
        "Records to review: 15 will do": found(),
    },
}


@pytest.fixture(scope="module", params=sorted(NOTEBOOKS))
def executed(request, argilla_in_environment, tmp_path_factory):
    """Number and executed copy of a notebook."""
    folder = tmp_path_factory.mktemp("links")
    write_little_news(folder / "ag_news")
    data = str(folder) if request.param == "01" else "bundled"
    notebook = NOTEBOOKS[request.param]
    run(notebook, {"DATA": data, **SIZES[request.param]}, folder)
    return request.param, nbformat.read(folder / notebook.name, as_version=4)


def links(copy: nbformat.NotebookNode) -> list[re.Match[str]]:
    shown = (
        output.get("data", {}).get("text/plain", "")
        for cell in copy.cells
        for output in cell.get("outputs", [])
    )
    return [link for text in shown if (link := LINK.fullmatch(text))]


def linked(client: rg.Argilla, link: re.Match[str]) -> rg.Dataset:
    """Return the dataset that a link opens."""
    # Found by its id, it would not know its settings.
    return client.datasets(client.datasets(id=UUID(link["dataset"])).name)


@needs_chromium
def test_each_link_opens_just_what_is_meant(executed, ui, local_argilla):
    number, copy = executed
    texts = set()
    for link in links(copy):
        (text,) = [text for text in MEANT[number] if re.fullmatch(text, link["text"])]
        texts.add(text)
        meant = MEANT[number][text]
        dataset = linked(local_argilla.client, link)
        records = list(meant.records(dataset, re.fullmatch(text, link["text"])))
        assert records, link["text"]
        opened = ui.follow(link["url"])
        ui.shows(of=len(records))
        assert len(opened) == min(10, len(records)), link["text"]
        assert Counter(opened) <= Counter(record.fields["text"] for record in records), link["text"]
        if meant.order:
            scores = {
                record.fields["text"]: meant.order * record.suggestions["label"].score for record in records
            }
            assert [scores[each] for each in opened] == sorted(scores.values())[: len(opened)]
    assert texts == MEANT[number].keys()


@needs_chromium
@pytest.mark.parametrize("executed", ["01"], indirect=True)
def test_the_search_box_and_the_filter_by_rules_do_what_is_said(executed, ui, local_argilla):
    _, copy = executed
    dataset = linked(local_argilla.client, links(copy)[0])
    ui.open(f"/dataset/{dataset.id}/annotation-mode")
    ui.search("financ*")
    ui.shows(of=len(list(dataset.records(rg.Query(query="financ*")))))
    ui.open(f"/dataset/{dataset.id}/annotation-mode")
    for name in ("Filters", "Metadata", "rules"):
        ui.click(name)
    rule = ui.page.locator(".labels-selector__item", has_text=re.compile(r"^\s*game\b"))
    rule.locator("label").click()
    ui.shows(of=len(list(dataset.records(rg.Query(query="game")))))


@pytest.mark.parametrize("number", sorted(NOTEBOOKS))
def test_each_sentence_that_sends_to_the_ui_has_its_link(number):
    cells = nbformat.read(NOTEBOOKS[number], as_version=4).cells
    for text, code in pairwise(cells):
        if text.cell_type == "markdown" and code.cell_type == "code" and PROMISE.search(text.source):
            wanted = 2 if "the second" in text.source else 1
            assert len(re.findall(r"ui_link\(|server\.show\(", code.source)) >= wanted, text.source
