"""The declared sample: the only gold training sentences that the labeling functions may have been fitted to.

Drawn once with ``sorted(random.Random(0).sample(range(14041), 200))`` from the training split of CoNLL-2003.
"""

import random
from collections.abc import Sequence

from spacy.tokens import Doc, Span

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


def declared_sample(docs: Sequence[Doc], gold: Sequence[Doc]) -> list[Doc]:
    """Return the declared sample: copies of its documents with all their spans, and gold as ``ents``.

    Parameters
    ----------
    docs
        The training documents, annotated by functions.
    gold
        The same documents with gold entities; those outside the sample are not looked at.
    """
    sample = []
    for row in declared_rows(len(docs)):
        copy = Doc(docs[row].vocab, words=[token.text for token in docs[row]])
        for name, spans in docs[row].spans.items():
            copy.spans[name] = [Span(copy, span.start, span.end, span.label_) for span in spans]
        ents = [Span(copy, ent.start, ent.end, ent.label_) for ent in gold[row].ents]
        copy.set_ents(ents, default="outside")
        sample.append(copy)
    return sample
