"""Notebook 03, executed for real: what it records, and that no step reads a gold label it must not see."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.data.ag_news import LABELS, load_ag_news, load_ag_news_gold
from helpers.data.sources import Source
from helpers.notebooks.execute import run

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_active_learning.ipynb"
SIZES = {"SEED": 7, "N_UNLABELED": 200, "BUDGET": 40, "DRAWS": 2, "SETFIT_STEPS": 2}


@pytest.fixture(scope="module")
def runs(local_argilla, tmp_path_factory):
    """Execute the notebook with the gold labels, then with those permuted that nobody was asked for."""
    source = Source(kind="bundled")
    corpus, train_gold = load_ag_news(source), load_ag_news_gold(source)
    folder = tmp_path_factory.mktemp("news")
    metrics = {}

    def execute(name, train, test):
        data = folder / name / "ag_news"
        _write(data / "train.parquet", corpus.train["text"], train)
        _write(data / "test.parquet", corpus.test["text"], test)
        metrics[name] = run(NOTEBOOK, {"DATA": str(data.parent), **SIZES}, folder / "runs")

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ARGILLA_API_URL", local_argilla.url)
        environment.setenv("ARGILLA_API_KEY", local_argilla.client.api_key)
        test_gold = corpus.test["label"].to_numpy()
        execute("true", train_gold.to_numpy(), test_gold)
        execute("permuted", _permuted(train_gold.to_numpy(), _asked(local_argilla.client)), test_gold[::-1])
    return metrics


def _asked(client):
    """Return the rows of the training texts that were asked about."""
    records = client.datasets("active-learning-news").records()
    return {int(record.id.removeprefix("train-")) for record in records if "batch" in record.metadata}


def _permuted(labels, kept):
    free = [row for row in range(len(labels)) if row not in kept]
    labels = labels.copy()
    labels[free] = labels[free[::-1]]
    return labels


def _write(path, texts, labels):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"text": texts.to_numpy(), "label": [LABELS.index(label) for label in labels]})
    frame.to_parquet(path, index=False)


def test_webhooks_drive_the_loop_until_the_budget_is_used_up(runs):
    metrics = runs["true"]
    assert metrics["transport"] == "webhook"
    assert metrics["labels_used"] == 40
    assert metrics["rounds"] == 5  # 20 labels, then 5 a time


def test_accuracies_lie_in_the_measured_bands(runs):
    """With these sizes seeds 0 to 5 gave 0.78 to 0.86; 0.02 more either way is left to other processors."""
    assert 0.76 <= runs["true"]["accuracy_end"] <= 0.88
    assert 0.70 <= runs["true"]["accuracy_random_end"] <= 0.88


def test_no_step_reads_a_gold_label_nobody_was_asked_for(runs):
    digests = ("chosen_digest", "predictions_digest", "auto_accepted", "auto_accepted_precision")
    assert [runs["true"][name] for name in digests] == [runs["permuted"][name] for name in digests]
    assert runs["true"]["accuracy_end"] > runs["permuted"]["accuracy_end"] + 0.3
