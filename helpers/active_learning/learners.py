"""Learners that make do with few labels, behind one interface."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.embeddings import Embeddings
from helpers.active_learning.errors import NotFittedError, TooFewLabelsError, UnknownLabelError
from helpers.active_learning.heads import CalibratedLogisticRegression
from helpers.active_learning.self_training import self_train
from helpers.data.encoder import encode
from helpers.errors import ValuesError
from helpers.setfit_training import train_setfit
from helpers.values import as_list, as_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class Learner(Protocol):
    """What a learner must offer; `fit` starts anew each time."""

    labels: tuple[str, ...]

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> Self:
        """Learn from n texts and their labels."""

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return scores of shape (n, labels), each row of sum 1; 0 for a label without an example."""


class ClassyLearner:
    """classy-classification's `ClassyClassifier` on vectors that are computed once and kept.

    The published class loads an encoder for each training and encodes all texts anew. It has hooks for both,
    so vectors can be given to it. Its head is a support vector machine whose scores are fitted by Platt
    scaling, which at five labels a class often turns them upside down (accuracy 0.27 on the bundled news,
    over four draws); logistic regression with calibrated scores has 0.66 there, trains in 25 ms rather than
    in over 100, and does without an option that scikit-learn will remove in 1.11.

    Parameters
    ----------
    embeddings
        The vectors of the frozen encoder.
    labels
        The label schema; one that stands there twice counts once.
    head
        "logistic", or "svc" for the head as published.
    unlabeled
        Texts without labels, from which the logistic head learns by self-training.
    seed
        Decides the folds of cross-validation.

    Raises
    ------
    UnknownLabelError
        By `fit`, if a label is not in the schema.
    TooFewLabelsError
        By `fit`, if there are not two labels with an example; "svc" needs two of each that has any.
    NotFittedError
        By `predict_proba`, before `fit`.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        labels: Sequence[str],
        *,
        head: Literal["logistic", "svc"] = "logistic",
        unlabeled: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        self.labels = tuple(dict.fromkeys(as_texts(labels, "labels")))
        self._embeddings = embeddings
        self._head = head
        self._unlabeled = as_texts(unlabeled)
        self._seed = seed
        self._classifier: Any = None

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> Self:
        """Learn from n texts and their labels."""
        examples: dict[str, list[str]] = {}
        for text, label in zip(*_checked(texts, labels, self.labels), strict=True):
            examples.setdefault(label, []).append(text)
        rare = [label for label, own in examples.items() if len(own) < 2]
        if self._head == "svc" and rare:
            # Its cross-validation would choose by scores that are no numbers.
            raise TooFewLabelsError(f"{rare[0]!r} has one example: the head 'svc' needs two of each label.")
        config = {
            "C": [1, 2, 5, 10, 20, 50, 100],
            "kernel": ["linear", "rbf", "poly", "sigmoid"],
            "max_cross_validation_folds": 5,
            "seed": self._seed,
        }
        unlabeled = self._embeddings(self._unlabeled) if self._unlabeled else None
        head = None if self._head == "svc" else CalibratedLogisticRegression(self._seed, unlabeled)
        self._classifier = _classy(self._embeddings, head)(data=examples, config=config)
        return self

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return scores of shape (n, labels), each row of sum 1; 0 for a label without an example."""
        if self._classifier is None:
            raise _not_fitted(self.labels)
        texts = as_texts(texts)
        rows = self._classifier.pipe(texts) if texts else []
        scores = np.zeros((len(texts), len(self.labels)))
        for position, row in enumerate(rows):
            scores[position] = [row.get(label, 0.0) for label in self.labels]
        return scores


def _classy(embeddings: Embeddings, head: CalibratedLogisticRegression | None) -> Any:
    before = warnings.showwarning
    from classy_classification import ClassyClassifier  # type: ignore[import-untyped]

    # It turns every library's warnings into log messages.
    if warnings.showwarning is not before:
        logging.captureWarnings(False)

    class Classifier(ClassyClassifier):  # type: ignore[misc]
        def set_embedding_model(self, model: str | None = None, device: str = "cpu") -> None:
            """Load no encoder: the vectors are there."""

        def get_embeddings(self, docs: Sequence[str]) -> NDArray[np.float32]:
            return embeddings(docs)

        def set_classification_model(self, config: dict[str, Any] | None = None) -> None:
            if head is None:
                super().set_classification_model(config)
            else:
                self.clf = head.fit(self.X, self.y)

    return Classifier


class SetFitLearner:
    """SetFit: the encoder itself is tuned on pairs of texts, then logistic regression is fitted.

    Better with few labels, and slow: on two cores a step of 16 pairs of news texts takes 2 to 3 s, and
    100 labels would by default mean 469 steps. So `steps` says how many. Each `fit` tunes a fresh copy of the
    encoder. L. Tunstall et al. Efficient Few-Shot Learning Without Prompts. 2022 (arXiv:2209.11055).

    Parameters
    ----------
    encoder
        The encoder to start from; it stays as it is.
    labels
        The label schema; one that stands there twice counts once.
    steps
        Batches of pairs to tune with; where the pairs do not suffice they come again.
    batch_size
        Pairs a step.
    unlabeled
        Texts without labels, from which the head learns by self-training. Each `fit` encodes them anew.
    seed
        Decides the order of the pairs.

    Raises
    ------
    UnknownLabelError
        By `fit`, if a label is not in the schema.
    TooFewLabelsError
        By `fit`, if there are not two labels with an example.
    NotFittedError
        By `predict_proba`, before `fit`.
    """

    def __init__(
        self,
        encoder: SentenceTransformer,
        labels: Sequence[str],
        *,
        steps: int = 40,
        batch_size: int = 16,
        unlabeled: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        self.labels = tuple(dict.fromkeys(as_texts(labels, "labels")))
        self._encoder = encoder
        self._steps = steps
        self._batch_size = batch_size
        self._unlabeled = as_texts(unlabeled)
        self._seed = seed
        self._model: Any = None

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> Self:
        """Learn from n texts and their labels."""
        texts, labels = _checked(texts, labels, self.labels)
        self._model = train_setfit(
            self._encoder,
            texts,
            labels,
            steps=self._steps,
            batch_size=self._batch_size,
            seed=self._seed,
        )
        if self._unlabeled:
            body = self._model.model_body
            self._model.model_head = self_train(
                encode(body, texts), np.asarray(labels), encode(body, self._unlabeled)
            )
        return self

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return scores of shape (n, labels), each row of sum 1; 0 for a label without an example."""
        if self._model is None:
            raise _not_fitted(self.labels)
        texts = as_texts(texts)
        scores = np.zeros((len(texts), len(self.labels)))
        if texts:
            head = self._model.model_head
            columns = [self.labels.index(str(label)) for label in head.classes_]
            scores[:, columns] = head.predict_proba(encode(self._model.model_body, texts))
        return scores


def _checked(
    texts: Sequence[str], labels: Sequence[str], schema: Sequence[str]
) -> tuple[list[str], list[str]]:
    texts, labels = as_texts(texts), as_list(labels, "labels")
    if len(texts) != len(labels):
        raise ValuesError(f"There are {len(texts)} texts and {len(labels)} labels. Give one label a text.")
    for label in labels:
        if label not in schema:
            raise UnknownLabelError(
                f"The label {label!r} is not one of {list(schema)}, which the learner knows."
            )
    seen = set(labels)
    if len(seen) < 2:
        others = [label for label in schema if label not in seen]
        raise TooFewLabelsError(
            f"A learner needs examples of two labels at least. There are {len(labels)}, of "
            f"{sorted(seen)}, and none of {others}: label more records."
        )
    return texts, labels


def _not_fitted(schema: Sequence[str]) -> NotFittedError:
    return NotFittedError(
        "The learner has not learned anything yet: call fit first, with examples of two at least of "
        f"{list(schema)}."
    )
