"""Review: where a model and the labeling functions disagree, a person decides, and the answers come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.annotation import permitted
from helpers.ner.records import docs_from_records, document_record, ner_settings
from helpers.ner.spans import has_gold, spans_of

if TYPE_CHECKING:
    import argilla as rg
    from spacy.tokens import Doc

DISAGREEMENT = "disagreement"


def review_settings(client: rg.Argilla, labels: Sequence[str], *, min_submitted: int = 1) -> rg.Settings:
    """Return the settings of a dataset for review: those of spans, and a field that says who disagrees."""
    import argilla as rg

    settings = ner_settings(
        client,
        labels,
        guidelines="Correct the suggested spans. Below the text stands what is in doubt.",
        min_submitted=min_submitted,
    )
    settings.fields.add(rg.TextField(DISAGREEMENT, required=False, client=client))
    return settings


def review_records(
    docs: Sequence[Doc], labels: Sequence[str], model: str, functions: Sequence[str], limit: int | None = None
) -> list[rg.Record]:
    """Return the documents on which a model and functions disagree, those in most doubt first.

    A span is in doubt if the model finds it and no function does, or the other way about; place and label
    must agree. The model's spans are the suggestion, and the field ``disagreement`` lists what is in doubt.

    Parameters
    ----------
    docs
        Documents with the spans of the model and of each function in ``doc.spans``.
    labels
        The schema.
    model
        The model's name there.
    functions
        The functions', or aggregators', names.
    limit
        How many documents at most.

    Raises
    ------
    NerError
        As :func:`~helpers.ner.records.suggestion_records`.
    """
    in_doubt = {index: _doubts(index, doc, labels, model, functions) for index, doc in enumerate(docs)}
    chosen = sorted((index for index in in_doubt if in_doubt[index]), key=lambda index: -len(in_doubt[index]))
    records = []
    for index in chosen[:limit]:
        record = document_record(index, docs[index], labels, agent=model)
        record.fields[DISAGREEMENT] = "\n".join(in_doubt[index])
        records.append(record)
    return records


def reviewed_docs(dataset: rg.Dataset, docs: Sequence[Doc]) -> dict[int, Doc]:
    """Return the documents that have been answered, by position, with the corrected spans as ``ents``.

    Parameters
    ----------
    dataset
        The dataset with the records.
    docs
        The documents that these were made from.

    Raises
    ------
    NotPermittedError
        The API key may not read all responses.
    NerError
        As :func:`~helpers.ner.records.docs_from_records`.
    """
    import argilla as rg

    answered = rg.Query(filter=("response.status", "==", "submitted"))
    with permitted(dataset):
        records = list(dataset.records(answered, with_suggestions=False, with_responses=True))
    return {index: doc for index, doc in docs_from_records(records, docs).items() if has_gold(doc)}


def _doubts(index: int, doc: Doc, labels: Sequence[str], model: str, functions: Sequence[str]) -> list[str]:
    """Return a line for each span that the model or the functions find alone, in the order of the text."""
    finders: dict[tuple[int, int, str], list[str]] = {}
    for name in [model, *functions]:
        for span in spans_of(index, doc, name, labels):
            finders.setdefault((span.start, span.end, span.label_), []).append(name)
    return [
        f"{label} {doc[start:end].text!r}: only {', '.join(names)}"
        for (start, end, label), names in sorted(finders.items())
        if names == [model] or model not in names
    ]
