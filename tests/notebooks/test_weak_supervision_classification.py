"""Notebook 01, executed for real: what it records, and that no step reads the gold it must not see."""

from pathlib import Path

import pytest
from labeled_texts import write_split, write_without_gold

from helpers.data.ag_news import LABELS, load_ag_news, load_ag_news_gold
from helpers.data.sources import Source
from helpers.notebooks.execute import run

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
