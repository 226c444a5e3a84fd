"""Accuracy while labels come in, drawn anew after each batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.active_learning.curves import accuracy
from helpers.active_learning.embeddings import Embeddings
from helpers.active_learning.learners import Learner
from helpers.active_learning.loop import Round

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import DisplayHandle


class LiveCurve:
    """A figure of accuracy by number of labels that grows with each round; for `after_round`.

    Parameters
    ----------
    learner
        The one of the loop.
    test
        What it is scored on: columns ``text`` and ``label``.
    embeddings
        What the learner takes its vectors from, to encode the texts of the test now, and not while a person
        waits for the second batch.

    Attributes
    ----------
    points : dict
        Accuracy by number of labels; empty as long as the learner has not learned.
    """

    def __init__(self, learner: Learner, test: pd.DataFrame, embeddings: Embeddings | None = None) -> None:
        self.points: dict[int, float] = {}
        self._learner = learner
        self._test = test
        self._shown: DisplayHandle | None = None
        if embeddings is not None:
            embeddings(test["text"])

    def __call__(self, done: Round) -> None:
        """Score the learner and draw the figure, in place of the one before."""
        from IPython.display import display
        from matplotlib import pyplot as plt

        from helpers.plots import plot_growing_curve

        if done.probabilities is None:  # It has not learned yet.
            return
        self.points[done.labels] = accuracy(self._learner, self._test)
        figure = plot_growing_curve(self.points).figure
        if self._shown is None:
            self._shown = display(figure, display_id=True)
        else:
            self._shown.update(figure)
        plt.close()  # Or the notebook would show it once more.
