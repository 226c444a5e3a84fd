"""Errors and the warning of weak supervision, named as Argilla 1.29 named them where it had them."""

from helpers.errors import HelpersError


class WeakLabelsError(HelpersError):
    """Something is wrong with rules, texts or labels."""


class EmptyQueryError(WeakLabelsError):
    """A rule's query has no term, so that it could never match."""


class DuplicatedRuleNameError(WeakLabelsError):
    """Two rules share a name."""


class RuleNotFoundError(WeakLabelsError):
    """There is no rule of this name."""


class NoRulesFoundError(WeakLabelsError):
    """There are no rules at all."""


class NoRecordsFoundError(WeakLabelsError):
    """There are no texts to apply rules to."""


class EmptyTextError(WeakLabelsError):
    """A text is missing or blank, or no text holds a word to learn from."""


class LengthMismatchError(WeakLabelsError):
    """There is not one gold label, or id, per text."""


class MissingLabelError(WeakLabelsError):
    """A label is not in the schema, or cannot be a label."""


class MissingFieldError(WeakLabelsError):
    """The dataset has no such field."""


class MissingIdsError(WeakLabelsError):
    """Weak labels of plain texts do not know which Argilla records they belong to."""


class RuleStorageError(WeakLabelsError):
    """Rules cannot be kept in, or read from, a dataset."""


class LabelModelError(WeakLabelsError):
    """A label model cannot be fitted or used."""


class NotFittedError(LabelModelError):
    """The model was used before `fit`."""


class NoVotesError(LabelModelError):
    """Every rule abstains on every text, so that there is nothing to fit."""


class TooFewRulesError(LabelModelError):
    """The label model needs more rules."""


class RulesMismatchError(LabelModelError):
    """The label model was fitted on other rules or labels."""


class MissingGoldError(LabelModelError):
    """There are no gold labels to score against."""


class TieBreakPolicyError(LabelModelError):
    """There is no such way to break ties."""


class RuleNeverFiresWarning(UserWarning):
    """A rule matches none of the texts."""


class LabelingFunctionError(WeakLabelsError):
    """A labeling function raises an error on every text."""


class LabelingFunctionWarning(UserWarning):
    """A labeling function raises an error on some texts, on which it therefore abstains."""


class ProbabilitiesError(WeakLabelsError):
    """What should be one probability for each text and class is something else."""
