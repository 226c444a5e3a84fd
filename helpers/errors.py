"""The root of every error that the helpers raise on purpose."""


class HelpersError(Exception):
    """Something the caller can mend: the message names the offending value and the way out."""


class ValuesError(HelpersError):
    """What should be texts, labels or ids is something else."""
