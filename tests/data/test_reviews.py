from pathlib import Path

import datasets
import pytest

from helpers.data.errors import DataFileError, MissingColumnError, NoGoldError, UnknownLabelError
from helpers.data.reviews import LABELS, load_reviews, load_reviews_gold
from helpers.data.sources import Source


@pytest.fixture
def folder(tmp_path: Path):
    def write(train: dict, test: dict, features: datasets.Features | None = None) -> Source:
        (tmp_path / "reviews").mkdir()
        for split, columns in (("train", train), ("test", test)):
            dataset = datasets.Dataset.from_dict(columns, features=features)
            dataset.to_parquet(tmp_path / "reviews" / f"{split}.parquet")
        return Source("folder", tmp_path)

    return write


TRAIN = {"text": ["loud", "it is a fan"], "label": [2, 1]}
TEST = {"text": ["quiet"], "label": [0]}


def test_a_folder(folder, capsys):
    source = folder(TRAIN, TEST)
    corpus = load_reviews(source)
    assert corpus.labels == LABELS == ("positive", "neutral", "negative")
    assert corpus.train.to_dict("index") == {"train-0": {"text": "loud"}, "train-1": {"text": "it is a fan"}}
    assert corpus.test.to_dict("index") == {"test-0": {"text": "quiet", "label": "positive"}}
    assert load_reviews_gold(source).to_dict() == {"train-0": "negative", "train-1": "neutral"}
    sizes = "2 training texts without labels and 1 labeled test texts.\n"
    assert capsys.readouterr().out == f"Loaded reviews ({source.folder}): {sizes}"


def test_a_file_says_itself_what_its_class_ids_mean(folder):
    names = datasets.ClassLabel(names=["negative", "neutral", "positive"])
    source = folder(TRAIN, TEST, datasets.Features(text=datasets.Value("string"), label=names))
    assert load_reviews(source).test["label"].tolist() == ["negative"]


def test_what_is_wrong_is_named(folder):
    source = folder(TRAIN, TEST | {"label": ["mixed"]})
    with pytest.raises(UnknownLabelError, match=r"test\.parquet has labels outside the schema: 'mixed'"):
        load_reviews(source)
    (source.folder / "reviews" / "train.parquet").unlink()
    with pytest.raises(DataFileError, match=r"train\.parquet is missing"):
        load_reviews_gold(source)


def test_a_missing_column_is_named(folder):
    with pytest.raises(MissingColumnError, match=r"test\.parquet has no column 'label'"):
        load_reviews(folder(TRAIN, {"text": ["quiet"]}))


def test_training_texts_without_gold_can_only_be_labeled_by_a_person(folder):
    source = folder({"text": ["loud"]}, TEST)
    assert load_reviews(source).train["text"].tolist() == ["loud"]
    with pytest.raises(NoGoldError, match=r'train\.parquet has no column .label.*ANNOTATOR = "human"'):
        load_reviews_gold(source)


def test_the_bundled_sample_says_what_it_is(capsys):
    load_reviews(Source("bundled"))
    assert capsys.readouterr().out == (
        "Loaded the bundled review sample: 216 training texts without labels and 120 labeled test texts.\n"
    )
