"""Notebook 03, executed for real: what it records, and that no step reads a gold label it must not see."""

from pathlib import Path

import pandas as pd
import pytest
from labeled_texts import row, write_split, write_without_gold

from helpers.active_learning.state import BATCH
from helpers.data.ag_news import LABELS, load_ag_news, load_ag_news_gold
from helpers.data.sources import Source
from helpers.notebooks.execute import run

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_active_learning.ipynb"
SIZES = {"SEED": 7, "N_UNLABELED": 200, "BUDGET": 40, "DRAWS": 2, "SETFIT_STEPS": 2}


@pytest.fixture(scope="module")
def runs(argilla_in_environment, tmp_path_factory):
    """Execute the notebook with the gold labels, then with those permuted that nobody was asked for."""
    source = Source(kind="bundled")
    corpus, train_gold = load_ag_news(source), load_ag_news_gold(source)
    folder = tmp_path_factory.mktemp("news")
    metrics = {}

    def execute(name, train, test):
        data = folder / name / "ag_news"
        write_split(data / "train.parquet", corpus.train["text"], train, LABELS)
        write_split(data / "test.parquet", corpus.test["text"], test, LABELS)
        metrics[name] = run(NOTEBOOK, {"DATA": str(data.parent), **SIZES}, folder / "runs")

    train, test = train_gold.to_numpy(), corpus.test["label"].to_numpy()
    execute("true", train, test)
    execute("permuted", _permuted(train, _asked(argilla_in_environment.client)), test[::-1])
    return metrics


def _asked(client):
    """Return the rows of the training texts that were asked about."""
    records = client.datasets("active-learning-news-simulated").records()
    return {row(record) for record in records if BATCH in record.metadata}


def _permuted(labels, kept):
    free = [row for row in range(len(labels)) if row not in kept]
    labels = labels.copy()
    labels[free] = labels[free[::-1]]
    return labels


def test_webhooks_drive_the_loop_until_the_budget_is_used_up(runs):
    metrics = runs["true"]
    assert metrics["transport"] == "webhook"
    assert metrics["labels_used"] == 40
    assert metrics["rounds"] == 5  # 20 labels, then 5 a time


def test_accuracies_lie_in_the_measured_bands(runs):
    """Seeds 0 to 5 gave 0.78 to 0.86, two views 0.80 to 0.84; 0.02 is left to other processors."""
    assert 0.76 <= runs["true"]["accuracy_end"] <= 0.88
    assert 0.70 <= runs["true"]["accuracy_random_end"] <= 0.88
    assert 0.78 <= runs["true"]["accuracy_two_views"] <= 0.86


def test_no_step_reads_a_gold_label_nobody_was_asked_for(runs):
    digests = ("chosen_digest", "predictions_digest", "auto_accepted", "auto_accepted_precision")
    assert [runs["true"][name] for name in digests] == [runs["permuted"][name] for name in digests]
    assert runs["true"]["accuracy_end"] > runs["permuted"]["accuracy_end"] + 0.3


def test_a_topic_that_never_occurs_and_one_that_is_rare_are_named(argilla_in_environment, tmp_path):
    source = Source(kind="bundled")
    corpus, gold = load_ag_news(source), load_ag_news_gold(source)
    counts = {"Sports": 12, "Business": 12, "World": 1}
    few = pd.concat([gold[gold == label][:count] for label, count in counts.items()])
    write_split(tmp_path / "ag_news" / "train.parquet", corpus.train["text"][few.index], few, LABELS)
    test = corpus.test[:40]
    write_split(tmp_path / "ag_news" / "test.parquet", test["text"], test["label"], LABELS)
    parameters = {"DATA": str(tmp_path), "START_PER_LABEL": 2, "BUDGET": 20, "DRAWS": 1, "SETFIT_STEPS": 2}
    metrics = run(NOTEBOOK, parameters, tmp_path / "runs")
    assert metrics["labels_used"] == 20
    assert metrics["auto_accepted"] == 0
    assert metrics["auto_accepted_precision_reason"] == "no check was answered"
    assert "LackingLabelsWarning" in (tmp_path / "runs" / NOTEBOOK.name).read_text()


def test_a_person_labels_texts_without_gold(let_a_person_label, tmp_path):
    source = Source(kind="bundled")
    write_without_gold(tmp_path / "ag_news", load_ag_news(source))
    let_a_person_label(
        "active-learning-news", load_ag_news_gold(source).tolist(), (f"metadata.{BATCH}", ">=", 0)
    )
    parameters = {"DATA": str(tmp_path), "ANNOTATOR": "human", **SIZES, "WAIT_S": 60}
    metrics = run(NOTEBOOK, parameters, tmp_path)
    again = run(NOTEBOOK, parameters, tmp_path)  # nothing is left to ask, and nothing is lost
    assert metrics["labels_used"] == again["labels_used"] == 40
    assert metrics["accuracy_end"] > 0.7
    assert metrics["accuracy_random_end"] is None
    assert metrics["accuracy_random_end_reason"] == "a person labels only what is chosen"
