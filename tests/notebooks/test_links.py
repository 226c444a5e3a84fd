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
    "03": {"N_UNLABELED": 150, "BUDGET": 30, "THRESHOLD": 0.6, "DRAWS": 1, "SETFIT_STEPS": 1},
    "04": {"N_UNLABELED": 30, "N_REVIEW": 15, "SIZES": [0], "DRAWS": 1, "STEPS": 1},
}
LINK = re.compile(r"(?P<text>.+): (?P<url>\S+/dataset/(?P<dataset>[0-9a-f-]+)/annotation-mode\S*)")
PROMISE = re.compile(r"\bLook\b|\blinks? opens?\b|\bby the link\b|\bOpen the link\b")


@dataclass(frozen=True)
class Meant:
    """The records that a sentence means, and the order that it names: 1 the lowest score first, -1 last."""

    records: Callable[[rg.Dataset], Iterable[rg.Record]]
    order: int = 0


def found(query: str | None = None, *conditions: tuple[str, str, object]) -> Meant:
    """What the SDK finds."""
    return Meant(lambda dataset: dataset.records(rg.Query(query=query, filter=list(conditions) or None)))


# `game` is searched for: the link filters by what `push_matches` has written.
MEANT = {
    "01": {
        r"The test texts with financ\*": found("financ*", ("metadata.split", "==", "test")),
        "All texts on which `game` fires": found("game"),
        "Where `game` is wrong": found("game", ("metadata.gold", "in", ["World", "Business", "Sci/Tech"])),
        "10 texts to review": Meant(found("", ("metadata.review", "==", "yes")).records, order=1),
    },
    "02": {
        "What (.+) has found": Meant(lambda dataset: suggested_by(dataset, busiest(dataset))),
        "Sentences on which no function fired": Meant(lambda dataset: suggested_by(dataset, None)),
        "Sentences with the aggregated spans": found(),
        r"\d sentences to review": found(),
    },
    "03": {"The labels that nobody has looked at": found(None, ("label.agent", "==", "auto-accepted"))},
    "04": {
        "The records with their suggestions": Meant(found().records, order=-1),
        "Records to review: 15 will do": found(),
    },
}


def agents(record: rg.Record) -> list[str | None]:
    return [suggestion.agent for suggestion in record.suggestions] or [None]


def suggested_by(dataset: rg.Dataset, agent: str | None) -> list[rg.Record]:
    return [record for record in dataset.records() if agent in agents(record)]


def busiest(dataset: rg.Dataset) -> str:
    fired = Counter(agent for record in dataset.records() for agent in agents(record) if agent)
    return fired.most_common(1)[0][0]


@pytest.fixture(scope="module", params=sorted(NOTEBOOKS))
def executed(request, argilla_in_environment, tmp_path_factory):
    """Number and executed copy of a notebook."""
    folder = tmp_path_factory.mktemp("links")
    write_little_news(folder / "ag_news")
    data = str(folder) if request.param in ("01", "03") else "bundled"
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
    there = links(copy)
    for text, meant in MEANT[number].items():
        (link,) = [each for each in there if re.fullmatch(text, each["text"])]
        dataset = linked(local_argilla.client, link)
        records = list(meant.records(dataset))
        assert records, text
        opened = ui.follow(link["url"])
        ui.shows(of=len(records))
        assert len(opened) == min(10, len(records)), text
        assert Counter(opened) <= Counter(record.fields["text"] for record in records), text
        if meant.order:
            scores = {
                record.fields["text"]: meant.order * record.suggestions["label"].score for record in records
            }
            assert [scores[text] for text in opened] == sorted(scores.values())[: len(opened)], text
    assert len(there) == len(MEANT[number]), "a link is not in MEANT"


@needs_chromium
@pytest.mark.parametrize("executed", ["01"], indirect=True)
def test_the_search_box_and_the_filter_by_rules_do_what_is_said(executed, ui, local_argilla):
    _, copy = executed
    dataset = linked(local_argilla.client, links(copy)[0])
    ui.open(f"/dataset/{dataset.id}/annotation-mode")
    ui.search("financ*")
    ui.shows(of=len(list(found("financ*").records(dataset))))
    ui.open(f"/dataset/{dataset.id}/annotation-mode")
    for name in ("Filters", "Metadata", "rules"):
        ui.click(name)
    rule = ui.page.locator(".labels-selector__item", has_text=re.compile(r"^\s*game\b"))
    rule.locator("label").click()
    ui.shows(of=len(list(found("game").records(dataset))))


@pytest.mark.parametrize("number", sorted(NOTEBOOKS))
def test_each_sentence_that_sends_to_the_ui_has_its_link(number):
    cells = nbformat.read(NOTEBOOKS[number], as_version=4).cells
    promises = 0
    for text, code in pairwise(cells):
        if text.cell_type == "markdown" and code.cell_type == "code" and PROMISE.search(text.source):
            promises += 1
            wanted = 2 if "the second" in text.source else 1
            assert len(re.findall(r"ui_link\(|server\.show\(", code.source)) >= wanted, text.source
    assert promises >= len(MEANT[number])
