"""The published 16 rules: on the real AG News test split where that is at hand, and through the server."""

import os
from pathlib import Path

import argilla as rg
import pandas as pd
import pytest

from helpers.annotation import create_dataset, log_records, text_classification_settings
from helpers.data.ag_news import load_ag_news
from helpers.data.sources import Source
from helpers.weak_supervision import Rule, WeakLabels

LABELS = ["World", "Sports", "Business", "Sci/Tech"]
COUNTS = {
    "Business": {"money": (30, 37), "financ*": (80, 55), "dollar*": (87, 37)},
    "World": {"war": (101, 29), "gov*": (170, 174), "minister*": (193, 22), "conflict": (17, 4)},
    "Sports": {"footbal*": (107, 7), "sport*": (139, 23), "game": (216, 70), "play*": (268, 112)},
    "Sci/Tech": {
        "sci*": (114, 26),
        "techno*": (155, 60),
        "computer*": (159, 55),
        "software": (183, 41),
        "web": (87, 25),
    },
}
RULES = [Rule(query, label) for label, queries in COUNTS.items() for query in queries]
SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(os.environ.get("LABELING_DATA", SHARED)) / "ag_news" / "test.parquet"


@pytest.mark.skipif(not DATA.exists(), reason="set LABELING_DATA to a folder with ag_news/test.parquet")
def test_the_published_rules_give_exactly_the_published_counts():
    news = pd.read_parquet(DATA)
    gold = [LABELS[code] for code in news["label"]]
    summary = WeakLabels(RULES, news["text"], gold=gold, labels=LABELS).summary()
    counts = dict(zip(summary.index, summary[["correct", "incorrect"]].itertuples(index=False), strict=True))
    expected = {query: pair for queries in COUNTS.values() for query, pair in queries.items()}
    assert counts == {**expected, "total": (2106, 777)}


@pytest.mark.filterwarnings("ignore::helpers.weak_supervision.errors.RuleNeverFiresWarning")
def test_the_servers_search_matches_what_plain_texts_match(client):
    texts = load_ag_news(Source("bundled")).test["text"].iloc[:200]
    dataset = create_dataset(client, "published-rules", text_classification_settings(client, LABELS))
    log_records(dataset, [rg.Record(id=each, fields={"text": text}) for each, text in texts.items()])
    on_server = WeakLabels.from_dataset(dataset, RULES)
    on_texts = WeakLabels(RULES, texts.loc[list(on_server.ids)], labels=LABELS)
    assert len(on_server) == 200
    assert (on_server.matrix == on_texts.matrix).all()
    assert (on_server.matrix != -1).any()
