from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pytest

from helpers.data.ag_news import LABELS, load_ag_news, load_ag_news_gold
from helpers.data.errors import (
    DataFileError,
    EmptyTextError,
    MissingColumnError,
    NoGoldError,
    UnknownLabelError,
)
from helpers.data.sources import Source

TRAIN = {"text": ["a b", "c"], "label": [2, 0]}
TEST = {"text": ["d"], "label": [3]}
Write = Callable[..., Source]


def class_ids(*names: str) -> datasets.Features:
    return datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=list(names)))


@pytest.fixture
def folder(tmp_path: Path) -> Write:
    def write(
        train: Mapping[str, Any] = TRAIN, test: Mapping[str, Any] = TEST, features: Any = None
    ) -> Source:
        (tmp_path / "ag_news").mkdir()
        for split, columns in (("train", train), ("test", test)):
            dataset = datasets.Dataset.from_dict(dict(columns), features=features)
            dataset.to_parquet(tmp_path / "ag_news" / f"{split}.parquet")
        return Source("folder", tmp_path)

    return write


@pytest.mark.parametrize("features", [None, class_ids(*LABELS)])
def test_a_folder_with_class_ids(folder, capsys, features):
    source = folder(features=features)
    corpus = load_ag_news(source)
    assert corpus.labels == ("World", "Sports", "Business", "Sci/Tech")
    assert corpus.train.to_dict("index") == {"train-0": {"text": "a b"}, "train-1": {"text": "c"}}
    assert corpus.test.to_dict("index") == {"test-0": {"text": "d", "label": "Sci/Tech"}}
    sizes = "2 training texts without labels and 1 labeled test texts in 4 topics.\n"
    assert capsys.readouterr().out == f"Loaded AG News ({source.folder}): {sizes}"
    gold = load_ag_news_gold(source)
    assert gold.to_dict() == {"train-0": "Business", "train-1": "World"}
    assert gold.index.equals(corpus.train.index)


def test_a_folder_with_label_names(folder):
    source = folder(TRAIN | {"label": ["Sports", "World"]}, TEST | {"label": ["Business"]})
    assert load_ag_news(source).test["label"].tolist() == ["Business"]
    assert load_ag_news_gold(source).tolist() == ["Sports", "World"]


def test_a_file_says_itself_what_its_class_ids_mean(folder):
    source = folder(features=class_ids("Sci/Tech", "Business", "Sports", "World"))
    assert load_ag_news(source).test["label"].tolist() == ["World"]


def test_a_missing_file_is_named(folder):
    source = folder()
    (source.folder / "ag_news" / "test.parquet").unlink()
    with pytest.raises(DataFileError, match=r"test\.parquet is missing: the folder given as DATA must hold"):
        load_ag_news(source)


def test_a_file_that_is_not_parquet_is_named(folder):
    source = folder()
    (source.folder / "ag_news" / "train.parquet").write_text("text,label")
    with pytest.raises(DataFileError, match=r"train\.parquet is not a Parquet file"):
        load_ag_news(source)


def test_a_damaged_footer_is_named(folder):
    source = folder()
    path = source.folder / "ag_news" / "train.parquet"
    content = path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[: -8 - footer] + b"\xff" * footer + content[-8:])
    with pytest.raises(DataFileError, match=r"train\.parquet is not a Parquet file that can be read"):
        load_ag_news(source)


@pytest.mark.parametrize("column", ["text", "label"])
def test_a_missing_column_is_named(folder, column):
    source = folder(test={key: value for key, value in TEST.items() if key != column})
    with pytest.raises(MissingColumnError, match=rf"test\.parquet has no column '{column}', only \["):
        load_ag_news(source)


def test_training_texts_load_without_labels(folder):
    source = folder(train={"text": ["a"]})
    assert len(load_ag_news(source).train) == 1
    with pytest.raises(NoGoldError, match=r'train\.parquet has no column .label.*ANNOTATOR = "human"'):
        load_ag_news_gold(source)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([0, 4], "4"),
        ([-1, 1], "-1"),
        (["World", "Sport"], "'Sport'"),
        ([None, 1], "None"),
        (["World", None], "None"),
    ],
)
def test_labels_outside_the_schema_are_named(folder, labels, shown):
    source = folder(test={"text": ["a", "b"], "label": labels})
    with pytest.raises(UnknownLabelError, match=rf"the schema: {shown}(\.0)? in 1 of 2") as raised:
        load_ag_news(source)
    assert "'Sci/Tech'" in str(raised.value)


def test_class_names_of_another_corpus_are_refused(folder):
    source = folder(features=class_ids(*"abcd"))
    with pytest.raises(UnknownLabelError, match=r"class ids of \['a', 'b', 'c', 'd'\]"):
        load_ag_news(source)


def test_empty_texts_are_counted_and_their_rows_named(folder):
    texts = ["", "  ", None, "x", "\n", "", "", ""]
    source = folder(train={"text": texts, "label": [0] * 8})
    with pytest.raises(
        EmptyTextError, match=r"7 rows without text \(train-0, train-1, train-2, train-4, train-5, \.\.\.\)"
    ):
        load_ag_news(source)


def test_the_bundled_sample_needs_nothing_else(capsys):
    corpus = load_ag_news(Source("bundled"))
    assert isinstance(corpus.train, pd.DataFrame)
    assert corpus.train.columns.tolist() == ["text"]
    assert set(corpus.test["label"]) == set(LABELS)
    assert load_ag_news_gold(Source("bundled")).index.equals(corpus.train.index)
    assert capsys.readouterr().out.startswith("Loaded the bundled news sample: 1,216 training texts")
