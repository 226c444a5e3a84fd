"""Weak labels: the votes of rules on texts, from plain texts or from an Argilla dataset."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.annotation import label_question, most_given, permitted, submitted
from helpers.search import TextIndex
from helpers.weak_supervision.errors import (
    EmptyTextError,
    LengthMismatchError,
    MissingFieldError,
    MissingLabelError,
    NoRecordsFoundError,
    NoRulesFoundError,
    RuleNeverFiresWarning,
    RuleNotFoundError,
)
from helpers.weak_supervision.rules import AnyRule, Rule, unique_names
from helpers.weak_supervision.storage import load_rules
from helpers.weak_supervision.table import ABSTAIN, Votes, encode, rule_table

if TYPE_CHECKING:
    import argilla as rg

PAGE = 1000


class WeakLabels:
    """The votes of rules on texts.

    Parameters
    ----------
    rules
        `Rule` objects, or functions that take a text and return a label, or None to abstain.
    texts
        The texts they vote on.
    gold
        True labels, one per text, with None (or NaN) where unknown. They change no vote: only `summary` and
        `show_records` read them, label models when they score, and the schema where `labels` is not given.
    labels
        The schema. By default the labels of the rules, then those that only functions vote for or gold
        holds, each in order of appearance.
    ids
        The ids that the texts have as records in Argilla, where they have some.
    search
        Finds the positions of the texts that match a query, such as the `search` of a `TextIndex` that
        exists already. By default the texts are indexed here.

    Attributes
    ----------
    matrix : ndarray of int, shape (n_texts, n_rules)
        Votes as positions in `labels`, -1 where a rule abstains; columns in the order of the rules.
    gold : ndarray of int, shape (n_texts,), or None
        True labels as positions in `labels`, -1 where unknown.
    rules, rule_names, texts, labels, ids : tuple
        What was given; `ids` may be None.

    Raises
    ------
    NoRulesFoundError, NoRecordsFoundError
        If there are no rules, or no texts.
    DuplicatedRuleNameError
        If two rules share a name.
    EmptyTextError
        If a text is missing or blank.
    LengthMismatchError
        If there is not one gold label, or id, per text.
    MissingLabelError
        If a rule votes for, or gold holds, a label outside `labels`.

    Warns
    -----
    RuleNeverFiresWarning
        If a rule matches no text.

    Examples
    --------
    >>> rules = [Rule("game | score*", "Sports"), Rule("market*", "Business")]
    >>> weak_labels = WeakLabels(rules, texts=["The game of the year", "A game on the markets", "Rain"])
    >>> weak_labels.matrix.tolist()
    [[0, -1], [0, 1], [-1, -1]]
    >>> weak_labels.summary()["coverage"].round(2).to_dict()
    {'game | score*': 0.67, 'market*': 0.33, 'total': 0.67}
    """

    def __init__(
        self,
        rules: Iterable[AnyRule],
        texts: Iterable[str],
        *,
        gold: Sequence[str | None] | None = None,
        labels: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        search: Callable[[str], Iterable[int]] | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self.texts = tuple(texts)
        self.ids = None if ids is None else tuple(ids)
        self.rule_names = unique_names(self.rules)
        if not self.rules:
            raise NoRulesFoundError("There are no rules. Give at least one, as Rule('money', 'Business').")
        _check_texts(self.texts)
        for what, values in (("gold labels", gold), ("ids", self.ids)):
            if values is not None and len(values) != len(self.texts):
                raise LengthMismatchError(
                    f"There are {len(values)} {what} for {len(self.texts)} texts. Give one per text "
                    "(a gold label that is unknown is None)."
                )
        if search is None and any(isinstance(rule, Rule) for rule in self.rules):
            search = TextIndex(self.texts).search

        votes = [_votes(rule, self.texts, search) for rule in self.rules]
        self.labels = tuple(labels) if labels is not None else _schema(self.rules, votes, gold)
        self.matrix = self._encode(votes)
        self.gold = None if gold is None else encode(gold, self.labels)
        self._warn_of_silent_rules()

    @classmethod
    def from_dataset(
        cls,
        dataset: rg.Dataset,
        rules: Iterable[AnyRule] | None = None,
        *,
        field: str = "text",
        question: str | None = None,
        where: Any = None,
    ) -> WeakLabels:
        """Apply rules to the records of an Argilla dataset, query rules through the server's search.

        The search looks at all text fields of a record, as Argilla's search box does.

        Parameters
        ----------
        dataset
            An Argilla dataset.
        rules
            By default those that are kept with the dataset.
        field
            The field that holds the text.
        question
            The label question, which gives the schema, and whose submitted responses are the gold labels:
            the one that most responses give, none on a tie. By default the only label question.
        where
            Conditions as `argilla.Query` takes them, to leave out records, such as
            ``("metadata.split", "==", "test")``.

        Raises
        ------
        NoRulesFoundError
            If no rules are kept with the dataset, or none given.
        NoRecordsFoundError
            If the dataset has no records (that meet `where`).
        MissingFieldError
            If the dataset has no such field.
        QuestionNotFoundError
            If it has no such label question.
        NotPermittedError
            If the API key may not read all responses, which an annotator's may not.
        """
        import argilla as rg

        kept = load_rules(dataset) if rules is None else tuple(rules)
        if not kept:
            raise NoRulesFoundError(
                f"No rules are kept with the dataset {dataset.name!r}. "
                "Add some with add_rules(dataset, rules), or give `rules`."
            )
        fields = [each.name for each in dataset.fields]
        if field not in fields:
            raise MissingFieldError(f"The dataset {dataset.name!r} has no field {field!r}, only {fields}.")
        asked = label_question(dataset, question)

        def records(query: str | None = None, with_responses: bool = False) -> Iterable[rg.Record]:
            return dataset.records(  # type: ignore[no-any-return]
                query=rg.Query(query=query, filter=where),
                batch_size=PAGE,
                with_suggestions=False,
                with_responses=with_responses,
            )

        with permitted(dataset):
            found = list(records(with_responses=True))
        position = {record.id: index for index, record in enumerate(found)}

        def search(query: str) -> list[int]:
            # A record that came in after the listing above has no row.
            return [position[record.id] for record in records(query) if record.id in position]

        return cls(
            kept,
            texts=[record.fields[field] for record in found],
            gold=[most_given(submitted(record.responses[asked.name])) for record in found],
            labels=asked.labels,
            ids=list(position),
            search=search,
        )

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)

    def __repr__(self) -> str:
        return f"WeakLabels({len(self)} texts, {len(self.rules)} rules, labels={self.labels})"

    def summary(self) -> pd.DataFrame:
        """Return the table of `helpers.weak_supervision.rule_table` for these rules."""
        return rule_table(self.matrix, self.gold, self.rule_names, self.labels)

    def show_records(
        self, labels: Iterable[str] | None = None, rules: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return records to look at, as a table of texts, the rules that fired, and gold where given.

        Parameters
        ----------
        labels
            Keep only the records that have a vote for each of these labels.
        rules
            Keep only the records on which each rule of these names fired.

        Returns
        -------
        DataFrame
            Columns ``text``, ``rules`` (a list of names) and, with gold, ``gold`` (None where unknown). The
            index holds the record ids where they are known, else the positions.

        Raises
        ------
        MissingLabelError, RuleNotFoundError
            If there is no such label or rule.
        """
        keep = np.ones(len(self), dtype=bool)
        for label in labels or ():
            keep &= (self.matrix == self._label_index(label)).any(axis=1)
        for name in rules or ():
            keep &= self.matrix[:, self._rule_index(name)] != ABSTAIN
        chosen = np.flatnonzero(keep)
        table = {
            "text": [self.texts[row] for row in chosen],
            "rules": [self.fired(int(row)) for row in chosen],
        }
        if self.gold is not None:
            codes = self.gold[chosen]
            table["gold"] = [None if code == ABSTAIN else self.labels[code] for code in codes]
        return pd.DataFrame(table, index=chosen if self.ids is None else [self.ids[row] for row in chosen])

    def fired(self, row: int) -> list[str]:
        """Return the names of the rules that voted on a text, in the order of the rules."""
        return [name for name, vote in zip(self.rule_names, self.matrix[row], strict=True) if vote != ABSTAIN]

    def _encode(self, votes: Sequence[Mapping[int, str]]) -> Votes:
        matrix = np.full((len(self.texts), len(self.rules)), ABSTAIN, dtype=np.int16)
        for column, (rule, by_row) in enumerate(zip(self.rules, votes, strict=True)):
            promised = {rule.label} if isinstance(rule, Rule) else set()
            codes = {label: self._label_index(label, column) for label in promised | set(by_row.values())}
            matrix[list(by_row), column] = [codes[label] for label in by_row.values()]
        return matrix

    def _label_index(self, label: str, column: int | None = None) -> int:
        if label not in self.labels:
            where = "" if column is None else f" of the rule {self.rule_names[column]!r}"
            raise MissingLabelError(
                f"The label {label!r}{where} is not one of {list(self.labels)}. "
                "Correct it, or add it to the schema."
            )
        return self.labels.index(label)

    def _rule_index(self, name: str) -> int:
        if name not in self.rule_names:
            raise RuleNotFoundError(f"There is no rule called {name!r}, only {list(self.rule_names)}.")
        return self.rule_names.index(name)

    def _warn_of_silent_rules(self) -> None:
        fires = (self.matrix != ABSTAIN).any(axis=0)
        silent = [name for name, fired in zip(self.rule_names, fires, strict=True) if not fired]
        if silent:
            warnings.warn(
                f"No vote on any of the {len(self)} texts by {', '.join(map(repr, silent))}. "
                "Try the query in the search box, or leave the rule out.",
                RuleNeverFiresWarning,
                stacklevel=3,
            )


def _check_texts(texts: Sequence[Any]) -> None:
    if not texts:
        raise NoRecordsFoundError("There are no texts. Give at least one, or check the filter they passed.")
    for index, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise EmptyTextError(f"The text at index {index} is {text!r}. Leave it out, or give it words.")


def _votes(
    rule: AnyRule, texts: Sequence[str], search: Callable[[str], Iterable[int]] | None
) -> Mapping[int, str]:
    """Return what a rule votes, by position; positions on which it abstains are left out."""
    if isinstance(rule, Rule):
        assert search is not None
        return dict.fromkeys(search(rule.query), rule.label)
    voted = ((position, rule(text)) for position, text in enumerate(texts))
    return {position: label for position, label in voted if label is not None}


def _schema(
    rules: Sequence[AnyRule], votes: Sequence[Mapping[int, str]], gold: Sequence[str | None] | None
) -> tuple[str, ...]:
    promised = [rule.label for rule in rules if isinstance(rule, Rule)]
    voted = [label for by_row in votes for label in by_row.values()]
    known = [label for label in gold if label is not None and label == label] if gold is not None else []
    return tuple(dict.fromkeys([*promised, *voted, *known]))
