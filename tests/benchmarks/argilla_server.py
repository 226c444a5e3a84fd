"""The embedded Argilla against the stock server's code on the same search engine, at the published size."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest import mock
from uuid import uuid4

import argilla as rg
from annotators import LABELS, annotate
from cells import Cells
from repeated_texts import SIZE, load_repeated

from helpers import argilla_local
from helpers.argilla_local.faster import STOCK_VARIABLE
from helpers.data.sources import Source

LOGGED = 20_000
LOGGED_BY_STOCK = 2_000
WARM_UP = 256  # one request
SMALL = 10_000
QUERIES = 200
PAGE = 10
TERMS = (
    *("oil", "war", "game", "software", "market", "president", "company", "team", "space", "internet"),
    *("dollar", "minister", "win", "said", "new", "science", "bank", "election", "music", "price"),
)
ABSENT = ("xyzzy",)
LENGTH = {"entity": "metadata", "metadata_property": "length"}
LONG = {"type": "range", "scope": LENGTH, "ge": 100}
ANNOTATORS = 20
ANNOTATORS_S = 60.0


def run(cells: Cells, source: Source, scale: float = 1.0) -> None:
    """Measure in one run what is compared, so that the ratios hold on a busy machine too.

    Parameters
    ----------
    cells
        Where the measured cells are kept.
    source
        Where the texts are from.
    scale
        A factor for all sizes, and for the annotators' time: below 1 to try it out.
    """
    texts = load_repeated(source, round(SIZE * scale))
    with TemporaryDirectory() as name:
        folder = Path(name)
        some, few = texts[: round(LOGGED * scale)], texts[: round(LOGGED_BY_STOCK * scale)]
        _compare_logging(cells, "log_speedup", folder, some, few, with_response=False)
        _compare_logging(cells, "log_speedup_with_responses", folder, some, few, with_response=True)
        published = Published(folder / "published", texts, round(SMALL * scale))
        cells.measure("log_127600_s", lambda: published.log_s)
        ours = cells.measure("search, ours", lambda: published.search(stock=False))
        stock = cells.measure("search, stock", lambda: published.search(stock=True))
        cells.measure("search_p95_ms", lambda: ours["p95_ms"])
        cells.measure("search_p95_speedup", lambda: round(stock["p95_ms"] / ours["p95_ms"], 1))
        # How many times the cost has grown, over how many times the records have: 1 is linear.
        growth = ours["median_ms"] / ours["small_median_ms"] / (SIZE / SMALL)
        cells.measure("search_growth", lambda: round(growth, 2))
        cells.measure("rss_mb", lambda: ours["rss_mb"])
        work = cells.measure("annotators", lambda: published.annotate(ANNOTATORS_S * scale))
        cells.measure("annotators_errors", lambda: work["failed"] + work["lost"] + work["lost_to_searches"])


def _compare_logging(
    cells: Cells, name: str, folder: Path, some: Sequence[str], few: Sequence[str], *, with_response: bool
) -> None:
    def rate(texts: Sequence[str], *, stock: bool) -> float:
        home = folder / ("stock" if stock else "ours")
        with running(home, stock=stock) as server:
            dataset = _dataset(server, f"rate{uuid4().hex}")
            _log_s(dataset, texts[:WARM_UP], with_response)
            return round(len(texts) / _log_s(dataset, texts, with_response))

    ours = cells.measure(f"{name}, ours, records a second", lambda: rate(some, stock=False))
    stock = cells.measure(f"{name}, stock, records a second", lambda: rate(few, stock=True))
    cells.measure(name, lambda: round(ours / stock, 1))


class Published:
    """An embedded Argilla with as many records as the published dataset, and a smaller dataset beside it.

    Every record has a suggestion, a metadata value and a submitted response; the first ones have no response,
    but annotators who give them one. It is filled when it is first needed.
    """

    def __init__(self, home: Path, texts: Sequence[str], small: int) -> None:
        self._home = home
        self._texts = {"large": texts, "small": texts[:small]}
        self._unanswered = small // 10
        self._log_s: dict[str, float] = {}

    @property
    def log_s(self) -> float:
        """How long it took to log the large dataset."""
        self._fill()
        return round(self._log_s["large"], 1)

    def search(self, *, stock: bool) -> dict[str, float]:
        """Search both datasets, and look at the memory afterwards."""
        self._fill()
        with running(self._home, stock=stock) as server:
            large, small = (server.client.datasets(name) for name in ("large", "small"))
            times = _search_ms(large, TERMS)
            return {
                "p95_ms": _p95(times),
                "median_ms": round(median(times), 1),
                "small_median_ms": round(median(_search_ms(small, TERMS)), 1),
                "p95_ms_without_hits": _p95(_search_ms(large, ABSENT)),
                "rss_mb": sum(map(_resident_mb, _processes(self._home))),
            }

    def annotate(self, seconds: float) -> dict[str, int]:
        """Let many annotators work at once."""
        self._fill()
        with running(self._home) as server:
            return annotate(server, server.client.datasets("large"), ANNOTATORS, seconds)

    def _fill(self) -> None:
        if self._log_s:
            return
        with running(self._home) as server:
            for name, texts in self._texts.items():
                dataset = _dataset(server, name)
                begin = _log_s(dataset, texts[: self._unanswered], with_response=False)
                self._log_s[name] = begin + _log_s(dataset, texts[self._unanswered :], with_response=True)


@contextmanager
def running(home: Path, *, stock: bool = False) -> Iterator[argilla_local.LocalArgilla]:
    """Run the Argilla of a home, with the stock server's code or ours; at the end, it has stopped."""
    with mock.patch.dict(os.environ, {STOCK_VARIABLE: "1"} if stock else {}):
        server = argilla_local.start(home)
    with server:
        yield server
    while _processes(home):
        time.sleep(0.1)


def _dataset(server: argilla_local.LocalArgilla, name: str) -> rg.Dataset:
    client = server.client
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("topic", labels=list(LABELS))],
        metadata=[rg.IntegerMetadataProperty("length")],
    )
    return rg.Dataset(name, settings=settings, client=client).create()


def _log_s(dataset: rg.Dataset, texts: Sequence[str], with_response: bool) -> float:
    """Log records in the way of the SDK, and return how long it took."""
    user = dataset._client.me.id
    records = [
        rg.Record(
            fields={"text": text},
            metadata={"length": len(text)},
            suggestions=[rg.Suggestion("topic", label, score=0.5, agent="benchmark")],
            responses=[rg.Response("topic", label, user_id=user, status="submitted")]
            if with_response
            else None,
        )
        for text, label in zip(texts, cycle(LABELS))
    ]
    start = perf_counter()
    dataset.records.log(records)
    return perf_counter() - start


def _search_ms(dataset: rg.Dataset, terms: Sequence[str]) -> list[float]:
    """Return how long the first page of each of the queries took, in milliseconds."""
    http, url = dataset._client.http_client, f"/api/v1/datasets/{dataset.id}/records/search"
    parameters = {"limit": PAGE, "include": ["responses", "suggestions"]}
    times = []
    for term in islice(cycle(terms), len(terms) + QUERIES):
        body = {"query": {"text": {"q": term}}, "filters": {"and": [LONG]}}
        start = perf_counter()
        http.post(url, params=parameters, json=body).raise_for_status().json()
        times.append(1000 * (perf_counter() - start))
    return times[len(terms) :]  # once warm


def _p95(times: Sequence[float]) -> float:
    return round(quantiles(times, n=20)[-1], 1)


def _processes(home: Path) -> list[Path]:
    """Return the folders in ``/proc`` of the processes of a home, which their command lines name."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It has just ended.
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            if str(home) in command and ("entry.py" in command or "redis" in command):
                found.append(folder)
    return found


def _resident_mb(process: Path) -> int:
    pages = int((process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
