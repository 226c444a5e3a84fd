"""Active learning on Argilla 2: a loop that a person drives from the web UI.

`ActiveLearning` asks about batches of records, chosen by a strategy (`at_random`, `least_certain`,
`k_center`, `clusters`, `mixed`), and learns from the answers (`ClassyLearner`, `SetFitLearner`) that a
`Listener` hears of; `TwoViewLearner` adds the words to what is learned from. `choose_offline` does the same
without a server, for `learning_curves`. The errors are in `helpers.active_learning.errors`.
"""

from helpers.active_learning.asking import answer_batch, show_batch
from helpers.active_learning.curves import accuracy, estimate, learning_curves
from helpers.active_learning.embeddings import Embeddings
from helpers.active_learning.events import ResponseEvent
from helpers.active_learning.learners import ClassyLearner, Learner, SetFitLearner
from helpers.active_learning.listener import Listener, listener
from helpers.active_learning.live import LiveCurve
from helpers.active_learning.loop import ActiveLearning, Batch, Round, active_learning_settings
from helpers.active_learning.offline import choose_offline
from helpers.active_learning.state import AUTO_ACCEPTED, RecordState, State
from helpers.active_learning.stopping import Share, StablePredictions, agreement
from helpers.active_learning.strategies import (
    Pool,
    Strategy,
    at_random,
    clusters,
    k_center,
    least_certain,
    margins,
    mixed,
)
from helpers.active_learning.two_views import TwoViewLearner

__all__ = [
    "AUTO_ACCEPTED",
    "ActiveLearning",
    "Batch",
    "ClassyLearner",
    "Embeddings",
    "Learner",
    "Listener",
    "LiveCurve",
    "Pool",
    "RecordState",
    "ResponseEvent",
    "Round",
    "SetFitLearner",
    "Share",
    "StablePredictions",
    "State",
    "Strategy",
    "TwoViewLearner",
    "accuracy",
    "active_learning_settings",
    "agreement",
    "answer_batch",
    "at_random",
    "choose_offline",
    "clusters",
    "estimate",
    "k_center",
    "learning_curves",
    "least_certain",
    "listener",
    "margins",
    "mixed",
    "show_batch",
]
