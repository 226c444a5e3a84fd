"""Whether there are enough examples to learn from, and which labels lack some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

WAITS = 2
"""After so many times the records of the first batch, labels that lack examples are not waited for."""


def lacking(given: Iterable[str], labels: Sequence[str], least: int) -> dict[str, int]:
    """Return how many examples there are of each label that has too few.

    Parameters
    ----------
    given
        The labels that were given.
    labels
        The label schema.
    least
        How many examples each label should have.

    Examples
    --------
    >>> lacking(["a", "a", "b"], ["a", "b", "c"], 2)
    {'b': 1, 'c': 0}
    """
    counts = Counter(given)
    return {label: counts[label] for label in labels if counts[label] < least}


def is_enough(
    given: Sequence[str], labels: Sequence[str], least: int, start_size: int, *, is_last: bool = False
) -> bool:
    """Tell whether to learn: each label has enough examples, or some are waited for in vain.

    Parameters
    ----------
    given, labels, least
        As for `lacking`.
    start_size
        Records of the first batch.
    is_last
        Whether nobody will be asked again.

    Examples
    --------
    >>> is_enough(["a", "b"], ["a", "b", "c"], 1, 2), is_enough(["a", "b"] * 2, ["a", "b", "c"], 1, 2)
    (False, True)
    """
    if not lacking(given, labels, least):
        return True
    return (is_last or len(given) >= WAITS * start_size) and len(set(given)) > 1


def say_lacking(counts: Mapping[str, int], least: int) -> str:
    """Say in words what is lacking.

    Examples
    --------
    >>> say_lacking({"Weather": 0, "World": 1}, 2)
    "'Weather' has 0, 'World' has 1 of 2 examples"
    """
    return ", ".join(f"{label!r} has {count}" for label, count in counts.items()) + f" of {least} examples"
