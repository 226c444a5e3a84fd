import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.results import MIME_TYPE, MetricError, NotebookReadError, digest, read, record


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    return outputs


def notebook(path: Path, *outputs: dict[str, Any]) -> Path:
    cells = [
        nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data=data)])
        for data in outputs
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_record_holds_plain_json_and_a_readable_table(shown):
    record(accuracy=np.float32(0.5), rules=np.int64(16), at=pd.Series([0.25, 1.0]), ok=np.bool_(True))
    (data,) = shown
    assert data[MIME_TYPE] == {"accuracy": 0.5, "rules": 16, "at": [0.25, 1.0], "ok": True}
    assert "<tr><td>accuracy</td><td>0.5</td></tr>" in data["text/html"]
    assert data["text/plain"] == "accuracy: 0.5\nrules: 16\nat: [0.25, 1.0]\nok: true"


def test_names_and_texts_are_escaped_in_the_table(shown):
    record(model="<b>")
    assert "&lt;b&gt;" in shown[0]["text/html"]


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, np.inf, {"0": None}, [1.0, np.nan]])
def test_a_null_needs_a_reason(shown, value):
    with pytest.raises(MetricError, match="f1_reason"):
        record(f1=value)
    assert shown == []
    record(f1=value, f1_reason="no gold")
    assert json.loads(json.dumps(shown[0][MIME_TYPE], allow_nan=False))["f1_reason"] == "no gold"


def test_a_reason_beside_a_value_is_left_out(shown):
    record(f1=0.0, f1_reason="no gold", end_reason="budget", gain=None, gain_reason="none")
    assert shown[0][MIME_TYPE] == {"f1": 0.0, "end_reason": "budget", "gain": None, "gain_reason": "none"}


def test_a_value_without_json_form_is_refused(shown):
    with pytest.raises(MetricError, match="'model' has no JSON form, being of type object"):
        record(rules=3, model=object())
    assert shown == []


json_values = st.recursive(
    st.integers() | st.text() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(values=st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), json_values))
def test_what_is_recorded_is_read_back(values, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        outputs: list[dict[str, Any]] = []
        patch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
        record(**values)
    path = notebook(tmp_path_factory.mktemp("round") / "n.ipynb", *outputs)
    assert read(path) == values


def test_the_later_record_wins_and_other_outputs_are_ignored(tmp_path):
    path = notebook(
        tmp_path / "n.ipynb", {MIME_TYPE: {"a": 1, "b": 1}}, {"text/plain": "x"}, {MIME_TYPE: {"b": 2}}
    )
    assert read(path) == {"a": 1, "b": 2}


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(NotebookReadError, match=r"gone\.ipynb does not exist"):
        read(tmp_path / "gone.ipynb")


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json"])
def test_a_file_that_is_no_notebook_is_named(tmp_path, content):
    path = tmp_path / "n.ipynb"
    path.write_text(content)
    with pytest.raises(NotebookReadError, match="not a Jupyter notebook"):
        read(path)


@pytest.mark.parametrize(
    "missing", [pd.NA, pd.NaT, np.datetime64("NaT"), pa.scalar(None), np.float32("nan")], ids=repr
)
def test_missing_values_of_every_kind_are_null(shown, missing):
    record(
        score=missing,
        score_reason="none was there",
        parts=pd.Series([1, missing], dtype=object),
        parts_reason="b",
    )
    assert shown[0][MIME_TYPE]["score"] is None
    assert shown[0][MIME_TYPE]["parts"] == [1, None]
    with pytest.raises(MetricError, match="score"):
        record(score=missing)


def test_columns_and_scalars_of_arrow_and_polars_are_recorded(shown):
    record(a=pa.scalar(3), b=np.int64(4), c=pd.Series([1, 2], index=[7, 7]))
    assert shown[0][MIME_TYPE] == {"a": 3, "b": 4, "c": [1, 2]}


def test_a_folder_is_no_notebook(tmp_path):
    with pytest.raises(NotebookReadError, match="cannot be read"):
        read(tmp_path)


def test_a_digest_does_not_depend_on_the_container():
    texts = ["a", "bb", None]
    columns = [
        np.array(texts, dtype=object),
        pd.Series(texts, index=[1, 1, 1]),
        pl.Series(texts),
        pa.array(texts),
    ]
    assert {digest(column) for column in columns} == {digest(["a", "bb", pd.NA])}
    assert digest(["a", "bb", "c"]) not in {digest(column) for column in columns}


def test_half_a_character_and_keys_that_become_one_are_refused(shown):
    with pytest.raises(MetricError, match="'name' holds"):
        record(name="half \ud83d")
    with pytest.raises(MetricError, match=r"keys that JSON writes alike, as texts: \[1, '1'\]"):
        record(counts={1: 10, "1": 20})
    assert shown == []
    record(curve=pl.Series([0.5, 1.0]))
    assert shown[0][MIME_TYPE] == {"curve": [0.5, 1.0]}
