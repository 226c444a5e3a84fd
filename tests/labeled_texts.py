"""Folders of data for notebooks."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import argilla as rg
import pandas as pd

from helpers.data.classification import TextCorpus


def write_split(path: Path, texts: "pd.Series[str]", labels: Iterable[str], schema: Sequence[str]) -> None:
    """Write texts and the class ids of their labels as a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"text": texts.to_numpy(), "label": [schema.index(label) for label in labels]})
    frame.to_parquet(path, index=False)


def write_without_gold(folder: Path, corpus: TextCorpus) -> None:
    """Write both splits of a corpus, the training texts without labels."""
    write_split(folder / "test.parquet", corpus.test["text"], corpus.test["label"], corpus.labels)
    corpus.train[["text"]].to_parquet(folder / "train.parquet", index=False)


def row(record: rg.Record) -> int:
    """Return the row of a training text in its file."""
    return int(record.id.removeprefix("train-"))
