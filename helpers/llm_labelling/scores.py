"""How sure a model was of its label, from the log-probabilities of its tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def label_score(
    answer: str, label: str, logprobs: Sequence[Sequence[Mapping[str, Any]] | None] | None
) -> float | None:
    """Return the probability of the label's tokens, or None where the log-probabilities do not tell.

    Parameters
    ----------
    answer
        What the model answered.
    label
        The label in it.
    logprobs
        For each place in the answer, tokens that could stand there, each with ``token`` and ``logprob``. At
        temperature 0 the model took the most probable one; where these do not add up to the answer, there
        is no score.

    Examples
    --------
    >>> places = [[{"token": '{"label":"', "logprob": 0.0}],
    ...           [{"token": "pos", "logprob": math.log(0.8)}, {"token": "neg", "logprob": math.log(0.2)}],
    ...           [{"token": 'itive"}', "logprob": math.log(0.5)}]]
    >>> round(label_score('{"label":"positive"}', "positive", places), 3)
    0.4
    """
    if not logprobs or not all(logprobs):
        return None
    best = [max(place, key=lambda token: token["logprob"]) for place in logprobs if place]
    written = "".join(token["token"] for token in best)
    start = written.rfind(label)
    if start < 0 or answer.strip() not in written:
        return None
    total, end = 0.0, 0
    for token in best:
        begin, end = end, end + len(token["token"])
        if begin < start + len(label) and end > start:
            total += token["logprob"]
    return None if math.isnan(total) else min(1.0, math.exp(total))
