"""Texts with one label each: what the loaders of such corpora share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.data.errors import EmptyTextError, MissingColumnError, NoGoldError, UnknownLabelError
from helpers.data.tables import class_names
from helpers.values import as_list, is_missing

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
        A text is empty, or is no text.
    """
    ids = [f"{split}-{row}" for row in range(len(table))]
    columns: dict[str, list[str]] = {}
    for name in table.column_names:
        values = as_list(table[name], name)
        if name == "label":
            values = _label_names(values, ids, class_names(table, "label") or labels, labels, file)
        elif name == "text":
            _refuse_empty_texts(values, ids, file)
        columns[name] = values
    return pd.DataFrame(columns, index=pd.Index(ids, name="id"))


def _label_names(
    column: list[Any], ids: list[str], class_names: tuple[str, ...], labels: tuple[str, ...], file: str
) -> list[str]:
    by_id: dict[float, str] = dict(enumerate(class_names))
    # Numbers that are whole may come as floats; a truth value is no class id.
    names = [
        by_id.get(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for value in column
    ]
    unknown = [row for row, name in enumerate(names) if not (isinstance(name, str) and name in labels)]
    if unknown:
        values = sorted({repr(column[row]) for row in unknown})
        raise UnknownLabelError(
            f"{file} has labels outside the schema: {', '.join(values[:5])} in {len(unknown):,} of"
            f" {len(column):,} rows, the first of them {ids[unknown[0]]}. Labels must be among"
            f" {list(labels)}, or class ids of {list(class_names)}."
        )
    return names  # type: ignore[return-value]


def _refuse_empty_texts(texts: list[Any], ids: list[str], file: str) -> None:
    empty = [row for row, text in enumerate(texts) if not (isinstance(text, str) and text.strip())]
    if empty:
        rows = ", ".join(ids[row] for row in empty[:5]) + (", ..." if len(empty) > 5 else "")
        first = texts[empty[0]]
        of_type = "" if isinstance(first, str) or is_missing(first) else f", of type {type(first).__name__}"
        raise EmptyTextError(
            f"{file} has {len(empty):,} rows without text ({rows}), the first with {first!r}{of_type}: "
            "remove them, or fill in texts."
        )
