"""Texts, labels and ids mean the same in every container, whatever the index of a table."""

import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

matplotlib.use("agg")

from helpers.errors import ValuesError
from helpers.plots import plot_confusion
from helpers.results import digest
from helpers.search import TextIndex
from helpers.weak_supervision import (
    MajorityVoter,
    Rule,
    SoftNaiveBayes,
    TwoViewClassifier,
    WeakLabels,
    confusion,
    fit_naive_bayes,
)
from helpers.weak_supervision.errors import (
    EmptyTextError,
    NotFittedError,
    ProbabilitiesError,
    WeakLabelsError,
)
from helpers.weak_supervision.table import encode

TEXTS = ["a late goal", "shares fell", "goal", "shares rose", "the goal"]
GOLD = ["S", "B", None, "B", "S"]
PROBA = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.0, 0.0]]
CONTAINERS = {
    "tuple": tuple,
    "generator": iter,
    "array": lambda values: np.array(values, dtype=object),
    "series": lambda values: pd.Series(values, index=range(len(values), 0, -1), dtype=object),
    "series with ids twice": lambda values: pd.Series(values, index=[0] * len(values)),
    "nullable series": lambda values: pd.Series(values, dtype="string", index=list("edcba")[: len(values)]),
    "categorical": pd.Categorical,
    "polars": pl.Series,
    "arrow": pa.array,
    "chunked arrow": lambda values: pa.chunked_array([values[:2], values[2:]]),
    "arrow scalars": lambda values: list(pa.array(values)),
}


def read_only(values):
    array = np.array(values)
    array.flags.writeable = False
    return array


TABLES = {
    "array": np.array,
    "read-only array": read_only,
    "frame": lambda rows: pd.DataFrame(rows, index=list("vwxyz")),
    "polars": lambda rows: pl.DataFrame(np.array(rows)),
    "arrow": lambda rows: pa.table(pd.DataFrame(rows, columns=["a", "b"])),
}


def vectors(texts):
    assert isinstance(texts, list)
    return read_only([[float("goal" in text), float("shares" in text)] for text in texts])


@pytest.fixture(params=CONTAINERS.values(), ids=CONTAINERS)
def container(request):
    return request.param


def test_weak_labels(container):
    rules = [Rule("goal", "S"), Rule("shares", "B")]
    right = WeakLabels(rules, TEXTS, gold=GOLD, ids=["1", "2", "3", "4", "5"])
    ids = container(["1", "2", "3", "4", "5"])
    got = WeakLabels(rules, container(TEXTS), gold=container(GOLD), labels=["S", "B"], ids=ids)
    assert (got.texts, got.ids, got.labels) == (right.texts, right.ids, right.labels)
    assert got.matrix.tolist() == right.matrix.tolist()
    assert got.gold.tolist() == [0, 1, -1, 1, 0]
    voter = MajorityVoter().fit(right)
    assert voter.score(right, container(GOLD)).accuracy_all == 1
    assert right.show_records(rules=container(["goal"])).index.tolist() == ["1", "3", "5"]


def test_encoding_counting_drawing_and_digests(container):
    assert encode(container(GOLD), container(["S", "B"])).tolist() == [0, 1, -1, 1, 0]
    assert confusion(container(GOLD), container(GOLD), ["S", "B"]).to_numpy().tolist() == [[2, 0], [0, 2]]
    axes = plot_confusion(container(GOLD), container(GOLD), container(["S", "B"]))
    assert [text.get_text() for text in axes.texts] == ["2", "0", "0", "2"]
    assert TextIndex(container(TEXTS)).search("goal") == [0, 2, 4]
    matplotlib.pyplot.close(axes.figure)
    if hasattr(container(GOLD), "__array__"):
        assert digest(container(TEXTS), container(GOLD)) == digest(TEXTS, GOLD)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_end_models(container, table):
    def make():
        return TwoViewClassifier(vectors, words=SoftNaiveBayes(min_df=1))

    right = make().fit(TEXTS, PROBA)
    got = make().fit(container(TEXTS), table(PROBA))
    assert got.predict_proba(container(TEXTS)) == pytest.approx(right.predict_proba(TEXTS))
    assert got.predict(container(TEXTS)).tolist() == right.predict(TEXTS).tolist()
    words = got.words
    assert words.predict_proba(container(TEXTS)) == pytest.approx(right.words.predict_proba(TEXTS))
    assert words.predict(container(TEXTS)).tolist() == right.words.predict(TEXTS).tolist()


def test_counts_of_words(container):
    codes = [0, 1, 0, -1, 0]
    right = fit_naive_bayes(TEXTS, codes)
    for column in (iter, read_only, pl.Series, pa.array, lambda values: pd.Series(values, index=[0] * 5)):
        got = fit_naive_bayes(container(TEXTS), column(codes))
        assert got.predict_proba(TEXTS) == pytest.approx(right.predict_proba(TEXTS))


@pytest.mark.parametrize("bad", ["one text", {"a": 1}, ["a", None], ["a", pd.NA], [1, 2]], ids=repr)
def test_what_is_no_column_of_texts_is_refused(bad):
    model = SoftNaiveBayes(min_df=1).fit(TEXTS, PROBA)
    for use in (TextIndex, model.predict, lambda texts: model.fit(texts, [[1, 0], [0, 1]])):
        with pytest.raises(ValuesError):
            use(bad)


def test_what_end_models_cannot_learn_from_is_named():
    with pytest.raises(EmptyTextError, match=r"'\?!'"):
        SoftNaiveBayes(min_df=1).fit(["?!", "..."], [[1, 0], [0, 1]])
    with pytest.raises(EmptyTextError, match="Lower min_df"):
        SoftNaiveBayes(min_df=2).fit(["a", "b"], [[1, 0], [0, 1]])
    with pytest.raises(WeakLabelsError, match="alpha is 0"):
        SoftNaiveBayes(alpha=0, min_df=1).fit(["a", "b"], [[1, 0], [0, 1]])
    with pytest.raises(ProbabilitiesError, match="no table of numbers"):
        SoftNaiveBayes(min_df=1).fit(["a", "b"], [["x", 0], [0, 1]])
    with pytest.raises(ProbabilitiesError, match="too large"):
        SoftNaiveBayes(min_df=1).fit(["a", "b"], [[1e308, 0], [1e308, 1]])
    for model in (SoftNaiveBayes(), TwoViewClassifier(vectors)):
        with pytest.raises(NotFittedError):
            model.predict(["a"])


@pytest.mark.parametrize(
    ("encode", "message"),
    [
        (lambda texts: np.full((len(texts), 2), np.nan), "a late goal|shares fell|goal|shares rose|the goal"),
        (lambda texts: np.zeros((1, 2)), r"\(1, 2\)"),
        (lambda texts: np.zeros(len(texts)), r"\(5,\)"),
    ],
)
def test_an_encoder_that_fails_is_named(encode, message):
    with pytest.raises(WeakLabelsError, match=message):
        TwoViewClassifier(encode, words=SoftNaiveBayes(min_df=1)).fit(TEXTS, PROBA)
