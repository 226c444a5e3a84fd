"""Metrics recorded in a notebook as output of their own MIME type, and read back from the executed file."""

import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.errors import HelpersError
from helpers.values import as_plain, is_missing

MIME_TYPE = "application/vnd.labelling.metrics+json"


class MetricError(HelpersError):
    """A value that cannot be recorded as a metric."""


class NotebookReadError(HelpersError):
    """A file that should be a notebook is missing, or is none."""


def record(**metrics: Any) -> None:
    """Show metrics as an output of the notebook, readable for people and for :func:`read`.

    Parameters
    ----------
    metrics
        Names and values: numbers, texts, lists and dicts, NumPy's, pandas', polars' and Arrow's included.
        Missing values of any kind and infinity become null. A metric that is null, or holds one, needs a
        neighbor ``<name>_reason`` that says why. Beside any other metric a reason is left out, so that it can
        be given for the case that there is nothing to measure.

    Raises
    ------
    MetricError
        A value has no JSON form, two keys of a dict have the same, or a null has no reason. Nothing is
        recorded then.

    Examples
    --------
    >>> record(test_accuracy=0.9, ner_f1=None)
    Traceback (most recent call last):
    ...
    helpers.results.MetricError: Metric 'ner_f1' is null: say why in ner_f1_reason='...'.
    """
    from IPython.display import display

    values = {name: _json_value(name, value) for name, value in metrics.items()}
    for name, value in values.items():
        if _holds_null(value) and not values.get(f"{name}_reason"):
            raise MetricError(f"Metric {name!r} is null: say why in {name}_reason='...'.")
    for name in [name for name, value in values.items() if not _holds_null(value)]:
        values.pop(f"{name}_reason", None)
    plain = "\n".join(f"{name}: {_shown(value)}" for name, value in values.items())
    display({MIME_TYPE: values, "text/html": _table(values), "text/plain": plain}, raw=True)


def read(path: str | Path) -> dict[str, Any]:
    """Return everything a notebook has recorded; of two records under one name the later one counts.

    Raises
    ------
    NotebookReadError
        The file is missing or not a notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError as error:
        raise NotebookReadError(f"{path} does not exist: execute the notebook first.") from error
    except OSError as error:
        raise NotebookReadError(f"{path} cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotebookReadError(f"{path} is not a Jupyter notebook: {error!r}.") from error
    merged: dict[str, Any] = {}
    for cell in cells:
        for output in cell.get("outputs", []):
            merged |= output.get("data", {}).get(MIME_TYPE, {})
    return merged


def _json_value(name: str, value: Any) -> Any:
    """Turn a value into plain JSON types; NumPy and pandas objects name their own with ``tolist``."""
    value = as_plain(value)
    for method in ("tolist", "to_list"):  # polars has the second only
        if hasattr(value, method):
            value = getattr(value, method)()
    if is_missing(value):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and re.search(r"[\ud800-\udfff]", value):
        raise MetricError(f"Metric {name!r} holds {value!r}: half a character has no place in a file.")
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        if len(set(map(str, value))) < len(value):
            raise MetricError(f"Metric {name!r} has keys that JSON writes alike, as texts: {list(value)!r}.")
        return {str(key): _json_value(name, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(name, item) for item in value]
    raise MetricError(
        f"Metric {name!r} has no JSON form, being of type {type(value).__name__}:"
        " record numbers, texts, lists or dicts."
    )


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_null, value.values()))
    if isinstance(value, list):
        return any(map(_holds_null, value))
    return value is None


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(values: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(_shown(value))}</td></tr>"
        for name, value in values.items()
    )
    return f"<table><tr><th>metric</th><th>value</th></tr>{rows}</table>"


def digest(*arrays: Any) -> str:
    """Return a short name for the content of arrays: equal content, equal name.

    Missing values of all kinds are alike in it, and so are texts in a list, an array or a column.

    Examples
    --------
    >>> digest([1, 2]) == digest([1, 2]), digest([1, 2]) == digest([2, 1])
    (True, False)
    >>> import pandas as pd
    >>> texts = pd.Series(["a", None], dtype=object)
    >>> digest(texts) == digest(["a", pd.NA]), digest(texts) == digest(texts[::-1])
    (True, False)
    """
    import numpy as np

    joined = hashlib.sha256()
    for given in map(np.asarray, arrays):
        array = given
        if given.dtype.hasobject:
            # The bytes of objects are addresses, which differ from run to run.
            words = [str(None if is_missing(value) else value) for value in given.ravel()]
            array = np.array(words, dtype=str).reshape(given.shape)
        joined.update(f"{array.dtype.str} {array.shape}".encode())
        joined.update(np.ascontiguousarray(array).tobytes())
    return joined.hexdigest()[:16]
