"""Customer reviews of PC components: the Hub's, a folder's, or the sample written for this project."""

from pathlib import Path

import pandas as pd

from helpers.data.classification import TextCorpus, gold_needed, read_sample, to_frame
from helpers.data.errors import MissingColumnError
from helpers.data.sources import Source, load_from_hub
from helpers.data.tables import read_table

LABELS = ("positive", "neutral", "negative")
"""Would the customer recommend the product, neither, or warn of it? In the order of their class ids."""

HUB_NAME = "argilla/pc-components-reviews"
SAMPLE = Path(__file__).parent / "samples" / "reviews"

# The Hub has one split only; every third of its rows is held out for scoring.
_HELD_OUT = 3


def load_reviews(source: Source) -> TextCorpus:
    """Load the texts of both splits and the labels of the test split; print their origin and number.

    Where the Hub's reviews come without gold labels, ``test`` has no column ``label``: people can then
    label and review, but nothing can be scored.

    Parameters
    ----------
    source
        What :func:`~helpers.data.sources.choose_source` returned. A folder holds ``reviews/train.parquet``
        and ``reviews/test.parquet`` with the columns ``text`` and ``label`` (class ids or names).

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
    if source.kind == "hub":
        frame = _from_hub()
        held_out = [row % _HELD_OUT == 0 for row in range(len(frame))]
        test = frame[held_out]
        corpus = TextCorpus(LABELS, frame.loc[~frame.index.isin(test.index), ["text"]], test)
    else:
        corpus = TextCorpus(
            LABELS, _read(source, "train", ["text"]), _read(source, "test", ["text", "label"])
        )
    name = "the bundled review sample" if source.kind == "bundled" else f"reviews ({source.origin(HUB_NAME)})"
    print(
        f"Loaded {name}: {len(corpus.train):,} training texts without labels and {len(corpus.test):,}"
        f" {'labeled test texts' if 'label' in corpus.test else 'test texts, also without labels'}."
    )
    return corpus


def load_reviews_gold(source: Source) -> pd.Series:
    """Load the labels of the training texts, for the simulated annotator and the final scoring only.

    Returns
    -------
    pandas.Series
        The label of each training text, with the index of ``load_reviews(source).train``.

    Raises
    ------
    NoGoldError
        The reviews come without gold labels.
    DataError
        As :func:`load_reviews`.
    """
    if source.kind != "hub":
        with gold_needed():
            return _read(source, "train", ["label"])["label"]
    frame = _from_hub()
    with gold_needed():
        if "label" not in frame:
            raise MissingColumnError(f"{HUB_NAME} has no column 'label'.")
    return frame["label"][[row % _HELD_OUT != 0 for row in range(len(frame))]]


def _from_hub() -> pd.DataFrame:
    table = load_from_hub(HUB_NAME, "train").with_format("arrow")[:]
    if "text" not in table.column_names:
        raise MissingColumnError(f"{HUB_NAME} (train) has no column 'text', only {table.column_names}.")
    columns = [column for column in ("text", "label") if column in table.column_names]
    return to_frame(table.select(columns), f"{HUB_NAME} (train)", "train", LABELS)


def _read(source: Source, split: str, columns: list[str]) -> pd.DataFrame:
    if source.kind == "bundled":
        return read_sample(SAMPLE, split, columns)
    file, table = read_table(source, "reviews", HUB_NAME, split, columns)
    return to_frame(table, file, split, LABELS)
