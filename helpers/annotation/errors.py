"""Errors and the warning of working with an Argilla server."""

from helpers.errors import HelpersError


class AnnotationError(HelpersError):
    """Something is wrong between us and the Argilla server."""


class MissingKeyError(AnnotationError):
    """ARGILLA_API_URL is set and ARGILLA_API_KEY is not."""


class NoServerError(AnnotationError):
    """Nothing answers at ARGILLA_API_URL."""


class NotArgillaError(AnnotationError):
    """Something answers at ARGILLA_API_URL, but it is no Argilla 2."""


class WrongKeyError(AnnotationError):
    """The Argilla server does not know the API key."""


class NotPermittedError(AnnotationError):
    """The role of the API key's user does not permit this."""


class WorkspaceNotFoundError(AnnotationError):
    """There is no workspace of this name."""


class SettingsConflictError(AnnotationError):
    """A dataset of this name exists already, with other fields or questions."""


class DatasetInUseError(AnnotationError):
    """Another process has this dataset."""


class QuestionNotFoundError(AnnotationError):
    """The dataset has no such label question."""


class UnsupportedQuestionError(AnnotationError):
    """The simulated annotator cannot answer this type of question."""


class DuplicatedRecordIdError(AnnotationError):
    """Two records share an id."""


class AnsweredRecordError(AnnotationError):
    """A record that has an answer would get another text."""


class RecordRefusedError(AnnotationError):
    """Argilla does not take a record as it is."""


class RecordsGoneWarning(UserWarning):
    """Records that were to be changed have been deleted."""


class ErrorRateError(AnnotationError):
    """An error rate is a number from 0 to 1."""


class GoldLabelError(AnnotationError):
    """A record has no gold label, or one that the question does not offer."""


class ResponseRefusedError(AnnotationError):
    """The server did not take a simulated response."""


class LinkError(AnnotationError):
    """A link into the web UI would open nothing."""


class PersonResponsesWarning(UserWarning):
    """A dataset was not recreated because it holds a person's responses."""
