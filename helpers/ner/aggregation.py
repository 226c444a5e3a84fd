"""One annotation from many functions: skweak's majority voter and hidden Markov model."""

import contextlib
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
from skweak.generative import HMM
from skweak.voting import SequentialMajorityVoter
from spacy.tokens import Doc
from tqdm.auto import tqdm

from helpers.ner.errors import NoAnnotationError

MAX_FIT = 4000
"""The hidden Markov model has few parameters: it is fitted on at most this many annotated documents."""


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
            votes["silence"] = np.where(votes.max(axis=1) > 0, -1, 0)
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
        The schema.
    fit_on
        Documents to fit the hidden Markov model on, annotated by the same functions; by default `docs`.

    Raises
    ------
    NoAnnotationError
        No function has annotated any document to fit on.

    References
    ----------
    P. Lison, J. Barnes, A. Hubin, S. Touileb. Named Entity Recognition without Labelled Data: A Weak
    Supervision Approach. ACL 2020.
    """
    annotated = [
        doc for doc in (docs if fit_on is None else fit_on) if any(doc.spans.get(s) for s in sources)
    ]
    if not annotated:
        raise NoAnnotationError(
            f"None of the {len(sources)} labeling functions has annotated any document: there is nothing to"
            " aggregate. Add a function that fires."
        )
    weights = {name: float(name in sources) for doc in (*annotated, *docs) for name in doc.spans}
    majority = SequentialMajorityVoter("majority", list(labels), initial_weights=weights)
    hmm = QuietHMM("hmm", list(labels), initial_weights=weights)
    # Evenly spread, so that every part of the corpus has its say.
    step = -(-len(annotated) // MAX_FIT)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        hmm.fit(annotated[::step])
    # A function that never fired there has no emission probabilities: it cannot have a say.
    hmm.initial_weights = {name: float(name in hmm.emit_counts) for name in {*weights, *hmm.emit_counts}}
    for doc in tqdm(docs, desc="Aggregating", unit=" docs", delay=3):
        majority(doc)
        hmm(doc)
