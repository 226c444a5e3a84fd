"""Rules kept with an Argilla dataset, in its metadata on the server, so that a team shares them.

The server replaces a dataset's metadata as a whole. So everything here reads it again before it writes, and
writes once: two people who save in the same instant can still overwrite each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from helpers.annotation import label_question, writing
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
    return _rules_in(_metadata(dataset), dataset)


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
        If one of them is no query rule.
    NotWritableError
        If the API key may not write to the dataset.
    """
    added = _checked(dataset, rules, question)
    metadata = _metadata(dataset)
    kept = {rule.name: rule for rule in _rules_in(metadata, dataset)}
    for rule in added:
        if kept.setdefault(rule.name, rule) != rule:
            raise DuplicatedRuleNameError(
                f"The dataset {dataset.name!r} has another rule called {rule.name!r}: {kept[rule.name]}. "
                "Give the new one its own name, or use update_rules."
            )
    _save(dataset, metadata, kept.values())


def update_rules(dataset: rg.Dataset, rules: Iterable[Rule], *, question: str | None = None) -> None:
    """Replace the query and label of rules, found by their names.

    Raises
    ------
    RuleNotFoundError
        If there is no rule of one of the names; nothing is changed then.
    DuplicatedRuleNameError, MissingLabelError, RuleStorageError, NotWritableError
        As `add_rules`.
    """
    updated = {rule.name: rule for rule in _checked(dataset, rules, question)}
    metadata = _metadata(dataset)
    kept = _rules_in(metadata, dataset)
    _check_known(dataset, kept, updated)
    _save(dataset, metadata, [updated.get(rule.name, rule) for rule in kept])


def delete_rules(dataset: rg.Dataset, rules: Iterable[Rule | str]) -> None:
    """Delete rules, given as such or by name.

    Raises
    ------
    RuleNotFoundError
        If there is no rule of one of the names; nothing is changed then.
    NotWritableError
        If the API key may not write to the dataset.
    """
    names = {rule if isinstance(rule, str) else rule.name for rule in rules}
    metadata = _metadata(dataset)
    kept = _rules_in(metadata, dataset)
    _check_known(dataset, kept, names)
    _save(dataset, metadata, [rule for rule in kept if rule.name not in names])


def _checked(dataset: rg.Dataset, rules: Iterable[Rule], question: str | None) -> Sequence[Rule]:
    rules = tuple(rules)
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


def _rules_in(metadata: dict[str, Any], dataset: rg.Dataset) -> list[Rule]:
    stored = metadata.get(METADATA_KEY, {"version": FORMAT_VERSION, "rules": []})
    if stored["version"] != FORMAT_VERSION:
        raise RuleStorageError(
            f"The rules of the dataset {dataset.name!r} are in format {stored['version']}, "
            f"and these helpers read format {FORMAT_VERSION}. Update them."
        )
    return [Rule(**rule) for rule in stored["rules"]]


def _save(dataset: rg.Dataset, metadata: dict[str, Any], rules: Iterable[Rule]) -> None:
    stored = [{"query": rule.query, "label": rule.label, "name": rule.name} for rule in rules]
    changed = {**metadata, METADATA_KEY: {"version": FORMAT_VERSION, "rules": stored}}
    with writing(dataset):
        dataset._client.http_client.patch(
            f"/api/v1/datasets/{dataset.id}", json={"metadata": changed}
        ).raise_for_status()
