"""Label models: they turn the votes of many rules on a text into one label, or none."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import softmax

from helpers.values import as_list
from helpers.weak_supervision.errors import (
    LabelModelError,
    LengthMismatchError,
    MissingGoldError,
    NotFittedError,
    NoVotesError,
    RulesMismatchError,
    TieBreakPolicyError,
    TooFewRulesError,
)
from helpers.weak_supervision.labels import ABSTAIN, Label
from helpers.weak_supervision.table import Votes, encode, label_index
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
        A row per label: precision, recall, f1, support (gold records), abstained (of these). What cannot
        be known, such as the recall of a label that gold never holds, is NaN.
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
        self._fitted_on: tuple[tuple[str, ...], tuple[Label, ...]] | None = None

    def fit(self, weak_labels: WeakLabels) -> Self:
        """Learn from the votes alone; gold labels are never looked at.

        Raises
        ------
        NoVotesError
            If every rule abstains on every text.
        TooFewRulesError
            If the label model needs more rules, as `Snorkel` may.
        LabelModelError
            If `Snorkel` cannot be fitted with its parameters.
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
        LabelModelError
            If a probability is not finite.
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
        probabilities = self._predict_proba(weak_labels.matrix)
        finite = np.isfinite(probabilities).all(axis=1)
        if not finite.all():
            # What is not a number would pass for the first label.
            row = int(finite.argmin())
            raise LabelModelError(
                f"{type(self).__name__} gives the text at index {row} the scores {probabilities[row]}. "
                "Fit it with other parameters, or use MajorityVoter."
            )
        return probabilities

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
        gold: Iterable[Any] | None = None,
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
        How frequent each label is, in the order of the schema: shares above 0 that sum to 1. By default all
        are equally frequent.
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
        class_balance: Iterable[float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(seed=seed)
        self.n_epochs = n_epochs
        self.lr = lr
        self.class_balance = class_balance

    def _fit(self, matrix: Votes, n_labels: int) -> None:
        from snorkel.labeling.model import LabelModel as SnorkelLabelModel

        n_rules = matrix.shape[1]
        if n_rules < self.MIN_RULES:
            raise TooFewRulesError(
                f"Snorkel needs at least {self.MIN_RULES} rules to compare, and there are {n_rules}. "
                "Add rules, or use MajorityVoter."
            )
        balance = None if self.class_balance is None else _checked_balance(self.class_balance, n_labels)
        model = SnorkelLabelModel(cardinality=n_labels, verbose=False)
        with _generators_kept():
            try:
                model.fit(
                    matrix,
                    n_epochs=self.n_epochs,
                    lr=self.lr,
                    class_balance=balance,
                    seed=self.seed,
                    progress_bar=False,
                )
            except Exception as error:  # it has no type of its own for a loss that is not a number
                raise LabelModelError(
                    f"Snorkel cannot be fitted with n_epochs={self.n_epochs} and lr={self.lr}: {error} "
                    "A smaller learning rate may do."
                ) from error
        # The probability that a rule votes so, by rule and vote (as one axis) and by true label.
        self._log_likelihood = np.log(model.mu.detach().numpy()).astype(np.float64)
        self._log_balance = np.log(model.p)

    def _predict_proba(self, matrix: Votes) -> Probabilities:
        # As Snorkel has it, in which abstentions say nothing; but there the product over hundreds of rules
        # falls below the smallest number before it is normalized.
        n_labels = len(self._log_balance)
        scores = np.tile(self._log_balance, (len(matrix), 1))
        for rule, votes in enumerate(matrix.T):
            voted = votes != ABSTAIN
            scores[voted] += self._log_likelihood[rule * n_labels + votes[voted]]
        probabilities: Probabilities = softmax(scores, axis=1)
        return probabilities


def _checked_balance(balance: Iterable[float], n_labels: int) -> list[float]:
    shares = as_list(balance, "shares of the labels")
    are_shares = all(isinstance(share, int | float) and share > 0 for share in shares)
    if len(shares) != n_labels or not are_shares or not np.isclose(sum(shares), 1):
        raise LabelModelError(
            f"class_balance is {shares}: give {n_labels} shares, one a label, above 0, that sum to 1."
        )
    return shares


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


def _score(gold: Votes, predicted: Votes, labels: Sequence[Label]) -> LabelModelScore:
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
    ).set_axis(label_index(labels))
    return LabelModelScore(
        n_records=len(gold),
        n_abstained=int((~covered).sum()),
        coverage=float(covered.mean()),
        accuracy_covered=float(right[covered].mean()) if covered.any() else float("nan"),
        accuracy_all=float(right.mean()),
        macro_f1=float(report["f1"][support > 0].mean()),
        report=report,
    )
