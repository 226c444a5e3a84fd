"""A language model shown a few examples a class against SetFit trained on them.

Both get the same draws of examples and are scored on the same texts, whose gold labels neither sees: only
`compare` reads them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.llm_labelling.errors import FewExamplesWarning, TooFewExamplesError
from helpers.llm_labelling.evaluation import as_series, evaluate
from helpers.llm_labelling.labeling import label_records
from helpers.llm_labelling.prompts import LabelingTask, example
from helpers.llm_labelling.setfit_models import STEPS, predict_labels, train_model
from helpers.values import as_list, as_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from helpers.llm_labelling.cached_llm import CachedLLM

SETFIT = "SetFit"
"""What the small model is called in tables; the labeller has the name of its model."""


@dataclass(frozen=True)
class Trial:
    """What one method did with one draw of examples.

    Attributes
    ----------
    method
        The language model's name, or `SETFIT`.
    size, draw
        How many examples a class, and which draw of them.
    predicted
        The label of each text, NaN where there is none. The index is that of the texts.
    n_timed, seconds
        How many texts were labeled, without those that came from the cache, and how long that took.
    training_s
        How long training took.
    input_tokens, output_tokens
        What a language model was asked and answered.
    """

    method: str
    size: int
    draw: int
    predicted: pd.Series[str]
    n_timed: int
    seconds: float
    training_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True)
class Experiment:
    """What both methods are given.

    Attributes
    ----------
    llm
        What :func:`~helpers.llm_labelling.backends.load_llm` returned.
    encoder
        What SetFit starts from.
    task
        The question.
    pool
        Texts to draw examples from: columns ``text`` and ``label``. Those that are scored too are left out.
    texts
        The texts that are scored, without gold; the index of a Series holds their ids, each once.
    steps
        Batches of pairs that SetFit tunes the encoder with.
    seed
        Decides the draws.

    Raises
    ------
    ValuesError
        An id of the texts is there twice, or one of the texts is none.
    """

    llm: CachedLLM
    encoder: SentenceTransformer
    task: LabelingTask
    pool: pd.DataFrame
    texts: pd.Series[str]
    steps: int = STEPS
    seed: int = 0

    def __post_init__(self) -> None:
        texts = as_series(self.texts, "texts")
        object.__setattr__(self, "texts", pd.Series(as_texts(texts), texts.index, dtype=object))

    def examples(self, size: int, draw: int) -> pd.DataFrame:
        """Draw examples at random, as many of each label; fewer examples of one draw are among its more.

        A label of which there are fewer gives all it has.

        Raises
        ------
        TooFewExamplesError
            The pool holds fewer of each label.
        """
        by_label = self._rows_by_label()
        if size > max(map(len, by_label.values())):
            raise TooFewExamplesError(_say_few(by_label, size))
        generator = np.random.default_rng([self.seed, draw])
        drawn = [generator.permutation(own)[:size].tolist() for own in by_label.values()]
        # One of each label, then the next of each.
        rows = [row for each in zip_longest(*drawn) for row in each if row is not None]
        index = self.pool.index[rows] if isinstance(self.pool, pd.DataFrame) else rows
        texts, labels = as_texts(self.pool["text"]), as_list(self.pool["label"])
        chosen = {"text": [texts[row] for row in rows], "label": [labels[row] for row in rows]}
        return pd.DataFrame(chosen, index=index)

    def _rows_by_label(self) -> dict[str, NDArray[np.intp]]:
        """Return the rows of the pool that can be examples."""
        texts, labels, scored = as_texts(self.pool["text"]), as_list(self.pool["label"]), set(self.texts)
        free = [row for row, text in enumerate(texts) if text not in scored]
        return {
            label: np.array([row for row in free if labels[row] == label], np.intp)
            for label in self.task.labels
        }

    def ask(self, size: int, draw: int) -> Trial:
        """Show the language model examples, and ask it for the label of each text.

        Raises
        ------
        LlmRefusedError
            The endpoint refuses every request.
        TooFewExamplesError
            The pool holds fewer of each label.
        """
        drawn = self.examples(size, draw)
        field, question = self.task.field, self.task.question
        done = label_records(
            self.llm,
            [{"id": str(name), "fields": {field: text}} for name, text in self.texts.items()],
            self.task,
            examples=[
                example(text, label, field=field, question=question)
                for text, label in zip(drawn["text"], drawn["label"], strict=True)
            ],
        )
        labels = done.suggestions["label"].reindex(self.texts.index.astype(str))
        return Trial(
            method=done.agent,
            size=size,
            draw=draw,
            predicted=labels.set_axis(self.texts.index),
            n_timed=done.n_asked,
            seconds=done.seconds,
            input_tokens=done.input_tokens,
            output_tokens=done.output_tokens,
        )

    def train(self, size: int, draw: int) -> Trial:
        """Train SetFit on examples, and let it label each text.

        Raises
        ------
        TooFewExamplesError
            The pool holds fewer of each label.
        """
        drawn = self.examples(size, draw)
        start = time.perf_counter()
        model = train_model(
            self.encoder,
            self.task.labels,
            drawn["text"].tolist(),
            drawn["label"].tolist(),
            steps=self.steps,
            seed=draw,
        )
        trained = time.perf_counter()
        predicted = predict_labels(model, self.texts)
        seconds = time.perf_counter() - trained
        return Trial(SETFIT, size, draw, predicted, len(self.texts), seconds, trained - start)

    def run(self, sizes: Sequence[int], draws: int) -> list[Trial]:
        """Let both methods try with each number of examples; without examples there is one draw only.

        Sizes are left out that no label has examples enough for.

        Raises
        ------
        LlmRefusedError
            The endpoint refuses every request.
        TooFewExamplesError
            That is so for all sizes.

        Warns
        -----
        FewExamplesWarning
            If the pool holds fewer examples of a label than one of the sizes.
        """
        by_label = self._rows_by_label()
        most = max(map(len, by_label.values()))
        possible = [size for size in sizes if size <= most]
        if not possible:
            raise TooFewExamplesError(_say_few(by_label, min(sizes)))
        if any(len(own) < max(sizes) for own in by_label.values()):
            left_out = [str(size) for size in sizes if size > most]
            warnings.warn(
                f"{_say_few(by_label, max(sizes))} Meanwhile each label gives what it has"
                + (f", and nothing is compared with {' or '.join(left_out)}." if left_out else "."),
                FewExamplesWarning,
                stacklevel=2,
            )
        return [
            attempt(size, draw)
            for size in possible
            for draw in range(draws if size else 1)
            for attempt in (self.ask, self.train)
        ]


def _say_few(by_label: Mapping[str, Sized], size: int) -> str:
    """Say in words which labels have fewer examples than are asked for."""
    few = ", ".join(f"{label!r} has {len(own)}" for label, own in by_label.items() if len(own) < size)
    return (
        f"The pool, without the texts that are scored, lacks examples: {few} of {size}. Review more records, "
        "or ask for fewer examples."
    )


def compare(
    trials: Sequence[Trial],
    gold: pd.Series[str],
    labels: Sequence[str],
    prices: tuple[float, float] = (0.0, 0.0),
) -> pd.DataFrame:
    """Score trials, over all draws.

    Parameters
    ----------
    trials
        Of any methods and sizes.
    gold
        The label of each text.
    labels
        The schema.
    prices
        What a million tokens cost the language model's user, asked and answered.

    Returns
    -------
    pandas.DataFrame
        One row a method and size (the index): ``accuracy`` and ``macro_f1``, each with its interval of 95 %
        (``..._low``, ``..._high``); ``seconds_per_1000`` texts and ``cost_per_1000`` (NaN where all came from
        the cache); ``training_s``.
    """
    rows = {}
    for method, size in dict.fromkeys((trial.method, trial.size) for trial in trials):
        own = [trial for trial in trials if (trial.method, trial.size) == (method, size)]
        row: dict[str, float] = {}
        quality = evaluate(gold, [trial.predicted for trial in own], labels)
        for name, estimated in quality._asdict().items():
            row |= {name: estimated.mean, f"{name}_low": estimated.low, f"{name}_high": estimated.high}
        thousands = sum(trial.n_timed for trial in own) / 1000 or np.nan
        cost = sum(trial.input_tokens * prices[0] + trial.output_tokens * prices[1] for trial in own) / 1e6
        row["seconds_per_1000"] = sum(trial.seconds for trial in own) / thousands
        row["cost_per_1000"] = cost / thousands
        row["training_s"] = sum(trial.training_s for trial in own) / len(own)
        rows[method, size] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["method", "examples a class"])
    return table


def at(table: pd.DataFrame, method: str, metric: str) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return a metric's mean and its interval by number of examples, as metrics are recorded.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("SetFit", 0), ("SetFit", 6)])
    >>> values = {"accuracy": [0.5, 0.75], "accuracy_low": [0.25, 0.5], "accuracy_high": [0.75, 1.0]}
    >>> at(pd.DataFrame(values, index=index), "SetFit", "accuracy")
    ({'0': 0.5, '6': 0.75}, {'0': [0.25, 0.75], '6': [0.5, 1.0]})
    """
    rows = table.loc[method]
    means = {str(size): float(value) for size, value in rows[metric].items()}
    bounds = rows[[f"{metric}_low", f"{metric}_high"]]
    return means, {str(size): [float(low), float(high)] for size, low, high in bounds.itertuples()}
