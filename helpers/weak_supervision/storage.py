"""Rules kept with an Argilla dataset, in its metadata on the server, so that a team shares them.

Argilla's server offers no way to change a dataset's metadata safely against others: everything here reads it
again right before it writes, and looks afterwards whether the rules are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from helpers.annotation import label_question, permitted
from helpers.values import as_list
from helpers.weak_supervision.errors import (
    DuplicatedRuleNameError,
    MissingLabelError,
    RuleNotFoundError,
    RuleStorageError,
)
from helpers.weak_supervision.rules import Rule, rule_name, unique_names

if TYPE_CHECKING:
    import argilla as rg

METADATA_KEY = "weak_supervision"
FORMAT_VERSION = 1


def load_rules(dataset: rg.Dataset) -> list[Rule]:
    """Return the rules that are kept with a dataset, in the order they were added.

    Raises
    ------
    RuleStorageError
        If a newer version of these helpers wrote them.
    """
    stored = _metadata(dataset).get(METADATA_KEY, {"version": FORMAT_VERSION, "rules": []})
    if stored["version"] != FORMAT_VERSION:
        raise RuleStorageError(
            f"The rules of the dataset {dataset.name!r} are in format {stored['version']}, "
            f"and these helpers read format {FORMAT_VERSION}. Update them."
        )
    return [Rule(**rule) for rule in stored["rules"]]


def add_rules(dataset: rg.Dataset, rules: Iterable[Rule], *, question: str | None = None) -> None:
    """Keep more rules with a dataset; those that are there already, unchanged, may be given again.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    rules
        Query rules. Python functions cannot be kept on the server.
    question
        The label question they are for. By default the only one.

    Raises
    ------
    DuplicatedRuleNameError
        If two of them share a name, or one has the name of another rule that is there.
    MissingLabelError
        If a rule's label is not one of the question's.
    RuleStorageError
        If one of them is no query rule, or somebody else saves rules at the same time.
    NotPermittedError
        If the API key may not write to the dataset.
    """
    added = _checked(dataset, rules, question)
    kept = {rule.name: rule for rule in load_rules(dataset)}
    for rule in added:
        if kept.setdefault(rule.name, rule) != rule:
            raise DuplicatedRuleNameError(
                f"The dataset {dataset.name!r} has another rule called {rule.name!r}: {kept[rule.name]}. "
                "Give the new one its own name, or use update_rules."
            )
    _save(dataset, kept.values())


def update_rules(dataset: rg.Dataset, rules: Iterable[Rule], *, question: str | None = None) -> None:
    """Replace the query and label of rules, found by their names.

    Raises
    ------
    RuleNotFoundError
        If there is no rule of one of the names; nothing is changed then.
    DuplicatedRuleNameError, MissingLabelError, RuleStorageError, NotPermittedError
        As `add_rules`.
    """
    updated = {rule.name: rule for rule in _checked(dataset, rules, question)}
    kept = load_rules(dataset)
    _check_known(dataset, kept, updated)
    _save(dataset, [updated.get(rule.name, rule) for rule in kept])


def delete_rules(dataset: rg.Dataset, rules: Iterable[Rule | str]) -> None:
    """Delete rules, given as such or by name.

    Raises
    ------
    RuleNotFoundError
        If there is no rule of one of the names; nothing is changed then.
    ValuesError
        If `rules` is one name, and no list.
    RuleStorageError, NotPermittedError
        As `add_rules`.
    """
    names = {rule if isinstance(rule, str) else rule.name for rule in as_list(rules, "rules")}
    kept = load_rules(dataset)
    _check_known(dataset, kept, names)
    _save(dataset, [rule for rule in kept if rule.name not in names])


def _checked(dataset: rg.Dataset, rules: Iterable[Rule], question: str | None) -> Sequence[Rule]:
    rules = tuple(as_list(rules, "rules"))
    unique_names(rules)
    labels = label_question(dataset, question).labels
    for rule in rules:
        if not isinstance(rule, Rule):
            raise RuleStorageError(
                f"{rule_name(rule)!r} is a Python function: only query rules can be kept with a dataset. "
                "Give functions to WeakLabels directly."
            )
        if rule.label not in labels:
            raise MissingLabelError(f"The label of {rule} is not one of {labels}, which the question offers.")
    return rules


def _check_known(dataset: rg.Dataset, kept: Iterable[Rule], names: Iterable[str]) -> None:
    known = [rule.name for rule in kept]
    for name in names:
        if name not in known:
            raise RuleNotFoundError(
                f"The dataset {dataset.name!r} has no rule called {name!r}, only {known}."
            )


def _metadata(dataset: rg.Dataset) -> dict[str, Any]:
    response = dataset._client.http_client.get(f"/api/v1/datasets/{dataset.id}")
    return response.raise_for_status().json()["metadata"] or {}


def _save(dataset: rg.Dataset, rules: Iterable[Rule]) -> None:
    """Write the rules, and leave the other keys as they are."""
    stored = [{"query": rule.query, "label": rule.label, "name": rule.name} for rule in rules]
    changed = {METADATA_KEY: {"version": FORMAT_VERSION, "rules": stored}}
    with permitted(dataset):
        _patch(dataset, changed)  # The server puts it beside the other keys.
        metadata = _metadata(dataset)
        if metadata.get(METADATA_KEY) != changed[METADATA_KEY]:
            # Argilla 2.8 (but for the embedded one) answers 200 to a change of existing metadata and does not
            # store it: it fills the loaded dictionary in place, in which SQLAlchemy sees no change. Only from
            # or to null is stored.
            try:
                _patch(dataset, None)
            finally:
                # Also when interrupted above: the metadata must not stay empty.
                _patch(dataset, {**metadata, **changed})
            metadata = _metadata(dataset)
    if metadata.get(METADATA_KEY) != changed[METADATA_KEY]:
        raise RuleStorageError(
            f"The rules of the dataset {dataset.name!r} are not as they were saved: somebody else saves at "
            "the same time. Look at load_rules(dataset), then do it again."
        )


def _patch(dataset: rg.Dataset, metadata: dict[str, Any] | None) -> None:
    url = f"/api/v1/datasets/{dataset.id}"
    dataset._client.http_client.patch(url, json={"metadata": metadata}).raise_for_status()
