"""Texts, labels and ids as people's tables hold them: read by position, whatever their container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import ValuesError


def as_list(values: Iterable[Any], what: str = "values") -> list[Any]:
    """Return values in their order, as plain Python objects.

    A pandas index plays no part: the first value is that of the first row, also in a filtered or shuffled
    frame.

    Parameters
    ----------
    values
        A list, tuple or other iterable, a NumPy array of one dimension, a pandas Series, Index or
        Categorical, a polars Series, or an Arrow array.
    what
        What they are, for the message of an error.

    Raises
    ------
    ValuesError
        If it is one text, a mapping, a table, or an array of another number of dimensions.

    Examples
    --------
    >>> as_list(pd.Series(["b", "a"], index=[1, 0])), as_list(np.array([1, 2]))
    (['b', 'a'], [1, 2])
    """
    if isinstance(values, str | bytes | Mapping) or getattr(values, "ndim", 1) != 1:
        raise ValuesError(f"The {what} are one {type(values).__name__}. Give a list of them, or one column.")
    for method in ("to_pylist", "to_list", "tolist"):  # Arrow; polars and pandas; NumPy
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    try:
        return [as_plain(value) for value in values]
    except TypeError as error:
        raise ValuesError(f"The {what} are one {type(values).__name__}. Give a list of them.") from error


def as_plain(value: Any) -> Any:
    """Return the Python object that a scalar of NumPy or Arrow stands for; anything else as it is.

    Examples
    --------
    >>> as_plain(np.int64(1)), as_plain("a")
    (1, 'a')
    """
    if isinstance(value, np.generic):
        return value.item()
    return value.as_py() if hasattr(value, "as_py") else value


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for none: None, a NaN of any kind, pandas' NA and NaT.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), pd.NA, pd.NaT, "", 0, "nan")]
    [True, True, True, True, False, False, False]
    """
    answer = pd.isna(as_plain(value))
    return isinstance(answer, bool | np.bool_) and bool(answer)


def as_texts(texts: Iterable[Any], what: str = "texts") -> list[str]:
    """Return texts in their order, as plain strings.

    Raises
    ------
    ValuesError
        As `as_list`, or if one of them is missing or no text; the message names its position.

    Examples
    --------
    >>> as_texts(np.array(["a", "b"]))
    ['a', 'b']
    """
    found = as_list(texts, what)
    for position, text in enumerate(found):
        if not isinstance(text, str):
            raise ValuesError(
                f"The {what} hold {text!r} at position {position}, which is no text. "
                "Fill it in, or leave it out."
            )
    return found
