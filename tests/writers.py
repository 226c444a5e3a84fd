"""Every function of these helpers that writes to a dataset, each called as `write(dataset, held)`.

`held` are records that were read some time before: meanwhile people have answered and changed metadata.
Whoever writes a new such function adds it here; `test_nothing_undone.py` then tries it. The keys of the
metadata that a function may change are in `OWN_KEYS`.
"""

from collections.abc import Callable, Sequence

import argilla as rg
import pandas as pd

from helpers.annotation import SimulatedAnnotator, label_question, log_records, update_records
from helpers.llm_labelling import Labeling, log_suggestions
from helpers.weak_supervision import Rule, add_rules, delete_rules, push_matches

OWN_KEYS = {"rules", "mine"}

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
    "SimulatedAnnotator.annotate": lambda dataset, held: _annotator(dataset, held).annotate(held),
}
