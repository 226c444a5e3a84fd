"""What may be a label, what stands for none, and the schema that gives labels their positions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np

from helpers.errors import ValuesError
from helpers.values import as_list, as_plain, is_missing
from helpers.weak_supervision.errors import MissingLabelError

ABSTAIN = -1
# Votes take two bytes each.
MAX_LABELS = np.iinfo(np.int16).max

Label: TypeAlias = Hashable


def label_of(value: Any, where: str) -> Label | None:
    """Return a label as a plain object, or None for what stands for none: a missing value, or `ABSTAIN`.

    Parameters
    ----------
    value
        What a rule, a person or a table gave.
    where
        What it is, for the message of an error.

    Raises
    ------
    MissingLabelError
        If it cannot be a label, as it is blank or not hashable.

    Examples
    --------
    >>> label_of(np.str_("Sports"), "The vote"), label_of(float("nan"), "The vote"), label_of(-1, "The vote")
    ('Sports', None, None)
    """
    label: Label = as_plain(value)
    if is_missing(label) or (isinstance(label, int | float | Decimal) and label == ABSTAIN):
        return None
    try:
        hash(label)
    except TypeError as error:
        raise MissingLabelError(
            f"{where} is {label!r}, of type {type(label).__name__}, which cannot be a label. "
            "Give a text, a number or a truth value."
        ) from error
    if isinstance(label, str) and not label.strip():
        raise MissingLabelError(f"{where} is {label!r}. Give the label a name, or None where there is none.")
    return label


def schema(labels: Iterable[Any]) -> tuple[Label, ...]:
    """Return the labels of a schema in their order, each once.

    Raises
    ------
    MissingLabelError
        If one of them is missing, blank, not hashable, or is `ABSTAIN`, or there are more than 32,767.
    ValuesError
        If they are one text, a mapping, or a set, which has no order.

    Examples
    --------
    >>> schema(["Sports", "World", "Sports"])
    ('Sports', 'World')
    """
    if isinstance(labels, set | frozenset):
        raise ValuesError("The labels are a set, which has no order. Give a list of them.")
    found: dict[Any, Label] = {}
    for position, value in enumerate(as_list(labels, "labels")):
        label = label_of(value, f"The label at position {position} of the schema")
        if label is None:
            raise MissingLabelError(
                f"The schema holds {value!r} at position {position}, which stands for no label. "
                f"Leave it out, or write it as a text, such as '{value}'."
            )
        found.setdefault(_key(label), label)
    if len(found) > MAX_LABELS:
        raise MissingLabelError(f"The schema has {len(found):,} labels, and {MAX_LABELS:,} are the most.")
    return tuple(found.values())


class Positions:
    """The positions of labels in a schema.

    True is not the label 1, though Python takes them for equal.

    Parameters
    ----------
    labels
        The schema.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self._labels = labels
        self._position = {_key(label): position for position, label in enumerate(labels)}

    def of(self, label: Label, where: str = "") -> int:
        """Return the position of a label.

        Raises
        ------
        MissingLabelError
            If it is not in the schema; the message says `where`.
        """
        try:
            return self._position[_key(label)]
        except KeyError as error:
            raise MissingLabelError(
                f"The label {label!r}{where} is not one of {list(self._labels)}. "
                "Correct it, or add it to the schema."
            ) from error


def _key(label: Label) -> tuple[bool, Label]:
    return isinstance(label, bool), label
