"""What can be wrong with spans, documents and labeling functions, one type each."""

from helpers.errors import HelpersError


class NerError(HelpersError):
    """Something about entities, documents or models that the caller can mend."""


class NoDocumentsError(NerError):
    """There is nothing to annotate, to fit or to train on."""


class NoAnnotationError(NerError):
    """No labeling function fired on any document, so that there is nothing to aggregate or to train on."""


class UnknownEntityLabelError(NerError):
    """A span bears a label that the schema does not have."""


class OverlappingSpansError(NerError):
    """Two gold spans of a document share a token."""


class DuplicatedFunctionNameError(NerError):
    """Two labeling functions share a name."""


class NoStateError(NerError):
    """The hidden Markov model finds no label that a token can have."""


class TrainingError(NerError):
    """``spacy train`` has nothing to do, or did not end well."""


class LabelingFunctionWarning(UserWarning):
    """A labeling function raised, or yielded a span that cannot be; the others go on."""
