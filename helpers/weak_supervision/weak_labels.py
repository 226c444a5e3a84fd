"""Weak labels: the votes of rules on texts, from plain texts or from an Argilla dataset."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.annotation import label_question, most_given, permitted, submitted
from helpers.errors import ValuesError
from helpers.search import TextIndex, field_text
from helpers.values import as_list, is_missing
from helpers.weak_supervision.errors import (
    EmptyTextError,
    LabelingFunctionError,
    LabelingFunctionWarning,
    LengthMismatchError,
    MissingFieldError,
    NoRecordsFoundError,
    NoRulesFoundError,
    RuleNeverFiresWarning,
    RuleNotFoundError,
)
from helpers.weak_supervision.labels import ABSTAIN, Label, Positions, label_of, schema
from helpers.weak_supervision.rules import AnyRule, Rule, unique_names
from helpers.weak_supervision.storage import load_rules
from helpers.weak_supervision.table import Votes, encode, rule_table

if TYPE_CHECKING:
    import argilla as rg

PAGE = 1000


class WeakLabels:
    """The votes of rules on texts.

    Texts, gold labels and ids are read by position from any list, array or column: the index of a table plays
    no part. A label is a text, or anything else that is hashable; True is another label than 1.

    Parameters
    ----------
    rules
        `Rule` objects, or functions that take a text and return a label, or None, a missing value of any kind
        or `ABSTAIN` to abstain. A function that raises an error on some texts abstains on these.
    texts
        The texts they vote on.
    gold
        True labels, one per text, with None, a missing value of any kind or `ABSTAIN` where unknown. They
        change no vote: only `summary` and `show_records` read them, label models when they score, and the
        schema where `labels` is not given.
    labels
        The schema, in which a label may stand more than once, as in a column. By default the labels of the
        rules, then those that only functions vote for or gold holds, each in order of appearance.
    ids
        The ids that the texts have as records in Argilla, where they have some: texts, or numbers that are
        written as such. No two texts have the same.
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
        If a rule votes for, or gold holds, a label outside `labels`, or what cannot be a label.
    LabelingFunctionError
        If a function raises an error on every text.
    ValuesError
        If rules, texts, gold labels or ids are no list or column, or an id is missing or there twice.

    Warns
    -----
    RuleNeverFiresWarning
        If a rule matches no text.
    LabelingFunctionWarning
        If a function raises an error on some texts.

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
        gold: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
        ids: Iterable[Any] | None = None,
        search: Callable[[str], Iterable[int]] | None = None,
    ) -> None:
        self.rules: tuple[AnyRule, ...] = tuple(as_list(rules, "rules"))
        self.texts: tuple[str, ...] = tuple(as_list(texts, "texts"))
        self.ids = None if ids is None else _checked_ids(ids)
        known = None if gold is None else as_list(gold, "gold labels")
        self.rule_names = unique_names(self.rules)
        if not self.rules:
            raise NoRulesFoundError("There are no rules. Give at least one, as Rule('money', 'Business').")
        for rule in self.rules:
            if not isinstance(rule, Rule) and not callable(rule):
                raise ValuesError(f"{rule!r} is no rule. Give Rule(query, label), or a function.")
        for what, values in (("gold labels", known), ("ids", self.ids)):
            if values is not None and len(values) != len(self.texts):
                raise LengthMismatchError(
                    f"There are {len(values)} {what} for {len(self.texts)} texts. Give one per text "
                    "(a gold label that is unknown is None)."
                )
        _check_texts(self.texts, self.ids)
        if search is None and any(isinstance(rule, Rule) for rule in self.rules):
            search = TextIndex(self.texts).search

        votes = [
            _votes(rule, name, self.texts, search)
            for rule, name in zip(self.rules, self.rule_names, strict=True)
        ]
        self.labels = schema(labels) if labels is not None else _schema(self.rules, votes, known)
        self._positions = Positions(self.labels)
        self.matrix = self._encode(votes)
        self.gold = None if known is None else encode(known, self.labels)
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

        The search looks at all text fields of a record, as Argilla's search box does; functions get the text
        of one field.

        Parameters
        ----------
        dataset
            An Argilla dataset.
        rules
            By default those that are kept with the dataset.
        field
            The field that holds the text; of a chat, functions get what was said, a line a message.
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
        EmptyTextError
            If a record has no text there; the message names the record.
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
            # An optional field may be empty: that is refused below, by the record's id.
            texts=(field_text(record.fields.get(field)) for record in found),  # type: ignore[misc]
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
        self, labels: Iterable[Any] | None = None, rules: Iterable[str] | None = None
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
        for label in () if labels is None else as_list(labels, "labels"):
            keep &= (self.matrix == self._positions.of(label)).any(axis=1)
        for name in () if rules is None else as_list(rules, "rules"):
            keep &= self.matrix[:, self._rule_index(name)] != ABSTAIN
        chosen = np.flatnonzero(keep)
        index = pd.Index(chosen if self.ids is None else [self.ids[row] for row in chosen])
        table = pd.DataFrame(
            {
                "text": [self.texts[row] for row in chosen],
                "rules": [self.fired(int(row)) for row in chosen],
            },
            index=index,
        )
        if self.gold is not None:
            gold = [None if code == ABSTAIN else self.labels[code] for code in self.gold[chosen]]
            # As objects, because labels that are numbers would become floats beside a None.
            table["gold"] = pd.Series(gold, index=index, dtype=object)
        return table

    def fired(self, row: int) -> list[str]:
        """Return the names of the rules that voted on a text, in the order of the rules."""
        return [name for name, vote in zip(self.rule_names, self.matrix[row], strict=True) if vote != ABSTAIN]

    def _encode(self, votes: Sequence[Mapping[int, Label]]) -> Votes:
        matrix = np.full((len(self.texts), len(self.rules)), ABSTAIN, dtype=np.int16)
        for column, (rule, name, by_row) in enumerate(zip(self.rules, self.rule_names, votes, strict=True)):
            where = f" of the rule {name!r}"
            if isinstance(rule, Rule):  # also where it never fires
                self._positions.of(rule.label, where)
            matrix[list(by_row), column] = [self._positions.of(label, where) for label in by_row.values()]
        return matrix

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


def _checked_ids(ids: Iterable[Any]) -> tuple[str, ...]:
    found = as_list(ids, "ids")
    for position, value in enumerate(found):
        if is_missing(value) or isinstance(value, bool | float) or not str(value):
            raise ValuesError(f"The id at position {position} is {value!r}. Give a text or a whole number.")
    names = tuple(map(str, found))
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ValuesError(
            f"{len(repeated):,} ids are there more than once, such as {repeated[0]!r} at the positions "
            f"{[position for position, name in enumerate(names) if name == repeated[0]][:5]}. Give each text "
            "its own."
        )
    return names


def _check_texts(texts: Sequence[Any], ids: Sequence[str] | None) -> None:
    if not texts:
        raise NoRecordsFoundError("There are no texts. Give at least one, or check the filter they passed.")
    for index, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            record = f" (record {ids[index]!r})" if ids else ""
            raise EmptyTextError(
                f"The text at index {index}{record} is {text!r}. Leave it out, or give it words."
            )


def _votes(
    rule: AnyRule, name: str, texts: Sequence[str], search: Callable[[str], Iterable[int]] | None
) -> Mapping[int, Label]:
    """Return what a rule votes, by position; positions on which it abstains are left out."""
    if isinstance(rule, Rule):
        assert search is not None
        return dict.fromkeys(search(rule.query), rule.label)
    votes: dict[int, Label] = {}
    failed: list[tuple[int, Exception]] = []
    for position, text in enumerate(texts):
        try:
            vote = rule(text)
        except Exception as error:
            failed.append((position, error))
            continue
        label = label_of(vote, f"The vote of the rule {name!r} on the text at index {position}")
        if label is not None:
            votes[position] = label
    if failed:
        _complain(name, failed, texts)
    return votes


def _complain(name: str, failed: Sequence[tuple[int, Exception]], texts: Sequence[str]) -> None:
    position, error = failed[0]
    shown = texts[position] if len(texts[position]) < 60 else texts[position][:60] + "..."
    what = f"The rule {name!r} raises an error on {len(failed):,} of {len(texts):,} texts"
    first = f"first on that at index {position}, {shown!r}: {type(error).__name__}: {error}"
    if len(failed) == len(texts):
        raise LabelingFunctionError(f"{what}, {first}. Mend the function.") from error
    warnings.warn(f"{what}, and abstains there; {first}.", LabelingFunctionWarning, stacklevel=5)


def _schema(
    rules: Sequence[AnyRule], votes: Sequence[Mapping[int, Label]], gold: Sequence[Any] | None
) -> tuple[Label, ...]:
    promised = [rule.label for rule in rules if isinstance(rule, Rule)]
    voted = [label for by_row in votes for label in by_row.values()]
    known = [label_of(value, f"The gold label at index {row}") for row, value in enumerate(gold or ())]
    return schema([*promised, *voted, *(label for label in known if label is not None)])
