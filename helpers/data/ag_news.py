"""AG News: news items in four topics, from the Hub, from a folder, or the sample written for this project.

X. Zhang, J. Zhao, Y. LeCun. Character-level Convolutional Networks for Text Classification. NeurIPS 2015.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.errors import EmptyTextError, UnknownLabelError
from helpers.data.sources import Source
from helpers.data.tables import read_table

if TYPE_CHECKING:
    import pyarrow as pa

LABELS = ("World", "Sports", "Business", "Sci/Tech")
"""The topics, in the order of their class ids."""

HUB_NAME = "fancyzhx/ag_news"
SAMPLE = Path(__file__).parent / "samples" / "news"


@dataclass(frozen=True)
class NewsCorpus:
    """News texts in two splits, the labels of the training split held back.

    Attributes
    ----------
    labels
        The topics.
    train
        One row a text: column ``text``; no label, see :func:`load_ag_news_gold`. The index is each text's id.
    test
        One row a text: columns ``text`` and ``label`` (one of `labels`). The index is each text's id.
    """

    labels: tuple[str, ...]
    train: pd.DataFrame
    test: pd.DataFrame


def load_ag_news(source: Source) -> NewsCorpus:
    """Load the texts of both splits and the labels of the test split; print their origin and number.

    Parameters
    ----------
    source
        What :func:`~helpers.data.sources.choose_source` returned. A folder holds ``ag_news/train.parquet``
        and ``ag_news/test.parquet`` with the columns ``text`` and ``label`` (class ids or names).

    Raises
    ------
    DataFileError
        A file is missing or cannot be read.
    MissingColumnError
        A file lacks a column.
    UnknownLabelError
        A label is not one of `LABELS`.
    EmptyTextError
        A text is empty.
    HubLoadError
        The Hub does not deliver.
    """
    corpus = NewsCorpus(LABELS, _read(source, "train", ["text"]), _read(source, "test", ["text", "label"]))
    name = "the bundled news sample" if source.kind == "bundled" else f"AG News ({_origin(source)})"
    print(
        f"Loaded {name}: {len(corpus.train):,} training texts without labels and {len(corpus.test):,} labeled"
        f" test texts in {len(LABELS)} topics."
    )
    return corpus


def load_ag_news_gold(source: Source) -> pd.Series:
    """Load the labels of the training texts, for the simulated annotator and the final scoring only.

    Returns
    -------
    pandas.Series
        The label of each training text, with the index of :attr:`NewsCorpus.train`.

    Raises
    ------
    DataError
        As :func:`load_ag_news`.
    """
    return _read(source, "train", ["label"])["label"]


def _origin(source: Source) -> str:
    return HUB_NAME if source.kind == "hub" else str(source.folder)


def _read(source: Source, split: str, columns: list[str]) -> pd.DataFrame:
    if source.kind == "bundled":
        file = f"samples/news/{split}.csv"
        frame = _read_sample(split, columns)
    else:
        file, table = read_table(source, "ag_news", HUB_NAME, split, columns)
        frame = table.to_pandas()
        frame.index = pd.Index([f"{split}-{row}" for row in range(len(frame))], name="id")
        if "label" in columns:
            frame["label"] = _label_names(frame["label"], _class_names(table.schema), file)
    if "text" in columns:
        _refuse_empty_texts(frame["text"], file)
    return frame


def _read_sample(split: str, columns: list[str]) -> pd.DataFrame:
    name = "train_gold" if split == "train" and "label" in columns else split
    return pd.read_csv(SAMPLE / f"{name}.csv", index_col="id", dtype=str)[columns]


def _class_names(schema: "pa.Schema") -> tuple[str, ...]:
    """Return what the file itself says its class ids mean, or the order of `LABELS` where it says nothing."""
    import datasets

    return tuple(getattr(datasets.Features.from_arrow_schema(schema)["label"], "names", LABELS))


def _label_names(column: "pd.Series[Any]", class_names: tuple[str, ...], file: str) -> "pd.Series[str]":
    names = column.map(dict(enumerate(class_names))) if pd.api.types.is_numeric_dtype(column) else column
    unknown = column[~names.isin(LABELS)]
    if len(unknown):
        values = sorted({str(value) for value in unknown})
        raise UnknownLabelError(
            f"{file} has labels outside the schema: {', '.join(values[:5])} in {len(unknown):,} of"
            f" {len(column):,} rows, the first of them {unknown.index[0]}. Labels must be among"
            f" {list(LABELS)}, or class ids of {list(class_names)}."
        )
    return names


def _refuse_empty_texts(texts: "pd.Series[str]", file: str) -> None:
    empty = texts.index[texts.fillna("").str.strip() == ""]
    if len(empty):
        rows = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")
        raise EmptyTextError(
            f"{file} has {len(empty):,} rows without text ({rows}): remove them or fill them in."
        )
