import pandas as pd
import pytest
from benchmarks.published_rules import PUBLISHED_RULES
from written_text import near_copies, share_with_stock_phrases, words_of

from helpers.data.ag_news import LABELS, SAMPLE, load_ag_news, load_ag_news_gold
from helpers.data.sources import Source
from helpers.search import TextIndex


@pytest.fixture(scope="module")
def splits() -> dict[str, pd.DataFrame]:
    corpus = load_ag_news(Source("bundled"))
    train = corpus.train.assign(label=load_ag_news_gold(Source("bundled")))
    return {"train": train, "test": corpus.test}


@pytest.fixture(scope="module")
def items(splits) -> pd.DataFrame:
    return pd.concat(splits.values())


@pytest.fixture(scope="module")
def words(items) -> list[list[str]]:
    return [words_of(text) for text in items["text"]]


def test_both_splits_have_the_four_topics_in_equal_parts(splits):
    assert splits["train"]["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 304)
    assert splits["test"]["label"].value_counts().to_dict() == dict.fromkeys(LABELS, 100)


def test_ids_and_texts_are_unique_in_all_and_the_gold_file_matches(splits, items):
    assert items.index.is_unique
    assert items["text"].is_unique
    gold = pd.read_csv(SAMPLE / "train_gold.csv")
    assert gold.columns.tolist() == ["id", "label"]
    assert gold["id"].tolist() == splits["train"].index.tolist()
    assert "label" not in pd.read_csv(SAMPLE / "train.csv")


def test_texts_are_clean(items):
    assert not items["text"].str.contains(r"^\s|\s$|\s\s|[\n\t\x00-\x1f]", regex=True).any()


def test_the_sample_stays_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 1_000_000


def test_the_vocabulary_is_as_wide_as_that_of_real_news(words):
    assert len({word for own in words for word in own}) >= 7000


def test_no_item_is_nearly_another(words):
    assert near_copies(words) == []


def test_stock_phrases_are_rare(words):
    assert share_with_stock_phrases(words) <= 0.15


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_published_rules_behave_as_on_real_news(splits, split):
    index = TextIndex(splits[split]["text"])
    labels = splits[split]["label"].tolist()
    hits = [(i, label) for rule, label in PUBLISHED_RULES.items() for i in index.search(rule)]
    assert 0.25 <= len({i for i, _ in hits}) / len(labels) <= 0.50
    assert 0.65 <= sum(labels[i] == label for i, label in hits) / len(hits) <= 0.90
