"""Notebook 02, executed for real: what it records, and that only the declared sample's gold is read."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.data.conll2003 import LABELS, load_conll2003, load_conll2003_gold
from helpers.data.sources import Source
from helpers.ner.declared import declared_rows
from helpers.notebooks.execute import run

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_skweak_ner.ipynb"
TAGS = ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]


@pytest.fixture(scope="module")
def runs(argilla_in_environment, tmp_path_factory):
    """Execute the notebook twice: with the gold, and with other labels where no step may look."""
    source = Source(kind="bundled")
    train, validation = load_conll2003_gold(source), load_conll2003(source).validation
    declared = set(declared_rows(len(train)))
    folder = tmp_path_factory.mktemp("ner")
    metrics = {}
    for name, shift in (("true", 0), ("rotated", 1)):
        data = folder / name / "conll2003"
        data.mkdir(parents=True)
        _write(data / "train.parquet", train, [0 if row in declared else shift for row in range(len(train))])
        _write(data / "validation.parquet", validation, [shift] * len(validation))
        parameters = {"DATA": str(data.parent), "SEED": 3, "MAX_STEPS": 60, "N_LOGGED": 20, "N_REVIEW": 5}
        metrics[name] = run(NOTEBOOK, parameters, folder / name)
    return metrics


def _write(path, docs, shifts):
    """Write documents, the labels of each moved on by so many."""
    rows = []
    for doc, shift in zip(docs, shifts, strict=True):
        tags = [
            TAGS.index(f"{token.ent_iob_}-{_moved(token.ent_type_, shift)}") if token.ent_type_ else 0
            for token in doc
        ]
        rows.append({"id": str(len(rows)), "tokens": [token.text for token in doc], "ner_tags": tags})
    pd.DataFrame(rows).to_parquet(path, index=False)


def _moved(label, shift):
    return LABELS[(LABELS.index(label) + shift) % len(LABELS)]


def test_functions_shaped_to_the_corpus_are_better_than_the_published_ones(runs):
    metrics = runs["true"]
    assert metrics["functions"] > 20
    assert metrics["hmm_f1"] > metrics["published_rules_f1"]
    assert metrics["model_f1_all"] > metrics["published_model_f1_all"]
    assert (metrics["baseline_f1"] is None) == ("baseline_f1_reason" in metrics)


def test_no_gold_outside_the_declared_sample_is_read(runs):
    assert runs["true"]["predictions_digest"] == runs["rotated"]["predictions_digest"]
    assert runs["true"]["functions"] == runs["rotated"]["functions"]
    assert runs["true"]["hmm_f1_all"] > runs["rotated"]["hmm_f1_all"] + 0.3


def test_forty_sentences_are_enough(argilla_in_environment, tmp_path):
    source = Source(kind="bundled")
    folder = tmp_path / "conll2003"
    folder.mkdir()
    _write(folder / "train.parquet", load_conll2003_gold(source)[:30], [0] * 30)
    _write(folder / "validation.parquet", load_conll2003(source).validation[:10], [0] * 10)
    metrics = run(NOTEBOOK, {"DATA": str(tmp_path), "MAX_STEPS": 20, "N_REVIEW": 3}, tmp_path)
    assert metrics["majority_f1_all"] > metrics["published_rules_f1_all"] > 0
    assert metrics["functions"] > 20
