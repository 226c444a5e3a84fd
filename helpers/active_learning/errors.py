"""Errors of active learning."""

from helpers.errors import HelpersError


class ActiveLearningError(HelpersError):
    """Something is wrong between the learner, the annotators and Argilla."""


class DatasetDeletedError(ActiveLearningError):
    """Somebody has deleted the dataset."""


class ServerGoneError(ActiveLearningError):
    """The server has not come back for a long time."""


class ListenerError(ActiveLearningError):
    """The listener cannot listen, or was used the wrong way."""


class UnreachableError(ListenerError):
    """The server cannot send its events to this process."""


class NothingHeardError(ListenerError):
    """What was waited for did not happen in time."""


class BatchUnfinishedError(ActiveLearningError):
    """Nobody finished the batch in time."""


class UnknownRecordError(ActiveLearningError):
    """The dataset has no such record."""


class UnknownLabelError(ActiveLearningError):
    """A label is not one of the question's."""


class TooFewLabelsError(ActiveLearningError):
    """There are too few labels to train with."""


class NotFittedError(ActiveLearningError):
    """The learner was used before `fit`."""


class ScoresError(ActiveLearningError):
    """A learner or an encoder gave something else than a number for each text and label."""


class SettingError(ActiveLearningError):
    """A number is outside its range, or the dataset is not one for active learning."""


class LackingLabelsWarning(UserWarning):
    """Some label has too few examples."""
