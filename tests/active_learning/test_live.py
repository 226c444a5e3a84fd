"""The curve that grows: one figure, drawn anew in its place."""

import matplotlib

matplotlib.use("agg")

import numpy as np
import pandas as pd
import pytest
from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from helpers.active_learning import ClassyLearner, Embeddings, LiveCurve, Round


@pytest.fixture
def published():
    """What is shown in a notebook, in order: whether it replaces something, and by which id."""
    shell = get_ipython() or InteractiveShell.instance()
    shown = []
    shell.display_pub.publish = lambda data, *_, transient=None, update=False, **__: shown.append(
        (update, transient["display_id"])
    )
    yield shown
    InteractiveShell.clear_instance()


def encode(texts):
    return np.array([[float(text), 1.0] for text in texts], dtype=np.float32)


def round_of(labels, probabilities):
    return Round(0, (), labels, 0, 0, 0, probabilities, None)


def test_a_point_a_round_in_one_figure(published):
    learner = ClassyLearner(Embeddings(encode), ["World", "Sports"])
    curve = LiveCurve(
        learner, pd.DataFrame({"text": ["-2", "1", "3"], "label": ["World", "World", "Sports"]})
    )
    curve(round_of(2, None))
    assert not published
    learner.fit(["-1", "2"], ["World", "Sports"])
    curve(round_of(2, np.ones((1, 2))))
    learner.fit(["-1", "1", "2", "3"], ["World", "World", "Sports", "Sports"])
    curve(round_of(4, np.ones((1, 2))))
    assert curve.points == {2: pytest.approx(2 / 3), 4: 1.0}
    assert [update for update, _ in published] == [False, True]
    assert len({display_id for _, display_id in published}) == 1
