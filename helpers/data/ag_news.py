"""AG News: news items in four topics, from the Hub, from a folder, or the sample written for this project.

X. Zhang, J. Zhao, Y. LeCun. Character-level Convolutional Networks for Text Classification. NeurIPS 2015.
"""

from pathlib import Path

import pandas as pd

from helpers.data.classification import TextCorpus, gold_needed, read_sample, to_frame
from helpers.data.sources import Source
from helpers.data.tables import read_table

LABELS = ("World", "Sports", "Business", "Sci/Tech")
"""The topics, in the order of their class ids."""

HUB_NAME = "fancyzhx/ag_news"
SAMPLE = Path(__file__).parent / "samples" / "news"


def load_ag_news(source: Source) -> TextCorpus:
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
    corpus = TextCorpus(LABELS, _read(source, "train", ["text"]), _read(source, "test", ["text", "label"]))
    name = "the bundled news sample" if source.kind == "bundled" else f"AG News ({source.origin(HUB_NAME)})"
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
        The label of each training text, with the index of ``load_ag_news(source).train``.

    Raises
    ------
    NoGoldError
        The training texts come without labels.
    DataError
        As :func:`load_ag_news`.
    """
    with gold_needed():
        return _read(source, "train", ["label"])["label"]


def _read(source: Source, split: str, columns: list[str]) -> pd.DataFrame:
    if source.kind == "bundled":
        return read_sample(SAMPLE, split, columns)
    file, table = read_table(source, "ag_news", HUB_NAME, split, columns)
    return to_frame(table, file, split, LABELS)
