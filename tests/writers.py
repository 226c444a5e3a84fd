"""Every function of these helpers that writes to a dataset, each called as `write(dataset, held)`.

`held` are records that were read some time before: meanwhile people have answered and changed metadata.
Whoever writes a new such function adds it here; `test_nothing_undone.py` then tries it. The keys of the
metadata that a function may change are in `OWN_KEYS`.
"""

from collections.abc import Callable, Sequence

import argilla as rg
import numpy as np
import pandas as pd

from helpers.active_learning import ActiveLearning, Embeddings, at_random
from helpers.active_learning.state import AUDIT, BATCH
from helpers.annotation import SimulatedAnnotator, label_question, log_records, update_records
from helpers.llm_labelling import Labeling, log_suggestions
from helpers.weak_supervision import Rule, add_rules, delete_rules, push_matches

OWN_KEYS = {"rules", "mine", BATCH, AUDIT}

Write = Callable[[rg.Dataset, Sequence[rg.Record]], object]


def _annotator(dataset: rg.Dataset, held: Sequence[rg.Record]) -> SimulatedAnnotator:
    gold = {record.id: "A" for record in held}
    return SimulatedAnnotator(dataset._client, label_question(dataset), gold)


def _log_changed(dataset: rg.Dataset, held: Sequence[rg.Record]) -> None:
    for record in held:
        record.metadata["mine"] = "x"
        record.suggestions.add(rg.Suggestion("label", "A", agent="changed"))
    log_records(dataset, held)


def _log_made_anew(dataset: rg.Dataset, held: Sequence[rg.Record]) -> None:
    annotator = _annotator(dataset, held)
    new = [
        rg.Record(
            id=record.id,
            fields={"text": record.fields["text"]},
            metadata={"mine": "y"},
            suggestions=[rg.Suggestion("label", "B", agent="anew")],
            responses=[annotator.response(record.id)],
        )
        for record in held
    ]
    log_records(dataset, new)


def _suggest(dataset: rg.Dataset, held: Sequence[rg.Record]) -> None:
    ids = pd.Index([record.id for record in held], name="id")
    suggestions = pd.DataFrame({"label": "B", "score": 0.5}, index=ids)
    problems = pd.DataFrame({"problem": [], "answer": []})
    log_suggestions(dataset, held, Labeling("model", False, suggestions, problems, 0.0, 1, 0, 1, 1))


def _change_rules(dataset: rg.Dataset, held: Sequence[rg.Record]) -> None:
    add_rules(dataset, [Rule("t", "A", name="one"), Rule("2", "B", name="two")])
    delete_rules(dataset, ["two"])


class _Certain:
    labels = ("A", "B")

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """Learn nothing."""

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0]] * len(texts))


def _loop(dataset: rg.Dataset) -> ActiveLearning:
    embeddings = Embeddings(lambda texts: np.array([[1.0, float(text[2:])] for text in texts]))
    options = {"start_size": 1, "batch_size": 1, "least_per_label": 0, "audit_share": 0.3}
    return ActiveLearning(dataset, _Certain(), embeddings, start=at_random, strategy=at_random, **options)


WRITERS: dict[str, Write] = {
    "log_records, as they were read": log_records,
    "log_records, changed": _log_changed,
    "log_records, made anew with answers of the simulated annotator": _log_made_anew,
    "log_suggestions": _suggest,
    "update_records": lambda dataset, held: update_records(
        dataset, [{"id": record._server_id, "metadata": {"mine": "z"}} for record in held]
    ),
    "push_matches": lambda dataset, held: push_matches(dataset, [Rule("t", "A", name="any")]),
    "rules": _change_rules,
    "ActiveLearning.begin_with": lambda dataset, held: _loop(dataset).begin_with(each.id for each in held),
    "ActiveLearning.next_batch, which accepts": lambda dataset, held: _loop(dataset).next_batch(),
    "SimulatedAnnotator.annotate": lambda dataset, held: _annotator(dataset, held).annotate(held),
}
