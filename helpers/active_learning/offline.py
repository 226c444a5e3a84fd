"""The loop without a server: which records would be asked about, were all answers known at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.active_learning.embeddings import Embeddings
from helpers.active_learning.errors import SettingError
from helpers.active_learning.examples import is_enough
from helpers.active_learning.learners import Learner
from helpers.active_learning.scores import scores_of
from helpers.active_learning.strategies import Pool, Strategy, clusters, mixed
from helpers.errors import ValuesError
from helpers.values import as_list, as_texts


def choose_offline(
    texts: Sequence[str],
    labels: Sequence[str],
    learner: Learner,
    embeddings: Embeddings,
    *,
    budget: int,
    strategy: Strategy = mixed,
    start: Strategy = clusters,
    start_size: int = 20,
    least_per_label: int = 2,
    batch_size: int = 5,
    seed: int = 0,
) -> list[int]:
    """Choose texts as `ActiveLearning` does when nothing is accepted without a person.

    It takes seconds instead of minutes, which learning curves over many draws need.

    Parameters
    ----------
    texts
        n texts.
    labels
        Their labels; only those of chosen texts are read.
    learner, embeddings, strategy, start, start_size, least_per_label, batch_size, seed
        As for `ActiveLearning`.
    budget
        How many texts to choose.

    Returns
    -------
    list of int
        Positions, in the order in which they are asked about.

    Raises
    ------
    SettingError
        If a batch would be empty.
    ValuesError
        If there is not one label a text, or a text is none.
    UnknownLabelError
        If the label of a chosen text is not one of the learner's.
    """
    if min(start_size, batch_size) < 1:
        raise SettingError(f"A batch of {min(start_size, batch_size)} texts: choose one at least.")
    texts, labels = as_texts(texts), as_list(labels, "labels")
    if len(texts) != len(labels):
        raise ValuesError(f"There are {len(texts)} texts and {len(labels)} labels. Give one label a text.")
    vectors = embeddings(texts)
    chosen: list[int] = []
    answers: dict[int, str] = {}
    batch = 0
    while len(chosen) < min(budget, len(texts)):
        known = sorted(answers)
        given = [answers[position] for position in known]
        scores = None
        if is_enough(given, learner.labels, least_per_label, start_size):
            learner.fit([texts[position] for position in known], given)
            scores = scores_of(learner, texts)
        rest = np.setdiff1d(np.arange(len(texts)), chosen)
        pool = Pool(vectors[rest], vectors[chosen], None if scores is None else scores[rest])
        size = min(batch_size if batch else start_size, budget - len(chosen))
        choose = start if scores is None else strategy
        new = rest[choose(pool, size, np.random.default_rng([seed, batch]))].tolist()
        chosen += new
        answers |= {position: labels[position] for position in new}
        batch += 1
    return chosen
