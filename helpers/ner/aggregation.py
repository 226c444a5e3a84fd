"""One annotation from many functions: skweak's majority voter and hidden Markov model."""

import contextlib
import io
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from skweak.aggregation import SequenceAggregatorMixin
from skweak.generative import HMM
from skweak.voting import SequentialMajorityVoter
from spacy.tokens import Doc
from tqdm.auto import tqdm

from helpers.ner.errors import NoAnnotationError, NoStateError
from helpers.ner.spans import entity_labels

MAX_FIT = 4000
"""The hidden Markov model has few parameters: it is fitted on at most this many annotated documents."""


# The column of a function's votes has its name, which may be any other.
_SILENCE = "\0silence"

_Aggregator = TypeVar("_Aggregator", bound=SequenceAggregatorMixin)


class QuietHMM(HMM):  # type: ignore[misc]
    """skweak's hidden Markov model, with silence that is no vote.

    In skweak, a function that fires anywhere in a document votes "outside" on all its other tokens. Functions
    that know one kind of line, or that leave a name to others, mean nothing by their silence; so here it
    counts only where all are silent.
    """

    def get_observation_df(self, doc: Doc) -> pd.DataFrame:
        """Return the votes: a row a token, a column a function, and one more for the silence of all."""
        votes = super().get_observation_df(doc)
        if votes.shape[1]:
            votes = votes.mask(votes == 0, -1)
            votes[_SILENCE] = np.where(votes.max(axis=1) > 0, -1, 0)
        return votes


def aggregate(
    docs: Sequence[Doc],
    sources: Sequence[str],
    labels: Sequence[str],
    *,
    fit_on: Sequence[Doc] | None = None,
) -> None:
    """Aggregate the functions' spans into ``doc.spans["majority"]`` and ``doc.spans["hmm"]``.

    Parameters
    ----------
    docs
        Annotated documents, which are changed. One that no function has annotated gets empty aggregations.
    sources
        The functions to aggregate; others that have annotated the documents are left out.
    labels
        The schema: any texts, also such as ``"B-PER"``.
    fit_on
        Documents to fit the hidden Markov model on, annotated by the same functions; by default `docs`.

    Raises
    ------
    NoAnnotationError
        No function has annotated any document to fit on.
    UnknownEntityLabelError
        A label of the schema is no text, or blank.
    NoStateError
        The hidden Markov model has no label for a token.

    References
    ----------
    P. Lison, J. Barnes, A. Hubin, S. Touileb. Named Entity Recognition without Labelled Data: A Weak
    Supervision Approach. ACL 2020.
    """
    docs, sources, labels = list(docs), list(sources), entity_labels(labels)
    annotated = [
        doc for doc in (docs if fit_on is None else fit_on) if any(doc.spans.get(s) for s in sources)
    ]
    if not annotated:
        raise NoAnnotationError(
            f"None of the {len(sources)} labeling functions has annotated any document: there is nothing to"
            " aggregate. Add a function that fires."
        )
    weights = {name: float(name in sources) for doc in (*annotated, *docs) for name in doc.spans}
    majority = _labeled(SequentialMajorityVoter("majority", ["any"], initial_weights=weights), labels)
    hmm = _labeled(QuietHMM("hmm", ["any"], initial_weights=weights), labels)
    # Evenly spread, so that every part of the corpus has its say.
    step = -(-len(annotated) // MAX_FIT)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            hmm.fit(annotated[::step])
        except RuntimeError as error:
            raise NoStateError(
                f"The hidden Markov model cannot be fitted on {len(annotated)} annotated documents: {error}."
            ) from error
    # A function that never fired there has no emission probabilities: it cannot have a say.
    hmm.initial_weights = {name: float(name in hmm.emit_counts) for name in {*weights, *hmm.emit_counts}}
    for index, doc in enumerate(tqdm(docs, desc="Aggregating", unit=" docs", delay=3)):
        majority(doc)
        try:
            hmm(doc)
        except RuntimeError as error:
            raise NoStateError(
                f"The hidden Markov model cannot label document {index}, {doc.text!r}: {error}."
            ) from error


def _labeled(aggregator: _Aggregator, labels: Sequence[str]) -> _Aggregator:
    """Give an aggregator its labels, of which skweak's constructor refuses such as "B-PER"."""
    aggregator.out_labels = ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]
    aggregator.observed_labels = list(aggregator.out_labels)
    return aggregator
