"""What can be wrong with a source of data, one type each."""

from helpers.errors import HelpersError


class DataError(HelpersError):
    """Something about the data, or where it comes from, that the caller can mend."""


class HubUnreachableError(DataError):
    """The Hugging Face Hub was asked for by name and does not answer."""


class HubLoadError(DataError):
    """The Hub answers, but what was asked of it could not be loaded."""


class HubPushError(DataError):
    """The Hub does not accept what was pushed."""


class DataFolderError(DataError):
    """The value of ``DATA`` is neither a known source nor a folder."""


class DataFileError(DataError):
    """A data file is missing or cannot be read."""


class MissingColumnError(DataError):
    """A data file lacks a column."""


class UnknownLabelError(DataError):
    """A data file holds a label that the corpus does not have."""


class NoGoldError(DataError):
    """A corpus comes without gold labels, and they are needed."""


class EmptyTextError(DataError):
    """A data file holds rows without text."""


class LengthMismatchError(DataError):
    """A sentence has not one tag per token."""


class TagSequenceError(DataError):
    """A tag continues an entity that is not there."""


class BracketError(DataError):
    """A sentence in brackets cannot be read or written."""


class EncoderError(DataError):
    """The sentence encoder is missing, or its weights are not the published ones."""
