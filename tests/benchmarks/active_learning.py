"""Active learning against labels at random, with both learners, on AG News.

Texts are chosen with the frozen encoder, by the learner without self-training.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import numpy as np
from cells import Cells
from scored import at_most

from helpers.active_learning import (
    ClassyLearner,
    Embeddings,
    Learner,
    SetFitLearner,
    TwoViewLearner,
    accuracy,
    choose_offline,
    estimate,
)
from helpers.data.ag_news import load_ag_news, load_ag_news_gold
from helpers.data.encoder import encode, load_encoder
from helpers.data.sources import Source

SEEDS = range(5)
POOL = 10_000
"""Training texts to choose from; the learner knows them without labels."""
BUDGET = 100
SIZES = {
    "classy": (20, 32, 60, 100),
    "classy and words": (20, 32, 60, 100),
    "classy without self-training": (20, 32, 60, 100),
    "SetFit": (32, 100),
}
SETFIT_SCORED = 2000
"""Test texts that SetFit is scored on, the labels in equal parts."""
SETFIT_STEPS = 40
SETFIT_UNLABELED = 1500
"""Of the texts to choose from; after each training all have to be encoded anew."""


def run(cells: Cells, source: Source) -> None:
    """Measure one cell a way to choose, learner, number of labels and seed, then the means."""
    corpus, gold = load_ag_news(source), load_ag_news_gold(source)
    tests = dict.fromkeys(SIZES, corpus.test) | {"SetFit": at_most(corpus.test, SETFIT_SCORED)}
    encoder = cache(partial(load_encoder, source))
    embeddings = Embeddings(lambda texts: encode(encoder(), texts))
    pool = corpus.train.sample(min(POOL, len(corpus.train)), random_state=0).assign(label=gold)
    texts, labels = pool["text"].tolist(), pool["label"].tolist()

    def choose_at_random(seed: int) -> list[int]:
        return np.random.default_rng(seed).permutation(len(pool))[:BUDGET].tolist()

    def choose_actively(seed: int) -> list[int]:
        learner = ClassyLearner(embeddings, corpus.labels, seed=seed)
        return choose_offline(texts, labels, learner, embeddings, budget=BUDGET, seed=seed)

    def classy(seed: int) -> ClassyLearner:
        return ClassyLearner(embeddings, corpus.labels, unlabeled=texts, seed=seed)

    learners: dict[str, Callable[[int], Learner]] = {
        "classy": classy,
        "classy and words": lambda seed: TwoViewLearner(classy(seed), texts),
        "classy without self-training": lambda seed: ClassyLearner(embeddings, corpus.labels, seed=seed),
        "SetFit": lambda seed: SetFitLearner(
            encoder(), corpus.labels, steps=SETFIT_STEPS, unlabeled=texts[:SETFIT_UNLABELED], seed=seed
        ),
    }

    def learn(learner: str, chosen: list[int], seed: int) -> float:
        known = pool.iloc[chosen]
        fitted = learners[learner](seed).fit(known["text"].tolist(), known["label"].tolist())
        return accuracy(fitted, tests[learner])

    ways = {"active": choose_actively, "random": choose_at_random}
    chosen = {
        (way, seed): cells.measure(f"{way}: texts chosen, seed {seed}", partial(choose, seed))
        for way, choose in ways.items()
        for seed in SEEDS
    }
    for learner, sizes in SIZES.items():
        for way, size in product(ways, sizes):
            name = f"{way}, {learner}, {size} labels"
            values = [
                cells.measure(f"{name}, seed {seed}", partial(learn, learner, chosen[way, seed][:size], seed))
                for seed in SEEDS
            ]
            cells.measure(name, lambda values=values: estimate(values)._asdict())
