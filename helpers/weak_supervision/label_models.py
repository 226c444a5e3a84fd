"""Label models: they turn the votes of many rules on a text into one label, or none."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.weak_supervision.errors import (
    LengthMismatchError,
    MissingGoldError,
    NotFittedError,
    NoVotesError,
    RulesMismatchError,
    TieBreakPolicyError,
    TooFewRulesError,
)
from helpers.weak_supervision.table import ABSTAIN, Votes, encode
from helpers.weak_supervision.weak_labels import WeakLabels

Probabilities: TypeAlias = npt.NDArray[np.float64]
TieBreak: TypeAlias = Literal["abstain", "random"]

# Probabilities that differ by less are one and the same, but for rounding.
_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class LabelModelScore:
    """How good a label model is, on the records it labels and on all of them.

    Attributes
    ----------
    n_records
        Records with a gold label; the others are left out of everything here.
    n_abstained
        How many of them the label model gave no label.
    coverage
        The fraction that it gave one.
    accuracy_covered
        Right labels, of those given (NaN if none was).
    accuracy_all
        Right labels, of all records: an abstention counts as wrong.
    macro_f1
        Mean F1 of the labels that gold holds, where an abstention counts as missed.
    report
        A row per label: precision, recall, f1, support (gold records), abstained (of these).
    """

    n_records: int
    n_abstained: int
    coverage: float
    accuracy_covered: float
    accuracy_all: float
    macro_f1: float
    report: pd.DataFrame = field(repr=False)


class LabelModel(ABC):
    """What all label models share; subclasses say how votes become probabilities.

    Parameters
    ----------
    seed
        For all that is random in it.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._fitted_on: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def fit(self, weak_labels: WeakLabels) -> Self:
        """Learn from the votes alone; gold labels are never looked at.

        Raises
        ------
        NoVotesError
            If every rule abstains on every text.
        TooFewRulesError
            If the label model needs more rules, as `Snorkel` may.
        """
        if (weak_labels.matrix == ABSTAIN).all():
            raise NoVotesError(
                f"None of the {len(weak_labels.rules)} rules votes on any of the {len(weak_labels)} texts. "
                "Check the queries with WeakLabels.summary()."
            )
        self._fit(weak_labels.matrix, len(weak_labels.labels))
        self._fitted_on = (weak_labels.rule_names, weak_labels.labels)
        return self

    def predict_proba(self, weak_labels: WeakLabels) -> Probabilities:
        """Return how probable each label is for each text, of shape (n_texts, n_labels).

        A text on which every rule abstains gets what the model believes without any vote: the class
        balance, which is uniform unless one was given.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        RulesMismatchError
            If it was fitted on other rules or labels.
        """
        if self._fitted_on is None:
            raise NotFittedError(
                f"This {type(self).__name__} has not been fitted. Call fit(weak_labels) first."
            )
        if self._fitted_on != (weak_labels.rule_names, weak_labels.labels):
            raise RulesMismatchError(
                f"This {type(self).__name__} was fitted on the rules and labels {self._fitted_on}, not on "
                f"{(weak_labels.rule_names, weak_labels.labels)}. Keep rules and order, or fit anew."
            )
        return self._predict_proba(weak_labels.matrix)

    def predict(self, weak_labels: WeakLabels, *, tie_break: TieBreak = "abstain") -> Votes:
        """Return the most probable label of each text as its position in `labels`, of shape (n_texts,).

        It is -1 for a text on which every rule abstains and, with ``tie_break="abstain"``, where several
        labels are equally probable; ``"random"`` draws one of these, the same for the same seed.

        Raises
        ------
        NotFittedError, RulesMismatchError
            As `predict_proba`.
        TieBreakPolicyError
            If `tie_break` is something else.
        """
        if tie_break not in get_args(TieBreak):
            raise TieBreakPolicyError(f"tie_break={tie_break!r} is not one of {get_args(TieBreak)}.")
        probabilities = self.predict_proba(weak_labels)
        best = probabilities >= probabilities.max(axis=1, keepdims=True) - _TOLERANCE
        if tie_break == "random":
            draw = np.random.default_rng(self.seed).random(best.shape)
            labels = np.where(best, draw, -1.0).argmax(axis=1)
        else:
            labels = np.where(best.sum(axis=1) > 1, ABSTAIN, best.argmax(axis=1))
        voted = (weak_labels.matrix != ABSTAIN).any(axis=1)
        return np.where(voted, labels, ABSTAIN).astype(np.int16)

    def score(
        self,
        weak_labels: WeakLabels,
        gold: Sequence[str | None] | None = None,
        *,
        tie_break: TieBreak = "abstain",
    ) -> LabelModelScore:
        """Compare predictions with gold labels, by default those of the weak labels.

        Raises
        ------
        MissingGoldError
            If there is no gold label.
        LengthMismatchError
            If there is not one per text, None where unknown.
        MissingLabelError
            If one is not in the schema.
        NotFittedError, RulesMismatchError, TieBreakPolicyError
            As `predict`.
        """
        truth = weak_labels.gold if gold is None else encode(gold, weak_labels.labels)
        if truth is None or (truth == ABSTAIN).all():
            raise MissingGoldError("There is no gold label to score against. Give `gold`, one per text.")
        if len(truth) != len(weak_labels):
            raise LengthMismatchError(f"There are {len(truth)} gold labels for {len(weak_labels)} texts.")
        known = truth != ABSTAIN
        return _score(truth[known], self.predict(weak_labels, tie_break=tie_break)[known], weak_labels.labels)

    @abstractmethod
    def _fit(self, matrix: Votes, n_labels: int) -> None: ...

    @abstractmethod
    def _predict_proba(self, matrix: Votes) -> Probabilities: ...


class MajorityVoter(LabelModel):
    """The label with the most votes wins; its probability is its share of the votes.

    Examples
    --------
    >>> from helpers.weak_supervision import Rule
    >>> weak_labels = WeakLabels([Rule("game", "Sports"), Rule("market", "Business")],
    ...                          ["a game", "a market", "a market for a game"])
    >>> MajorityVoter().fit(weak_labels).predict(weak_labels).tolist()
    [0, 1, -1]
    """

    def _fit(self, matrix: Votes, n_labels: int) -> None:
        self._n_labels = n_labels

    def _predict_proba(self, matrix: Votes) -> Probabilities:
        counts = np.stack([(matrix == code).sum(axis=1) for code in range(self._n_labels)], axis=1)
        counts[counts.sum(axis=1) == 0] = 1
        shares: Probabilities = counts / counts.sum(axis=1, keepdims=True)
        return shares


class Snorkel(LabelModel):
    """Snorkel's label model: it learns how accurate each rule is from how often rules agree.

    It needs three rules at least.

    Parameters
    ----------
    n_epochs
        Optimization steps.
    lr
        Learning rate.
    class_balance
        How frequent each label is, in the order of the schema. By default all are equally frequent.
    seed
        For its initial parameters.

    References
    ----------
    A. Ratner et al., "Training Complex Models with Multi-Task Weak Supervision", AAAI 2019,
    https://arxiv.org/abs/1810.02840
    """

    MIN_RULES = 3

    def __init__(
        self,
        *,
        n_epochs: int = 100,
        lr: float = 0.01,
        class_balance: Sequence[float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(seed=seed)
        self.n_epochs = n_epochs
        self.lr = lr
        self.class_balance = class_balance
        self._model: Any = None

    def _fit(self, matrix: Votes, n_labels: int) -> None:
        from snorkel.labeling.model import LabelModel as SnorkelLabelModel

        n_rules = matrix.shape[1]
        if n_rules < self.MIN_RULES:
            raise TooFewRulesError(
                f"Snorkel needs at least {self.MIN_RULES} rules to compare, and there are {n_rules}. "
                "Add rules, or use MajorityVoter."
            )
        self._model = SnorkelLabelModel(cardinality=n_labels, verbose=False)
        with _generators_kept():
            self._model.fit(
                matrix,
                n_epochs=self.n_epochs,
                lr=self.lr,
                class_balance=self.class_balance,
                seed=self.seed,
                progress_bar=False,
            )

    def _predict_proba(self, matrix: Votes) -> Probabilities:
        probabilities: Probabilities = self._model.predict_proba(matrix)
        return probabilities


@contextmanager
def _generators_kept() -> Iterator[None]:
    """Put the global random generators back, which Snorkel seeds."""
    import torch

    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _score(gold: Votes, predicted: Votes, labels: Sequence[str]) -> LabelModelScore:
    covered = predicted != ABSTAIN
    right = predicted == gold
    classes = np.arange(len(labels))
    hits = np.array([(right & (gold == code)).sum() for code in classes])
    given = np.array([(predicted == code).sum() for code in classes])
    support = np.array([(gold == code).sum() for code in classes])
    report = pd.DataFrame(
        {
            "precision": pd.Series(hits) / given,
            "recall": pd.Series(hits) / support,
            "f1": pd.Series(2 * hits) / (given + support),
            "support": support,
            "abstained": [(~covered & (gold == code)).sum() for code in classes],
        }
    ).set_axis(pd.Index(labels, name="label"))
    return LabelModelScore(
        n_records=len(gold),
        n_abstained=int((~covered).sum()),
        coverage=float(covered.mean()),
        accuracy_covered=float(right[covered].mean()) if covered.any() else float("nan"),
        accuracy_all=float(right.mean()),
        macro_f1=float(report["f1"][support > 0].mean()),
        report=report,
    )
