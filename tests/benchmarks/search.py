"""Sixteen rules over 127,600 news texts: the index against Snorkel's applier with compiled regexes."""

import re
from time import perf_counter

import pandas as pd
from cells import Cells
from published_rules import PUBLISHED_RULES
from repeated_texts import load_repeated
from snorkel.labeling import LabelingFunction, PandasLFApplier

from helpers.data.sources import Source
from helpers.search import TextIndex


def run(cells: Cells, source: Source) -> None:
    """Measure both ways in one run, so that their ratio holds on a busy machine too."""
    texts = load_repeated(source)
    cells.measure("16 rules, 127,600 texts", lambda: _compare(texts))


def _compare(texts: list[str]) -> dict[str, float]:
    start = perf_counter()
    index = TextIndex(texts)
    found = {query: index.search(query) for query in PUBLISHED_RULES}
    ours = perf_counter() - start

    start = perf_counter()
    for query in PUBLISHED_RULES:
        index.search(query)
    rule_ms = 1000 * (perf_counter() - start) / len(PUBLISHED_RULES)

    functions = [_labeling_function(query) for query in PUBLISHED_RULES]
    frame = pd.DataFrame({"text": texts})
    start = perf_counter()
    votes = PandasLFApplier(functions).apply(frame, progress_bar=False)
    snorkel = perf_counter() - start

    return {
        "index_and_rules_s": round(ours, 2),
        "snorkel_applier_s": round(snorkel, 2),
        "times_faster": round(snorkel / ours, 1),
        "each_further_rule_ms": round(rule_ms, 2),
        "matches": sum(map(len, found.values())),
        "snorkel_matches": int((votes >= 0).sum()),
    }


def _labeling_function(query: str) -> LabelingFunction:
    word = re.escape(query.rstrip("*")) + (r"\w*" if query.endswith("*") else "")
    pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
    return LabelingFunction(query, lambda row: 0 if pattern.search(row.text) else -1)
