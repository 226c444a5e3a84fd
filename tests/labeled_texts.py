"""Folders of data for notebooks."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import argilla as rg
import pandas as pd

from helpers.data.ag_news import load_ag_news, load_ag_news_gold
from helpers.data.classification import TextCorpus
from helpers.data.sources import Source

EXAMPLES = r"\b(?:game\b|financ)"


def write_split(path: Path, texts: "pd.Series[str]", labels: Iterable[str], schema: Sequence[str]) -> None:
    """Write texts and the class ids of their labels as a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"text": texts.to_numpy(), "label": [schema.index(label) for label in labels]})
    frame.to_parquet(path, index=False)


def write_without_gold(folder: Path, corpus: TextCorpus) -> None:
    """Write both splits of a corpus, the training texts without labels."""
    write_split(folder / "test.parquet", corpus.test["text"], corpus.test["label"], corpus.labels)
    corpus.train[["text"]].to_parquet(folder / "train.parquet", index=False)


def write_little_news(folder: Path) -> None:
    """Write so few of the bundled news, with their gold, that a notebook is done with them in no time.

    Among the test texts are those of the notebooks' examples.
    """
    source = Source("bundled")
    news, gold = load_ag_news(source), load_ag_news_gold(source)
    test = pd.concat([news.test[news.test["text"].str.contains(EXAMPLES, case=False)], news.test.head(60)])
    test = test[~test.index.duplicated()]
    train = news.train.head(200)
    write_split(folder / "test.parquet", test["text"], test["label"], news.labels)
    write_split(folder / "train.parquet", train["text"], gold[train.index], news.labels)


def row(record: rg.Record) -> int:
    """Return the row of a training text in its file."""
    return int(record.id.removeprefix("train-"))
