"""Vectors of texts, computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

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
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._kept: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, in the order of the texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            self._kept.update(zip(new, self._encode(new), strict=True))
        return np.stack([self._kept[text] for text in texts])
