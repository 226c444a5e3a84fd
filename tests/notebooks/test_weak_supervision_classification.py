"""Notebook 01, executed for real: what it records, and that no step reads the gold it must not see."""

from pathlib import Path

import argilla as rg
import pandas as pd
import pytest
from labeled_texts import write_split, write_without_gold

from helpers.data.ag_news import LABELS, load_ag_news, load_ag_news_gold
from helpers.data.sources import Source
from helpers.notebooks.execute import NotebookFailedError, run

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_weak_supervision_classification.ipynb"


@pytest.fixture(scope="module")
def runs(argilla_in_environment, tmp_path_factory):
    """Execute the notebook twice on a folder of data: with the gold labels, and with all of them permuted."""
    source = Source(kind="bundled")
    corpus, train_gold = load_ag_news(source), load_ag_news_gold(source)
    folder = tmp_path_factory.mktemp("news")
    metrics = {}
    for name, order in (("true", slice(None)), ("permuted", slice(None, None, -1))):
        data = folder / name / "ag_news"
        write_split(data / "train.parquet", corpus.train["text"], train_gold[order], LABELS)
        write_split(data / "test.parquet", corpus.test["text"], corpus.test["label"][order], LABELS)
        parameters = {"DATA": str(data.parent), "SEED": 7, "N_UNLABELED": 60, "N_REVIEW": 10}
        metrics[name] = run(NOTEBOOK, parameters, folder / "runs")
    return metrics


def test_the_published_rules_behave_as_on_real_news(runs):
    metrics = runs["true"]
    assert metrics["rules"] == 16
    assert 0.25 <= metrics["coverage_test"] <= 0.50
    precision = metrics["rule_correct"] / (metrics["rule_correct"] + metrics["rule_incorrect"])
    assert 0.65 <= precision <= 0.90
    assert metrics["label_model_accuracy_all"] < metrics["label_model_accuracy_covered"]


def test_accuracies_lie_in_the_measured_bands(runs):
    """Seeds 0 to 4 gave 0.650 to 0.655, and 0.875 each; 0.01 more either way is left to other processors."""
    assert 0.64 <= runs["true"]["seed_test_accuracy"] <= 0.665
    assert 0.865 <= runs["true"]["test_accuracy"] <= 0.885
    assert runs["true"]["test_macro_f1"] == pytest.approx(runs["true"]["test_accuracy"], abs=0.01)


def test_no_step_reads_a_gold_label(runs):
    digests = ("weak_labels_digest", "training_set_digest", "predictions_digest")
    assert [runs["true"][name] for name in digests] == [runs["permuted"][name] for name in digests]
    assert runs["true"]["test_accuracy"] > runs["permuted"]["test_accuracy"] + 0.3


def test_no_record_is_hidden_from_the_person_who_signs_in(runs, argilla_in_environment):
    """Their answers are still wanted where the simulated annotator has answered, and where gold is known."""
    dataset = argilla_in_environment.client.datasets("weak-supervision-news-simulated")
    pending = list(dataset.records(rg.Query(filter=("status", "==", "pending"))))
    assert len(pending) == len(list(dataset.records())) > 60
    assert sum(record.metadata.get("review") == "yes" for record in pending) == 10


def test_two_topics_one_of_them_with_one_text(argilla_in_environment, tmp_path):
    """In 40 texts, of which the test texts hold nothing that any of the published rules knows."""
    corpus, gold = load_ag_news(Source(kind="bundled")), load_ag_news_gold(Source(kind="bundled"))
    train = [*gold.index[gold == "World"][:29], *gold.index[gold == "Sports"][:1]]
    write_split(tmp_path / "ag_news" / "train.parquet", corpus.train["text"][train], gold[train], LABELS)
    test = pd.Series(["Ambassador recalled over border remarks", *["Striker scores twice in derby"] * 9])
    write_split(tmp_path / "ag_news" / "test.parquet", test, ["World", *["Sports"] * 9], LABELS)
    metrics = run(NOTEBOOK, {"DATA": str(tmp_path), "N_REVIEW": 3}, tmp_path)
    assert metrics["coverage_test"] == metrics["label_model_accuracy_all"] == 0
    assert metrics["label_model_accuracy_covered"] is None
    assert metrics["label_model_accuracy_covered_reason"] == "the label model labels no test text"
    assert 0 <= metrics["test_accuracy"] <= 1
    assert "review_agreement_reason" not in metrics


def test_nobody_to_simulate_is_said_before_time_is_spent(argilla_in_environment, tmp_path):
    write_without_gold(tmp_path / "ag_news", load_ag_news(Source(kind="bundled")))
    with pytest.raises(
        NotebookFailedError, match=r'import pandas as pd\nNoGoldError: .* ANNOTATOR = "human"'
    ):
        run(NOTEBOOK, {"DATA": str(tmp_path)}, tmp_path)


def test_a_person_reviews_texts_without_gold(let_a_person_label, tmp_path):
    source = Source(kind="bundled")
    write_without_gold(tmp_path / "ag_news", load_ag_news(source))
    let_a_person_label(
        "weak-supervision-news", load_ag_news_gold(source).tolist(), ("metadata.split", "==", "train")
    )
    parameters = {
        "DATA": str(tmp_path),
        "ANNOTATOR": "human",
        "N_UNLABELED": 60,
        "N_REVIEW": 10,
        "WAIT_S": 60,
    }
    metrics = run(NOTEBOOK, parameters, tmp_path)
    assert 0.3 <= metrics["review_agreement"] <= 1
