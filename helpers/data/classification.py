"""Texts with one label each: what the loaders of such corpora share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.errors import EmptyTextError, MissingColumnError, NoGoldError, UnknownLabelError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TextCorpus:
    """Texts in two splits, the labels of the training split held back.

    Attributes
    ----------
    labels
        The schema.
    train
        One row a text: column ``text``; no label. The index is each text's id.
    test
        One row a text: columns ``text`` and ``label`` (one of `labels`). The index is each text's id.
    """

    labels: tuple[str, ...]
    train: pd.DataFrame
    test: pd.DataFrame


@contextmanager
def gold_needed() -> Iterator[None]:
    """Say what can be done without gold labels, where their column is missing.

    Raises
    ------
    NoGoldError
        If it is within the block.
    """
    try:
        yield
    except MissingColumnError as error:
        raise NoGoldError(
            f'{error} Without gold labels there is nobody to simulate: set ANNOTATOR = "human" to label the '
            'texts yourself, or DATA = "bundled" for labeled ones.'
        ) from error


def read_sample(folder: Path, split: str, columns: list[str]) -> pd.DataFrame:
    """Read a split of a bundled sample; the labels of its training split are in a file of their own."""
    name = "train_gold" if split == "train" and "label" in columns else split
    return pd.read_csv(folder / f"{name}.csv", index_col="id", dtype=str)[columns]


def to_frame(table: "pa.Table", file: str, split: str, labels: tuple[str, ...]) -> pd.DataFrame:
    """Turn a table of texts, labels or both into rows with ids and label names.

    Parameters
    ----------
    table
        Columns ``text``, ``label`` (class ids or names) or both.
    file
        Its origin, for messages.
    split
        What the ids begin with.
    labels
        The schema. Class ids mean what the file itself says, else places in this order.

    Raises
    ------
    UnknownLabelError
        A label is not one of `labels`.
    EmptyTextError
        A text is empty.
    """
    frame = table.to_pandas()
    frame.index = pd.Index([f"{split}-{row}" for row in range(len(frame))], name="id")
    if "label" in frame:
        frame["label"] = _label_names(frame["label"], _class_names(table.schema, labels), labels, file)
    if "text" in frame:
        _refuse_empty_texts(frame["text"], file)
    return frame


def _class_names(schema: "pa.Schema", labels: tuple[str, ...]) -> tuple[str, ...]:
    import datasets

    return tuple(getattr(datasets.Features.from_arrow_schema(schema)["label"], "names", labels))


def _label_names(
    column: "pd.Series[Any]", class_names: tuple[str, ...], labels: tuple[str, ...], file: str
) -> "pd.Series[str]":
    names = column.map(dict(enumerate(class_names))) if pd.api.types.is_numeric_dtype(column) else column
    unknown = column[~names.isin(labels)]
    if len(unknown):
        values = sorted({str(value) for value in unknown})
        raise UnknownLabelError(
            f"{file} has labels outside the schema: {', '.join(values[:5])} in {len(unknown):,} of"
            f" {len(column):,} rows, the first of them {unknown.index[0]}. Labels must be among"
            f" {list(labels)}, or class ids of {list(class_names)}."
        )
    return names


def _refuse_empty_texts(texts: "pd.Series[str]", file: str) -> None:
    empty = texts.index[texts.fillna("").str.strip() == ""]
    if len(empty):
        rows = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")
        raise EmptyTextError(
            f"{file} has {len(empty):,} rows without text ({rows}): remove them or fill them in."
        )
