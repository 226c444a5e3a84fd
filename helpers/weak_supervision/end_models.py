"""End models: text classifiers trained on the probabilistic labels that rules give, without a gold label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from helpers.values import as_list, as_texts
from helpers.weak_supervision.errors import (
    EmptyTextError,
    LengthMismatchError,
    NotFittedError,
    NoVotesError,
    ProbabilitiesError,
    WeakLabelsError,
)
from helpers.weak_supervision.labels import ABSTAIN

Floats = npt.NDArray[np.floating]
Encoder = Callable[[Sequence[str]], Floats]

# The meaning view's log-probability of a class that its sample lacks.
_UNSEEN = float(np.log(1e-3))


def fit_naive_bayes(texts: Iterable[str], labels: Iterable[int]) -> Pipeline:
    """Fit naive Bayes on counts of words to the texts that have a label, as Argilla's tutorial does.

    Parameters
    ----------
    texts
        Training texts.
    labels
        One position in the schema for each text, or -1 for no label: what label models predict.

    Returns
    -------
    Pipeline
        Scikit-learn's, which predicts positions in the schema.

    Raises
    ------
    NoVotesError
        If no text has a label.
    EmptyTextError
        If no text that has one holds a word.
    LengthMismatchError
        If there is not one label, or -1, for each text.
    WeakLabelsError
        If one is no whole number.
    ValuesError
        If a text is missing or no text.

    Examples
    --------
    >>> model = fit_naive_bayes(["a late goal", "shares fell", "rain"], [0, 1, -1])
    >>> model.predict(["one more goal", "shares"]).tolist()
    [0, 1]
    """
    texts = as_texts(texts)
    codes = np.asarray(as_list(labels, "labels"))
    if len(codes) != len(texts):
        raise LengthMismatchError(f"There are {len(codes)} labels for {len(texts)} texts.")
    if len(codes) and not np.issubdtype(codes.dtype, np.integer):
        raise WeakLabelsError(
            f"The labels, such as {codes[0]!r}, are no positions in a schema. Give whole numbers, and -1 for "
            "none."
        )
    labeled = np.flatnonzero(codes != ABSTAIN).tolist()
    if not labeled:
        raise NoVotesError(f"None of the {len(texts)} texts has a label. Write rules that match these texts.")
    model = make_pipeline(CountVectorizer(), MultinomialNB())
    chosen = [texts[row] for row in labeled]
    try:
        return model.fit(chosen, codes[labeled])
    except ValueError as error:  # the vocabulary is empty
        raise EmptyTextError(
            f"None of the {len(chosen)} labeled texts, the first of which is {chosen[0]!r}, holds a word of "
            "two letters or more. Label other texts."
        ) from error


class SoftNaiveBayes:
    """Naive Bayes on words and word pairs, fitted to a probability per class instead of one label.

    A text whose rules disagree counts for each class in proportion to its votes, so ties and conflicts need
    not be thrown away.

    Parameters
    ----------
    alpha
        Additive smoothing, above 0. A small value lets rare words speak.
    ngram_range
        Shortest and longest word sequence that counts as a feature.
    min_df
        Leave out features that occur in fewer texts than this.

    Attributes
    ----------
    n_classes_
        Number of classes, the columns of ``probabilities`` in ``fit``.

    References
    ----------
    A. McCallum, K. Nigam. A Comparison of Event Models for Naive Bayes Text Classification. AAAI-98 Workshop
    on Learning for Text Categorization, 1998.

    Examples
    --------
    >>> model = SoftNaiveBayes(min_df=1)
    >>> _ = model.fit(["a late goal", "shares fell", "markets"], [[1, 0], [0, 1], [0, 0]])
    >>> model.predict(["one more goal", "shares"]).tolist()
    [0, 1]
    """

    def __init__(self, *, alpha: float = 0.1, ngram_range: tuple[int, int] = (1, 2), min_df: int = 2) -> None:
        self.alpha = alpha
        self.ngram_range = ngram_range
        self.min_df = min_df

    def fit(self, texts: Iterable[str], probabilities: npt.ArrayLike) -> Self:
        """Fit to the texts.

        Parameters
        ----------
        texts
            Training texts: a list, an array or a column, whose index plays no part.
        probabilities
            Shape (texts, classes): how much each text belongs to each class. A row of zeros is an abstention.

        Raises
        ------
        ProbabilitiesError
            If they have another shape, or one is negative or not finite.
        NoVotesError
            If every row is an abstention.
        EmptyTextError
            If no word is in so many texts as `min_df` asks for.
        ValuesError
            If a text is missing or no text.
        WeakLabelsError
            If `alpha` is not above 0.
        """
        if not self.alpha > 0:
            raise WeakLabelsError(
                f"alpha is {self.alpha}, and no word may have the probability 0: give more."
            )
        texts = as_texts(texts)
        weights = _checked(texts, probabilities)
        vectorizer = CountVectorizer(
            ngram_range=self.ngram_range, min_df=self.min_df, binary=True, token_pattern=r"(?u)\b\w+\b"
        )
        try:
            features = csr_matrix(vectorizer.fit_transform(texts), dtype=np.float64)
        except ValueError as error:  # the vocabulary is empty
            raise EmptyTextError(
                f"No word is in {self.min_df} or more of the {len(texts)} texts, the first of which is "
                f"{texts[0]!r}. Lower min_df, or give more texts."
            ) from error
        self._vectorizer = vectorizer
        self.n_classes_ = weights.shape[1]
        counts = np.asarray(features.T @ weights).T + self.alpha
        self._word_log_prob = np.log(counts / counts.sum(axis=1, keepdims=True))
        mass = weights.sum(axis=0) + self.alpha
        self._class_log_prior = np.log(mass / mass.sum())
        return self

    def predict_log_proba(self, texts: Iterable[str]) -> Floats:
        """Log-probability of each class, shape (texts, classes).

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValuesError
            If a text is missing or no text.
        """
        if not hasattr(self, "_class_log_prior"):
            raise NotFittedError(
                "This SoftNaiveBayes has not been fitted. Call fit(texts, probabilities) first."
            )
        features = csr_matrix(self._vectorizer.transform(as_texts(texts)), dtype=np.float64)
        joint = np.asarray(features @ self._word_log_prob.T) + self._class_log_prior
        return np.asarray(log_softmax(joint, axis=1))

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """Probability of each class, shape (texts, classes). Naive Bayes is overconfident on long texts."""
        return np.asarray(np.exp(self.predict_log_proba(texts)))

    def predict(self, texts: Iterable[str]) -> npt.NDArray[np.intp]:
        """Most probable class of each text."""
        return np.asarray(self.predict_log_proba(texts).argmax(axis=1))


class TwoViewClassifier:
    """Two views of a text that make different mistakes: its words, and its meaning to a sentence encoder.

    The words view (`SoftNaiveBayes`) learns from all texts and the rules' probabilities. It then labels a
    random sample of the texts for the meaning view, a logistic regression on sentence embeddings: knowledge
    goes from the words that rules know to texts that say the same in other words, as in co-training [1]_.
    A prediction multiplies the two probabilities (a product of experts [2]_), the words' flattened by
    ``temperature`` because naive Bayes counts every word as independent evidence. Encoding takes nearly all
    of the time, so only texts that the words leave in doubt are encoded: on the others the words alone
    decide. With the defaults they lead there by 20 / 5 = 4 nats or more, odds of 55 to 1, which only a second
    view that is surer of another class could overturn.

    Parameters
    ----------
    encode
        Turns texts into embeddings, shape (texts, dimensions): the ``encode`` of a sentence encoder.
    words
        The words view; a default `SoftNaiveBayes` where None. It is fitted in place.
    sample_size
        How many training texts to encode.
    temperature
        Divides the log-probabilities of the words view.
    doubt
        Texts whose two best classes are closer than this in the words view's log-probability are encoded.
    regularization
        Inverse strength ``C`` of the logistic regression.
    seed
        Chooses the sample.

    References
    ----------
    .. [1] A. Blum, T. Mitchell. Combining Labeled and Unlabeled Data with Co-Training. COLT 1998.
    .. [2] G. Hinton. Training Products of Experts by Minimizing Contrastive Divergence. Neural Computation,
       2002.

    Examples
    --------
    >>> def encode(texts):
    ...     return np.array([[float("goal" in text), float("shares" in text)] for text in texts])
    >>> model = TwoViewClassifier(encode, words=SoftNaiveBayes(min_df=1))
    >>> _ = model.fit(["a late goal", "shares fell", "goal"], [[1, 0], [0, 1], [0, 0]])
    >>> model.predict(["one more goal", "shares"]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        encode: Encoder,
        *,
        words: SoftNaiveBayes | None = None,
        sample_size: int = 4000,
        temperature: float = 5.0,
        doubt: float = 20.0,
        regularization: float = 2.0,
        seed: int = 0,
    ) -> None:
        self.encode = encode
        self.words = SoftNaiveBayes() if words is None else words
        self.sample_size = sample_size
        self.temperature = temperature
        self.doubt = doubt
        self.regularization = regularization
        self.seed = seed

    def fit(self, texts: Iterable[str], probabilities: npt.ArrayLike) -> Self:
        """Fit both views; parameters and errors are those of `SoftNaiveBayes.fit`.

        Raises
        ------
        WeakLabelsError
            If the encoder does not give each text an embedding of finite numbers, or `temperature` is not
            above 0.
        """
        if not self.temperature > 0:
            raise WeakLabelsError(
                f"temperature is {self.temperature}, and scores are divided by it: give more."
            )
        texts = as_texts(texts)
        self.words.fit(texts, probabilities)
        size = min(self.sample_size, len(texts))
        rows = np.random.default_rng(self.seed).choice(len(texts), size, replace=False)
        sample = [texts[row] for row in rows.tolist()]
        labels = self.words.predict(sample)
        self._seen = np.unique(labels)
        if len(self._seen) > 1:
            self._meaning = LogisticRegression(C=self.regularization, max_iter=500)
            self._meaning.fit(self._embeddings(sample), labels)
        return self

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """Probability of each class, shape (texts, classes).

        Raises
        ------
        NotFittedError, ValuesError
            As `SoftNaiveBayes.predict_log_proba`.
        WeakLabelsError
            As `fit`.
        """
        texts = as_texts(texts)
        words = self.words.predict_log_proba(texts)
        scores = words / self.temperature
        ranked = np.sort(words, axis=1)
        doubtful = np.flatnonzero(ranked[:, -1] - ranked[:, -2] < self.doubt)
        if len(self._seen) > 1 and len(doubtful):
            meaning = np.full((len(doubtful), scores.shape[1]), _UNSEEN)
            embeddings = self._embeddings([texts[row] for row in doubtful.tolist()])
            meaning[:, self._seen] = self._meaning.predict_log_proba(embeddings)
            scores[doubtful] += meaning
        return np.asarray(softmax(scores, axis=1))

    def predict(self, texts: Iterable[str]) -> npt.NDArray[np.intp]:
        """Most probable class of each text."""
        return np.asarray(self.predict_proba(texts).argmax(axis=1))

    def _embeddings(self, texts: Sequence[str]) -> Floats:
        # A copy, because what comes from Arrow or polars is read-only, which scikit-learn may not take.
        embeddings = np.array(self.encode(texts))
        if embeddings.ndim != 2 or len(embeddings) != len(texts):
            raise WeakLabelsError(
                f"The encoder gives {len(texts)} texts embeddings of the shape {embeddings.shape}: "
                "it must give each a row."
            )
        finite = np.isfinite(embeddings).all(axis=1)
        if not finite.all():
            raise WeakLabelsError(
                f"The encoder gives the text {texts[int(finite.argmin())]!r} an embedding that is not finite."
            )
        return embeddings


def _checked(texts: Sequence[str], probabilities: npt.ArrayLike) -> Floats:
    try:
        weights = np.asarray(probabilities, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ProbabilitiesError(
            f"The probabilities are no table of numbers: {error}. Give one row a text, one column a class, "
            "and zeros for an abstention."
        ) from error
    if weights.ndim != 2 or len(weights) != len(texts) or weights.shape[1] < 2:
        raise ProbabilitiesError(
            f"The probabilities have the shape {weights.shape}: give one row a text ({len(texts)}) and at "
            "least two columns, one a class."
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        row = int(np.flatnonzero(~np.isfinite(weights).all(axis=1) | (weights < 0).any(axis=1))[0])
        raise ProbabilitiesError(f"The probabilities of text {row} are {weights[row]}: none may be negative.")
    if not np.isfinite(weights.sum()):
        raise ProbabilitiesError(
            f"The probabilities are too large to add up: the largest is {weights.max()}."
        )
    if not weights.any():
        raise NoVotesError("No text has a label. Write rules that match these texts.")
    return weights
