"""Show in Argilla's web UI which rules fired on a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from helpers.annotation import permitted, update_records
from helpers.weak_supervision.errors import MissingIdsError
from helpers.weak_supervision.rules import AnyRule
from helpers.weak_supervision.weak_labels import PAGE, WeakLabels

if TYPE_CHECKING:
    import argilla as rg

PROPERTY = "rules"


def push_matches(dataset: rg.Dataset, rules: WeakLabels | Iterable[AnyRule] | None = None) -> int:
    """Write the names of the rules that fired into the metadata of each record, to filter by in the UI.

    Names of rules that no longer fire, or are no longer given, are taken away. Other metadata stay as they
    are. The metadata property ``rules`` is created where the dataset lacks it.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    rules
        Weak labels that know their records' ids, or rules to apply to the dataset first. By default the
        rules that are kept with it.

    Returns
    -------
    int
        How many records changed; only these are sent.

    Raises
    ------
    MissingIdsError
        If the weak labels do not know which records they belong to, or to none of the dataset's.
    NoRulesFoundError
        If no rules are given and none are kept with the dataset.
    NotPermittedError
        If the API key may not write to the dataset.
    """
    weak_labels = rules if isinstance(rules, WeakLabels) else WeakLabels.from_dataset(dataset, rules)
    if weak_labels.ids is None:
        raise MissingIdsError(
            "These weak labels do not know the ids of their records. Make them with "
            "WeakLabels.from_dataset(...), or give WeakLabels(..., ids=...)."
        )
    _ensure_property(dataset)
    fired = {record_id: weak_labels.fired(row) for row, record_id in enumerate(weak_labels.ids)}
    records = dataset.records(batch_size=PAGE, with_suggestions=False, with_responses=False)
    changes, is_known = [], False
    for record in records:
        names = fired.get(record.id)
        is_known |= names is not None
        if names is not None and record.metadata.get(PROPERTY, []) != names:
            changes.append({"id": str(record._server_id), "metadata": {PROPERTY: names or None}})
    if not is_known:
        raise MissingIdsError(
            f"The dataset {dataset.name!r} has no record with an id of these weak labels, such as "
            f"{weak_labels.ids[0]!r}. Give those of its own records."
        )
    return update_records(dataset, changes)


def _ensure_property(dataset: rg.Dataset) -> None:
    import argilla as rg

    dataset.settings.get()
    if dataset.settings.metadata[PROPERTY] is None:
        missing = rg.TermsMetadataProperty(PROPERTY, client=dataset._client)
        missing.dataset = dataset
        with permitted(dataset):
            missing.create()
        dataset.settings.get()
