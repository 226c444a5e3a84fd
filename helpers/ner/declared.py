"""The declared sample: the only gold training sentences that the labeling functions may have been fitted to.

Drawn once with ``sorted(random.Random(0).sample(range(14041), 200))`` from the training split of CoNLL-2003.
"""

import random
from collections.abc import Sequence

from spacy.tokens import Doc, Span

N_TRAINING_SENTENCES = 14_041
DECLARED_ROWS: tuple[int, ...] = (
    18, 230, 265, 437, 540, 633, 663, 741, 1018, 1020, 1031, 1131, 1208, 1212, 1314, 1318, 1349, 1471, 1494,
    1501, 1528, 1553, 1618, 1648, 1649, 1786, 1889, 1919, 2038, 2044, 2133, 2281, 2289, 2334, 2397, 2407,
    2450, 2793, 3012, 3059, 3088, 3102, 3119, 3130, 3329, 3350, 3525, 3578, 3584, 3612, 3632, 3858, 3909,
    3966, 3981, 3996, 4104, 4242, 4260, 4267, 4440, 4509, 4515, 4617, 4712, 4756, 4769, 4938, 4969, 5081,
    5180, 5194, 5243, 5313, 5328, 5409, 5448, 5451, 5458, 5493, 5796, 5855, 5866, 6095, 6306, 6311, 6410,
    6534, 6634, 6871, 6890, 6981, 7113, 7253, 7290, 7339, 7382, 7735, 7807, 7808, 7815, 7961, 7969, 8016,
    8071, 8086, 8268, 8322, 8376, 8541, 8549, 8594, 8725, 8752, 8852, 8857, 8896, 8965, 8969, 8989, 9031,
    9052, 9171, 9298, 9402, 9431, 9497, 9558, 9618, 9627, 9663, 9769, 9861, 9865, 9882, 9934, 10008, 10025,
    10039, 10131, 10244, 10324, 10390, 10403, 10492, 10505, 10758, 10817, 10947, 11120, 11132, 11150, 11198,
    11206, 11430, 11457, 11472, 11528, 11553, 11555, 11556, 11576, 11636, 11791, 11957, 11964, 11984, 12383,
    12412, 12418, 12830, 12841, 12862, 12997, 13018, 13073, 13097, 13159, 13162, 13189, 13274, 13297, 13344,
    13367, 13387, 13458, 13514, 13521, 13566, 13588, 13596, 13600, 13727, 13764, 13802, 13835, 13845, 13917,
    13934, 14013,
)  # fmt: skip
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
