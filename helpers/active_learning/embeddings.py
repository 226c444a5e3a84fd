"""Vectors of texts, computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.errors import ScoresError
from helpers.values import as_texts

Encode: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]


class Embeddings:
    """The vectors of a frozen encoder; a text that was seen before is not encoded again.

    Parameters
    ----------
    encode
        Turns n texts into an array of shape (n, dimensions), such as
        ``partial(helpers.data.encoder.encode, encoder)``.

    Examples
    --------
    >>> calls = []
    >>> def encode(texts):
    ...     calls.append(list(texts))
    ...     return np.array([[len(text), 1] for text in texts], dtype=np.float32)
    >>> embeddings = Embeddings(encode)
    >>> embeddings(["war", "peace", "war"]).tolist()
    [[3.0, 1.0], [5.0, 1.0], [3.0, 1.0]]
    >>> embeddings(["peace", "match"]).shape, calls
    ((2, 2), [['war', 'peace'], ['match']])

    Raises
    ------
    ScoresError
        By a call, if the encoder gives something else than a row of finite numbers a text; the message
        names a text.
    ValuesError
        By a call, if a text is none.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._kept: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, in the order of the texts."""
        texts = as_texts(texts)
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            vectors = self._vectors(new)
            wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
            if len(wrong):
                raise ScoresError(
                    f"The encoder's vector of the text {new[wrong[0]]!r:.200} has values that are no finite "
                    "numbers. Leave the text out, or take another encoder."
                )
            self._kept.update(zip(new, vectors, strict=True))
        if not texts:
            dimensions = len(next(iter(self._kept.values()), ()))
            return np.empty((0, dimensions), dtype=np.float32)
        return np.stack([self._kept[text] for text in texts])

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._encode(texts)
        try:
            vectors = np.asarray(encoded)
        except ValueError:  # rows of several lengths
            vectors = np.array(encoded, dtype=object)
        if vectors.ndim != 2 or len(vectors) != len(texts) or vectors.dtype.kind not in "fiu":
            raise ScoresError(
                f"The encoder gives for {len(texts)} texts, the first of which is {texts[0]!r:.200}, a "
                f"{type(encoded).__name__} of shape {vectors.shape} and type {vectors.dtype}. It must give "
                "each a row of as many numbers."
            )
        return vectors
