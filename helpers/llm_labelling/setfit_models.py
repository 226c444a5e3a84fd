"""Small models of their own: SetFit on label names and reviewed records, to be saved, served and pushed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.data.encoder import encode, load_encoder
from helpers.data.hub import push
from helpers.data.sources import Source
from helpers.errors import ValuesError
from helpers.llm_labelling.errors import SavedModelError, UnknownLabelError
from helpers.setfit_training import name_examples, train_setfit
from helpers.values import as_list, as_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel

ENCODER = "TaylorAI/bge-micro-v2"
"""A small encoder: 3 layers, where MiniLM has 6."""

STEPS = 20
"""Batches of 16 pairs to tune with, whatever the number of examples."""

LEARNING_RATE = 5e-5
"""Higher than SetFit's own, because the steps are few."""

NAME_SENTENCES = 4
"""How many examples a label's name counts for."""

MAX_TOKENS = 64
"""Where texts are cut while the encoder is tuned: a step takes as long as its longest text."""


def load_small_encoder(source: Source) -> SentenceTransformer:
    """Load `ENCODER` where the Hub may be used, else the packaged MiniLM; print which.

    Raises
    ------
    EncoderError, HubLoadError
        As :func:`helpers.data.encoder.load_encoder`.
    """
    return load_encoder(source, ENCODER)


def train_model(
    encoder: SentenceTransformer,
    schema: Sequence[str],
    texts: Sequence[str] = (),
    labels: Sequence[str] = (),
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> SetFitModel:
    """Train SetFit on the labels' names and on examples, if there are any.

    Without examples that is SetFit's zero-shot recipe: each name in "This sentence is ...", a few times. The
    sentences stay when there are examples, because a handful of those says less than the names: with 6 a
    class on the frozen encoder and held-out training texts, accuracy rises from 0.58 to 0.62 on laptop
    reviews and from 0.71 to 0.77 on AG News.

    Parameters
    ----------
    encoder
        The encoder to start from; it stays as it is.
    schema
        All labels.
    texts, labels
        n examples and their labels.
    steps
        Batches of pairs to tune with.
    seed
        Decides the order of the pairs.

    Raises
    ------
    UnknownLabelError
        A label is not in the schema.
    ValuesError
        A text is missing or no text, or there is not one label a text.
    """
    schema, texts, labels = as_texts(schema, "labels"), as_texts(texts), as_list(labels, "labels")
    for label in labels:
        if label not in schema:
            raise UnknownLabelError(f"The label {label!r} is not one of {schema}.")
    sentences, names = name_examples(schema, NAME_SENTENCES)
    return train_setfit(
        encoder,
        [*sentences, *texts],
        [*names, *labels],
        steps=steps,
        learning_rate=LEARNING_RATE,
        max_tokens=MAX_TOKENS,
        seed=seed,
    )


def predict_labels(model: SetFitModel, texts: Sequence[str] | pd.Series[str]) -> pd.Series[str]:
    """Return the label of each text, with the index of the texts where they are a Series of pandas."""
    index = texts.index if isinstance(texts, pd.Series) else None
    labels = _predict(model.model_head, encode(model.model_body, texts))
    return pd.Series(labels, index, name="label", dtype=object)


class ServedModel:
    """A saved SetFit model without SetFit: the encoder, and the head as a joblib file.

    ``model.save_pretrained(folder)`` writes a Sentence Transformers folder with ``model_head.pkl`` in it, so
    Sentence Transformers and scikit-learn are all that a service needs. SetFit's own ONNX export
    (`setfit.exporters.onnx`) is not used: it needs onnx and skl2onnx, and, tried with version 1.2.0, leaves
    out the step that brings vectors to length 1, so that its scores are others (0.73 where the model
    says 0.53). A joblib file is a pickle: load only what you trust.

    Parameters
    ----------
    folder
        What ``save_pretrained`` has written.

    Raises
    ------
    SavedModelError
        The folder holds no such model.
    """

    def __init__(self, folder: str | Path) -> None:
        import joblib  # type: ignore[import-untyped]
        from sentence_transformers import SentenceTransformer

        head = Path(folder) / "model_head.pkl"
        if not head.is_file():
            raise SavedModelError(f"{head} is missing: model.save_pretrained(folder) writes it.")
        self._encoder = SentenceTransformer(str(folder))
        self._head: Any = joblib.load(head)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the label of each text."""
        return _predict(self._head, encode(self._encoder, texts))


def _predict(head: Any, vectors: NDArray[np.float32]) -> list[str]:
    return [str(label) for label in head.predict(vectors)] if len(vectors) else []


def ms_per_text(predict: Callable[[list[str]], Any], texts: Sequence[str]) -> float:
    """Return how many milliseconds one text takes on one core: the median, each text asked alone.

    Parameters
    ----------
    predict
        Takes a list of texts.
    texts
        Texts of usual length.

    Raises
    ------
    ValuesError
        There is no text.
    """
    import torch

    texts = as_texts(texts)
    if not texts:
        raise ValuesError("There is no text to measure with.")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        predict([texts[0]])
        taken = []
        for text in texts:
            start = time.perf_counter()
            predict([text])
            taken.append(1000 * (time.perf_counter() - start))
    finally:
        torch.set_num_threads(threads)
    return statistics.median(taken)


def push_model(model: SetFitModel, name: str, source: Source, private: bool = True) -> str | None:
    """Push a model to the Hub and return its address, or print why not and return None.

    Parameters
    ----------
    model
        The model.
    name
        ``"name"`` for your own account, or ``"owner/name"``; empty for no push.
    source
        What :func:`~helpers.data.sources.choose_source` returned.
    private
        Whether a repository that is new is visible to its owner only.

    Raises
    ------
    HubPushError
        The Hub refuses, for one because the token may not write.
    """

    def upload(full_name: str) -> None:
        model.push_to_hub(full_name, private=private)

    return push(upload, "the model", name, source, "model")
