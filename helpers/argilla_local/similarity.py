"""Vectors of records, and how similar they are to another one. Runs in the server's environment."""

from __future__ import annotations

import array
import math
from collections.abc import Iterable, Sequence
from itertools import islice

# So many vectors are compared at once: enough for numpy to be fast, few enough to stay small in memory.
_BATCH = 4096
# After so many digits only the rounding errors of the 64-bit arithmetic follow.
_DIGITS = 9


def pack(vector: Sequence[float]) -> bytes:
    """Write a vector as 32-bit floats, as Elasticsearch keeps it.

    Raises
    ------
    ValueError
        It holds numbers that are not finite as such.
    """
    packed = array.array("f", vector)
    if not all(map(math.isfinite, packed)):
        raise ValueError("the vector holds numbers that are not finite")
    return packed.tobytes()


def most_similar(
    vector: Sequence[float], packed: Iterable[tuple[int, bytes]], limit: int
) -> list[tuple[int, float]]:
    """Return the numbers of the vectors that are most similar to a vector, with their scores, best first.

    Parameters
    ----------
    vector
        The vector to compare with.
    packed
        Numbers and vectors, as `pack` writes them. Of equally similar ones the lowest number comes first.
    limit
        The largest number of results.

    Returns
    -------
    list of (int, float)
        The scores are ``(1 + cosine) / 2``, from 0 to 1; that of a vector without a direction is 0.5.

    Raises
    ------
    ValueError
        The vector is not of the same dimension as the others, or not finite.

    Examples
    --------
    >>> most_similar([0, 2], [(7, pack([1, 0])), (8, pack([0, 1]))], limit=5)
    [(8, 1.0), (7, 0.5)]
    """
    import numpy as np

    wanted = np.frombuffer(pack(vector), dtype=np.float32).astype(np.float64)
    numbers, scores = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    rest = iter(packed)
    while batch := list(islice(rest, _BATCH)):
        others = np.frombuffer(b"".join(blob for _, blob in batch), dtype=np.float32)
        if others.size != len(batch) * wanted.size:
            dimensions = others.size // len(batch)
            raise ValueError(f"the vector has {wanted.size} dimensions, those of the records {dimensions}")
        others = others.reshape(len(batch), wanted.size).astype(np.float64)
        norms = np.linalg.norm(wanted) * np.sqrt(np.einsum("ij,ij->i", others, others))
        cosines = np.divide(others @ wanted, norms, out=np.zeros(len(batch)), where=norms > 0)
        numbers.append(np.array([number for number, _ in batch]))
        scores.append(np.round((1 + cosines) / 2, _DIGITS))
    all_numbers, all_scores = np.concatenate(numbers), np.concatenate(scores)
    best = np.lexsort((all_numbers, -all_scores))[:limit]
    return list(zip(all_numbers[best].tolist(), all_scores[best].tolist(), strict=True))
