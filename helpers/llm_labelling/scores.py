"""How sure a model was of its label, from the log-probabilities of its tokens."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

# A JSON string that is the value of "label".
_LABEL = re.compile(r'"label"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)


def label_score(
    answer: str, label: str, logprobs: Sequence[Sequence[Mapping[str, Any]] | None] | None
) -> float | None:
    """Return the probability of the label's tokens, or None where the log-probabilities do not tell.

    Parameters
    ----------
    answer
        What the model answered, in JSON.
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
    best = []
    for place in (place for place in logprobs if place):
        if not all(math.isfinite(token["logprob"]) or token["logprob"] == -math.inf for token in place):
            return None
        best.append(max(place, key=lambda token: token["logprob"]))
    written = "".join(token["token"] for token in best)
    # As in JSON, the last one counts. The label may be escaped, as \u00e9 is for é.
    spans = [found.span(1) for found in _LABEL.finditer(written) if _read(found[1]) == label]
    if not spans or answer.strip() not in written:
        return None
    start, stop = spans[-1]
    total, end = 0.0, 0
    for token in best:
        begin, end = end, end + len(token["token"])
        # Without the quotation marks.
        if begin < stop - 1 and end > start + 1:
            total += token["logprob"]
    return min(1.0, math.exp(total))


def _read(string: str) -> str | None:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return None
