"""Notebook 04, executed for real: what it records, and that only the reviewed records' gold is read."""

from pathlib import Path

import pandas as pd
import pytest
from labeled_texts import write_split, write_without_gold

from helpers.data.reviews import LABELS, load_reviews, load_reviews_gold
from helpers.data.sources import Source
from helpers.notebooks.execute import run

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_llm_labelling_setfit.ipynb"
SEED, N_UNLABELED, N_REVIEW = 3, 60, 30


@pytest.fixture(scope="module")
def runs(argilla_in_environment, tmp_path_factory):
    """Execute the notebook twice: with the gold, and with other labels where no step may look."""
    corpus, gold = load_reviews(Source("bundled")), load_reviews_gold(Source("bundled"))
    # As the notebook draws them; only these are answered, so only their gold may matter.
    reviewed = corpus.train.sample(N_UNLABELED, random_state=SEED).index[:N_REVIEW]
    folder = tmp_path_factory.mktemp("reviews")
    metrics = {}
    for name, shift in (("true", 0), ("rotated", 1)):
        data = folder / name / "reviews"
        train = _rotated(gold, shift).where(~gold.index.isin(reviewed), gold)
        write_split(data / "train.parquet", corpus.train["text"], train, LABELS)
        write_split(data / "test.parquet", corpus.test["text"], _rotated(corpus.test["label"], shift), LABELS)
        parameters = {"DATA": str(data.parent), "SEED": SEED, "N_UNLABELED": N_UNLABELED}
        parameters |= {"N_REVIEW": N_REVIEW, "SIZES": [0, 2], "DRAWS": 1, "STEPS": 2}
        metrics[name] = run(NOTEBOOK, parameters, folder / name)
    return metrics


def _rotated(labels, shift):
    return labels.map(lambda label: LABELS[(LABELS.index(label) + shift) % len(LABELS)])


def test_every_figure_of_the_issue_is_recorded(runs):
    metrics = runs["true"]
    assert metrics["labeller"] == "sentence encoder (stand-in)"
    assert metrics["labeller_is_stand_in"]
    assert (metrics["suggestions"], metrics["unparsable"]) == (N_UNLABELED, 0)
    for name in ("labeller_accuracy_at", "setfit_accuracy_at"):
        assert metrics[name].keys() == {"0", "2"}
        for size, (low, high) in metrics[f"{name}_ci"].items():
            assert low <= metrics[name][size] <= high
    assert metrics["ms_per_text"] > 0


def test_accuracies_lie_in_the_measured_bands(runs):
    """Figures of seeds 0 to 5, and 0.04 more either way; with so few steps SetFit is near a guess."""
    metrics = runs["true"]
    assert 0.29 <= metrics["suggestion_accuracy"] <= 0.57  # 0.33 to 0.53
    assert metrics["labeller_accuracy_at"]["0"] == pytest.approx(0.417, abs=0.02)  # no draw
    assert 0.35 <= metrics["labeller_accuracy_at"]["2"] <= 0.52  # 0.39 to 0.48
    assert metrics["setfit_accuracy_at"]["0"] == pytest.approx(0.367, abs=0.04)
    assert 0.29 <= metrics["setfit_accuracy_at"]["2"] <= 0.46  # 0.33 to 0.42
    assert 0.35 <= metrics["setfit_accuracy"] <= 0.56  # 0.39 to 0.52
    assert metrics["setfit_after_review_accuracy"] == metrics["setfit_accuracy"]
    # Better by 0.14 with this seed, and by 0 to 0.14 with the others.
    assert metrics["setfit_after_review_accuracy"] > metrics["setfit_on_raw_accuracy"]


def test_only_the_gold_of_reviewed_records_is_read(runs):
    for name in ("suggestions_digest", "predictions_digest", "suggestion_accuracy"):
        assert runs["true"][name] == runs["rotated"][name]
    assert runs["true"]["setfit_accuracy"] > runs["rotated"]["setfit_accuracy"]


def test_an_emotion_that_never_occurs_and_one_that_is_rare_are_named(argilla_in_environment, tmp_path):
    source = Source("bundled")
    corpus, gold = load_reviews(source), load_reviews_gold(source)
    few = pd.concat([gold[gold == "negative"][:12], gold[gold == "positive"][:1]])
    write_split(tmp_path / "reviews" / "train.parquet", corpus.train["text"][few.index], few, LABELS)
    test = corpus.test[:20]
    write_split(tmp_path / "reviews" / "test.parquet", test["text"], test["label"], LABELS)
    parameters = {"DATA": str(tmp_path), "SIZES": [0, 2, 20], "DRAWS": 1, "STEPS": 2}
    metrics = run(NOTEBOOK, parameters, tmp_path / "runs")
    assert metrics["suggestions"] == 13
    assert metrics["labeller_accuracy_at"].keys() == metrics["setfit_accuracy_at"].keys() == {"0", "2"}
    assert "FewExamplesWarning" in (tmp_path / "runs" / NOTEBOOK.name).read_text()


def test_a_person_reviews_texts_without_gold(let_a_person_label, tmp_path):
    source = Source("bundled")
    write_without_gold(tmp_path / "reviews", load_reviews(source))
    let_a_person_label("llm-labelling-reviews", load_reviews_gold(source).tolist())
    parameters = {"DATA": str(tmp_path), "ANNOTATOR": "human", "SEED": SEED, "N_UNLABELED": N_UNLABELED}
    parameters |= {"N_REVIEW": N_REVIEW, "SIZES": [0], "DRAWS": 1, "STEPS": 2, "WAIT_S": 60}
    metrics = run(NOTEBOOK, parameters, tmp_path)
    assert metrics["suggestions"] == N_UNLABELED
    assert 0 < metrics["suggestion_accuracy"] < 1
    assert 0 < metrics["setfit_after_review_accuracy"] < 1
