"""Values are read by position, from whatever container."""

import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ValuesError
from helpers.values import as_list, as_texts, is_missing

CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "numpy": lambda values: np.array(values, dtype=object),
    "series": pd.Series,
    "series with an odd index": lambda values: pd.Series(values, index=range(len(values), 0, -1)),
    "series with a repeated index": lambda values: pd.Series(values, index=[0] * len(values)),
    "index": pd.Index,
    "polars": pl.Series,
    "arrow": lambda values: pa.array(values, pa.string()),
    "arrow scalars": lambda values: list(pa.array(values, pa.string())),
    "chunked arrow": lambda values: pa.chunked_array([pa.array(values, pa.string())]),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
@given(texts=st.lists(st.text(max_size=5), max_size=5))
def test_texts_come_in_their_order_from_every_container(container, texts):
    assert as_texts(container(texts)) == texts


def test_numpy_scalars_become_python_objects():
    for values in (np.array([1, 2]), [np.int64(1), np.int64(2)], pd.Series([1, 2])):
        assert [type(value) for value in as_list(values)] == [int, int]
    assert as_list(pd.Categorical(["b", "a"])) == ["b", "a"]


@pytest.mark.parametrize(
    "values", ["text", b"text", {"a": 1}, np.array("text"), np.eye(2), pd.DataFrame({"a": ["b"]}), 7]
)
def test_what_is_no_column_is_refused(values):
    with pytest.raises(ValuesError, match="Give a list"):
        as_list(values, "ids")


@pytest.mark.parametrize(
    "value",
    [
        *(None, float("nan"), np.float32("nan"), np.datetime64("NaT"), pd.NA, pd.NaT, decimal.Decimal("nan")),
        *(pa.scalar(None), pa.scalar(None, pa.string())),
    ],
    ids=repr,
)
def test_missing_values_of_all_kinds(value):
    assert is_missing(value)
    with pytest.raises(ValuesError, match="position 1"):
        as_texts(["a", value])


@pytest.mark.parametrize(
    "value", ["", "nan", "None", 0, False, [], [None], (float("nan"),), np.array([None])]
)
def test_values_that_are_there(value):
    assert not is_missing(value)
