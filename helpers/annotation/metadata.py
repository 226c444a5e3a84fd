"""Values of tables as metadata of records: exactly, or not at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.values import as_list, is_missing

if TYPE_CHECKING:
    import argilla as rg


def as_metadata(value: Any) -> Any:
    """Return a value as JSON has it, which is what Argilla keeps.

    Parameters
    ----------
    value
        A text, number or truth value, also of NumPy; a list of such, in any container; a mapping. What is
        missing, in the way of any library, becomes None.

    Raises
    ------
    ValueError
        If JSON has no such value: an infinity, a date, half a character, and so on.

    Examples
    --------
    >>> as_metadata(np.int64(3)), as_metadata(np.array(["a", "b"])), as_metadata(float("nan"))
    (3, ['a', 'b'], None)
    """
    if is_missing(value):
        return None
    if isinstance(value, np.bool_ | np.integer | np.floating) and not isinstance(value, np.timedelta64):
        value = value.item()
    if isinstance(value, str):
        value.encode()  # raises for half a character: a UnicodeEncodeError is a ValueError
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str.__str__(key): as_metadata(each) for key, each in value.items()}
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0):
        return [as_metadata(each) for each in value]
    if hasattr(value, "to_list") or hasattr(value, "to_pylist"):
        return [as_metadata(each) for each in as_list(value)]
    raise ValueError(f"{value!r} is a {type(value).__name__}, for which JSON has no value")


def property_value(value: Any, kind: type | None) -> Any:
    """Return a number in the type of its metadata property, where it is the same number.

    A column of whole numbers that lacks some is one of floats in pandas; Argilla takes no float for an
    integer property, nor an integer for a float property.

    Parameters
    ----------
    value
        A value as `as_metadata` returns it.
    kind
        The type of the property.

    Examples
    --------
    >>> import argilla as rg
    >>> property_value(3.0, rg.IntegerMetadataProperty), property_value(3.5, rg.IntegerMetadataProperty)
    (3, 3.5)
    """
    import argilla as rg

    if kind is rg.IntegerMetadataProperty and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is rg.FloatMetadataProperty and type(value) is int and abs(value) <= 2**53:
        return float(value)
    return value


def record_metadata(dataset: rg.Dataset, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a record as its dataset takes them.

    Raises
    ------
    ValueError
        As `as_metadata`; the message names the key.
    """
    kinds = {each.name: type(each) for each in dataset.settings.metadata}
    found = {}
    for key, value in metadata.items():
        try:
            found[key] = property_value(as_metadata(value), kinds.get(key))
        except ValueError as error:
            raise ValueError(f"its metadata {key!r}: {error}") from error
    return found
