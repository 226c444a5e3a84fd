"""A labeller shown 0 to 6 examples a class against SetFit trained on them; raw suggestions against reviewed.

On two quiet cores: 2 x 31 trainings of 20 steps (about 20 s each on news, 11 s on reviews), 31 times 2,000
news texts to encode at 100 texts a second, the same for 780 review sentences, and 12 more of both for the
raw suggestions: about 37 minutes.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from cells import Cells
from scored import at_most

from helpers.data.ag_news import load_ag_news, load_ag_news_gold
from helpers.data.classification import TextCorpus
from helpers.data.encoder import load_encoder
from helpers.data.reviews import load_reviews, load_reviews_gold
from helpers.data.sources import Source
from helpers.llm_labelling import (
    SETFIT,
    Experiment,
    LabelingTask,
    Trial,
    compare,
    label_records,
    load_llm,
    load_small_encoder,
    predict_labels,
    train_model,
)
from helpers.llm_labelling.emotion import GUIDELINES

DRAWS = 5
SIZES = range(7)
SCORED = 2000
REVIEWED = 60
"""Texts whose suggestions are taken as they are, or reviewed."""
REVIEWED_DRAWS = 3


@dataclass(frozen=True)
class Corpus:
    """One of the two corpora."""

    name: str
    load: Callable[[Source], TextCorpus]
    load_gold: Callable[[Source], "pd.Series[str]"]
    guidelines: str | None


CORPORA = (
    Corpus("reviews", load_reviews, load_reviews_gold, GUIDELINES),
    Corpus("AG News", load_ag_news, load_ag_news_gold, None),
)


def run(cells: Cells, source: Source) -> None:
    """Measure one cell a method, number of examples and draw, then the tables of both corpora."""
    llm = load_llm("offline", encoder=load_encoder(source))
    encoder = load_small_encoder(source)
    for corpus in CORPORA:
        data = corpus.load(source)
        scored = at_most(data.test, SCORED)
        experiment = Experiment(
            llm,
            encoder,
            LabelingTask(data.labels, corpus.guidelines),
            data.train.assign(label=corpus.load_gold(source)),
            scored["text"],
        )
        trials = [
            _saved(cells, corpus.name, attempt, method, experiment, size, draw)
            for size in SIZES
            for draw in range(DRAWS if size else 1)
            for method, attempt in (("labeller", experiment.ask), (SETFIT, experiment.train))
        ]
        table = compare(trials, scored["label"], data.labels).round(4)
        for method in table.index.unique(level="method"):
            cells.measure(f"{corpus.name} | {method}", lambda rows=table.loc[method]: rows.to_dict("index"))
        for draw in range(REVIEWED_DRAWS):
            cells.measure(
                f"{corpus.name} | {REVIEWED} suggestions, draw {draw}",
                lambda draw=draw, experiment=experiment, gold=scored["label"]: _raw_and_reviewed(
                    experiment, gold, draw
                ),
            )


def _saved(
    cells: Cells,
    corpus: str,
    attempt: Callable[[int, int], Trial],
    method: str,
    experiment: Experiment,
    size: int,
    draw: int,
) -> Trial:
    labels = experiment.task.labels

    def measure() -> dict[str, Any]:
        trial = attempt(size, draw)
        codes = trial.predicted.map(lambda label: str(labels.index(label)), na_action="ignore")
        return asdict(trial) | {"predicted": "".join(codes.fillna("-"))}

    cell = cells.measure(f"{corpus} | {method}, {size} a class, draw {draw}", measure)
    names = [None if code == "-" else labels[int(code)] for code in cell["predicted"]]
    return Trial(**cell | {"predicted": pd.Series(names, experiment.texts.index)})


def _raw_and_reviewed(experiment: Experiment, gold: "pd.Series[str]", draw: int) -> dict[str, float]:
    """Train on what the labeller suggests without examples, and on the same texts' gold labels."""
    labels = experiment.task.labels
    drawn = experiment.pool.sample(REVIEWED, random_state=draw)
    records = [{"id": name, "fields": {"text": text}} for name, text in drawn["text"].items()]
    raw = label_records(experiment.llm, records, experiment.task).suggestions["label"]
    measured = {"suggestion_accuracy": float((raw.reindex(drawn.index) == drawn["label"]).mean())}
    for name, answers in (("raw", raw), ("reviewed", drawn["label"])):
        model = train_model(
            experiment.encoder, labels, drawn["text"][answers.index].tolist(), answers.tolist(), seed=draw
        )
        trial = Trial(SETFIT, 0, draw, predict_labels(model, experiment.texts), 0, 0.0)
        row = compare([trial], gold, labels).iloc[0]
        measured |= {f"{name}_accuracy": row["accuracy"], f"{name}_macro_f1": row["macro_f1"]}
    return {name: round(value, 4) for name, value in measured.items()}
