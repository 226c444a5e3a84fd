"""Errors of labeling with a language model."""

from helpers.errors import HelpersError


class LlmError(HelpersError):
    """Something is wrong with a language model, or between us and it."""


class LlmSettingError(LlmError):
    """A setting names no back end that there is, or cannot be kept to."""


class LlmRefusedError(LlmError):
    """The endpoint refuses every request: its address, the model's name or the key is wrong."""


class PromptError(LlmError):
    """The stand-in was given something else than a prompt of ArgillaLabeller for one label."""


class ExampleError(LlmError):
    """An example has no answer to the question."""


class UnknownLabelError(LlmError):
    """An example's label is not one of the question's."""


class TooFewExamplesError(LlmError):
    """No class has as many labeled texts as examples are asked for."""


class FewExamplesWarning(UserWarning):
    """Some class has fewer labeled texts than examples are asked for."""


class SavedModelError(LlmError):
    """A folder holds no saved model."""
