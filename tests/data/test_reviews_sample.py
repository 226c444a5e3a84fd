import pandas as pd
import pytest
from written_text import near_copies, share_with_stock_phrases, words_of

from helpers.data.reviews import LABELS, SAMPLE, load_reviews, load_reviews_gold
from helpers.data.sources import Source


@pytest.fixture(scope="module")
def splits() -> dict[str, pd.DataFrame]:
    corpus = load_reviews(Source("bundled"))
    return {"train": corpus.train.assign(label=load_reviews_gold(Source("bundled"))), "test": corpus.test}


@pytest.fixture(scope="module")
def items(splits) -> pd.DataFrame:
    return pd.concat(splits.values())


@pytest.fixture(scope="module")
def words(items) -> list[list[str]]:
    return [words_of(text) for text in items["text"]]


def test_both_splits_have_the_three_labels_in_equal_parts(splits):
    assert splits["train"]["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 72)
    assert splits["test"]["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 40)


def test_ids_and_texts_are_unique_in_all_and_the_gold_file_matches(splits, items):
    assert items.index.is_unique
    assert items["text"].is_unique
    gold = pd.read_csv(SAMPLE / "train_gold.csv")
    assert gold.columns.tolist() == ["id", "label"]
    assert gold["id"].tolist() == splits["train"].index.tolist()
    assert "label" not in pd.read_csv(SAMPLE / "train.csv")


def test_texts_are_clean_and_of_the_length_of_reviews(items, words):
    assert not items["text"].str.contains(r"^\s|\s$|\s\s|[\n\t\x00-\x1f]", regex=True).any()
    assert all(20 <= len(own) <= 90 for own in words)


def test_the_sample_stays_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 150_000


def test_the_vocabulary_is_wide(words):
    assert len({word for own in words for word in own}) >= 3000


def test_no_review_is_nearly_another(words):
    assert near_copies(words) == []


def test_stock_phrases_are_rare(words):
    assert share_with_stock_phrases(words) <= 0.15


def test_the_first_words_vary(words):
    assert pd.Series([tuple(own[:2]) for own in words]).value_counts().max() <= 6
