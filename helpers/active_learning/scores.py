"""A learner's scores, checked before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.errors import ScoresError
from helpers.active_learning.learners import Learner


def scores_of(learner: Learner, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return a learner's scores of n texts, shape (n, labels), every one of them a number.

    The best of scores that are no numbers would be the first label.

    Raises
    ------
    ScoresError
        If the learner gives another shape, or a score that is not finite; the message names the text.
    """
    scores = np.asarray(learner.predict_proba(texts), dtype=np.float64)
    if scores.shape != (len(texts), len(learner.labels)):
        raise ScoresError(
            f"The learner gave scores of shape {scores.shape} for {len(texts)} texts and "
            f"{len(learner.labels)} labels: predict_proba returns a row a text and a column a label."
        )
    wrong = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if len(wrong):
        raise ScoresError(
            f"The learner gave {scores[wrong[0]].tolist()} as scores of the text {texts[wrong[0]]!r:.200}: "
            "predict_proba returns numbers. Look at what its encoder makes of this text."
        )
    return scores
