"""The declared sample: the only gold training sentences that the labeling functions may have been fitted to.

Drawn once with ``sorted(random.Random(0).sample(range(14041), 200))`` from the training split of CoNLL-2003.
"""

import random

N_TRAINING_SENTENCES = 14_041
DECLARED_ROWS: tuple[int, ...] = tuple(sorted(random.Random(0).sample(range(N_TRAINING_SENTENCES), 200)))
"""Positions in the training split, from 0."""


def declared_rows(n_sentences: int) -> tuple[int, ...]:
    """Return the positions of the declared sample in a training split of `n_sentences`.

    Another corpus than CoNLL-2003, such as the bundled one, has a sample of its own, drawn in the same way:
    200 sentences, or a quarter of them where that is less.

    Examples
    --------
    >>> len(declared_rows(14_041)), len(declared_rows(520))
    (200, 130)
    """
    if n_sentences == N_TRAINING_SENTENCES:
        return DECLARED_ROWS
    return tuple(sorted(random.Random(0).sample(range(n_sentences), min(200, n_sentences // 4))))
