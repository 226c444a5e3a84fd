"""Columns of every type in a folder of Parquet files, and what cannot be read of them."""

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.data.ag_news import load_ag_news, load_ag_news_gold
from helpers.data.conll2003 import load_conll2003
from helpers.data.errors import DataFileError, DataFolderError, EmptyTextError, UnknownLabelError
from helpers.data.hub import from_argilla_v1
from helpers.data.sources import Source, choose_source

TEXTS = ["a war", "a goal", "shares"]
LABELS = ["World", "Sports", "Business"]


def news(path, texts=TEXTS, labels=LABELS) -> Source:
    columns = {"text": texts, "label": labels}
    arrays = {name: each if isinstance(each, pa.Array) else pa.array(each) for name, each in columns.items()}
    (path / "ag_news").mkdir()
    for split in ("train", "test"):
        pq.write_table(pa.table(arrays), path / "ag_news" / f"{split}.parquet")
    return Source("folder", path)


@pytest.mark.parametrize(
    "labels",
    [
        pd.Categorical(LABELS),
        pd.array(LABELS, dtype="string"),
        pd.array([0, 1, 2], dtype="Int64"),
        [0.0, 1.0, 2.0],
        pa.array(LABELS, pa.large_string()),
        pa.array(LABELS).dictionary_encode().cast(pa.dictionary(pa.uint32(), pa.large_string())),
        pa.array(LABELS, pa.string_view()),
    ],
    ids=str,
)
def test_labels_of_every_type(tmp_path, labels):
    source = news(tmp_path, pa.array(TEXTS).dictionary_encode(), labels)
    corpus = load_ag_news(source)
    assert corpus.test["label"].tolist() == load_ag_news_gold(source).tolist() == LABELS
    assert corpus.train["text"].tolist() == TEXTS


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        ([1, 2, 3], "1, of type int"),
        ([b"a", b"b", b"c"], "b'a', of type bytes"),
        ([["a"], ["b"], ["c"]], r"\['a'\], of type list"),
        ([None, " ", "c"], "None:"),
        (pa.array([None, "b", "c"]).dictionary_encode(), "None:"),
    ],
    ids=repr,
)
def test_what_is_no_text_is_named(tmp_path, texts, first):
    with pytest.raises(EmptyTextError, match=rf"train-0.*the first with {first}"):
        load_ag_news(news(tmp_path, texts))


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([True, False, True], "False, True in 3 of 3 rows"),
        ([["World"]] * 3, r"\['World'\] in 3"),
        ([b"World"] * 3, "b'World' in 3"),
        ([Decimal(1)] * 3, r"Decimal\('1'\) in 3"),
        (["World", "Sports ", None], "'Sports ', None in 2"),
        ([0.0, 1.0, float("nan")], "nan in 1"),
        ([0, 1, 7], "7 in 1 of 3 rows, the first of them test-2"),
        ([0, 1, -1], "-1 in 1"),
    ],
    ids=repr,
)
def test_what_is_no_label_is_named(tmp_path, labels, shown):
    with pytest.raises(UnknownLabelError, match=shown):
        load_ag_news(news(tmp_path, labels=labels))


def test_a_column_that_is_there_twice_is_named(tmp_path):
    source = news(tmp_path)
    table = pa.Table.from_arrays([pa.array(TEXTS)] * 2, names=["text", "text"])
    pq.write_table(table, tmp_path / "ag_news" / "train.parquet")
    with pytest.raises(DataFileError, match=r"Multiple matches.*text"):
        load_ag_news(source)


@pytest.mark.parametrize("tokens", ["Ann won", [1, 2], [b"Ann", b"won"]], ids=repr)
def test_tokens_that_are_none_are_named(tmp_path, tokens):
    (tmp_path / "conll2003").mkdir()
    for split in ("train", "validation"):
        pq.write_table(
            pa.table({"tokens": pa.array([tokens]), "ner_tags": pa.array([["B-PER", "O"]])}),
            tmp_path / "conll2003" / f"{split}.parquet",
        )
    with pytest.raises(EmptyTextError, match="Sentence 0"):
        load_conll2003(Source("folder", tmp_path))


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "~no-such-user-here/x", "", None], ids=repr)
def test_a_folder_that_cannot_be_is_named(path):
    with pytest.raises(DataFolderError, match="is not a folder"):
        choose_source(path)


@pytest.mark.parametrize(
    ("predictions", "best"),
    [
        ([("a", float("nan")), ("b", 0.4)], "b"),
        ([("a", None), ("b", 0.4), ("c", 0.9)], "c"),
        ([("a", float("nan"))], "a"),
        ([("a", float("nan")), ("b", None)], None),
        ([], None),
    ],
    ids=repr,
)
def test_a_score_that_is_not_finite_is_not_the_best(predictions, best):
    class Rows(list):
        column_names = ("text", "id", "prediction", "annotation")

        def __getitem__(self, name):
            return [row[name] for row in self]

    prediction = [{"label": label, "score": score} for label, score in predictions]
    rows = Rows([{"text": "x", "id": "1", "prediction": prediction, "annotation": None}])
    assert from_argilla_v1(rows)["prediction"].tolist() == [best]
