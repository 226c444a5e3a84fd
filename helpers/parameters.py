"""What each parameter of the notebooks may be, checked before anything else takes time."""

import difflib
import numbers
import os
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from helpers.errors import HelpersError

DATA_SOURCES = ("auto", "hub", "bundled")
LARGEST_SEED = 2**31 - 1
LARGEST_COUNT = 10**9
LONGEST_WAIT_S = 365 * 24 * 3600
LONGEST_NAME = 150
"""Characters in the name of a dataset, which leaves room in Argilla's 200 for what is added to it."""
LONGEST_REPOSITORY = 96
SIMULATED_ENDING = "-simulated"
"""The end of the names of datasets of simulated runs."""

# It takes a value and says what is wrong with it; empty where nothing is.
_Rule: TypeAlias = Callable[[Any], str]

_REPOSITORY = re.compile(
    r"(?!.*(?:--|\.\.))(?:[a-z0-9][\w.-]*(?<![-.])/)?[a-z0-9][\w.-]*(?<![-.])", re.ASCII | re.IGNORECASE
)


class NotebookParameterError(HelpersError):
    """A parameter is malformed, has a value that it cannot have, or is not one of the notebook's."""


def check_parameters(values: Mapping[str, object]) -> None:
    """Check parameters of a notebook by type, range and choice, all of them at once.

    Parameters
    ----------
    values
        Parameters by name: in a notebook ``globals()``. What is no parameter in `RULES` is not looked at.

    Raises
    ------
    NotebookParameterError
        Some have values that they cannot have: all are listed.

    Examples
    --------
    >>> check_parameters({"DATA": "bundled", "ANNOTATOR": "simulated", "SEED": 7})
    >>> check_parameters({"ANNOTATOR": "simulate", "SEED": "7"})
    Traceback (most recent call last):
        ...
    helpers.parameters.NotebookParameterError: These parameters cannot be used:
        ANNOTATOR = 'simulate' is not "simulated" or "human". Did you mean "simulated"?
        SEED = '7' is not a whole number from 0 to 2147483647. Did you mean 7, without quotes?
    """
    problems = [
        f"{name} = {_SHORT.repr(values[name])} {problem}"
        for name, rule in RULES.items()
        if name in values and (problem := rule(values[name]))
    ]
    if problems:
        raise NotebookParameterError("\n    ".join(["These parameters cannot be used:", *problems]))


def _choice(*options: str) -> _Rule:
    listed = " or ".join(f'"{option}"' for option in options)

    def problem(value: Any) -> str:
        if isinstance(value, str) and value in options:
            return ""
        return f"is not {listed}.{_near(value, options)}"

    return problem


def _number(least: int, most: int = LARGEST_COUNT, *, whole: bool = True, above: bool = False) -> _Rule:
    kind = "a whole number" if whole else "a number"
    reach = f"above {least}, at most {most}" if above else f"from {least} to {most}"
    type_ = numbers.Integral if whole else numbers.Real

    def problem(value: Any) -> str:
        is_number = isinstance(value, type_) and not isinstance(value, bool)
        if is_number and least <= value <= most and not (above and value == least):
            return ""
        return f"is not {kind} {reach}.{_near_number(value)}"

    return problem


def _near_number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return f" Did you mean {int(value)}?"
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
        return f" Did you mean {value.strip()}, without quotes?"
    return ""


def _switch(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    meant = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    near = meant.get(str(value).strip().lower())
    return "is not True or False." + ("" if near is None else f" Did you mean {near}?")


def _several(item: _Rule, *, count: int | None = None, distinct: bool = False) -> _Rule:
    def problem(value: Any) -> str:
        if not isinstance(value, list | tuple | range):
            return "is not a list, as in [0, 2]."
        if not value or count not in (None, len(value)):
            return f"does not hold {count or 'some'} numbers."
        for each in value:
            if wrong := item(each):
                return f"holds {_SHORT.repr(each)}, which {wrong}"
        return "holds a number twice." if distinct and len(set(value)) < len(value) else ""

    return problem


def _data(value: Any) -> str:
    try:
        if (
            isinstance(value, str | os.PathLike)
            and str(value)
            and (value in DATA_SOURCES or Path(value).expanduser().is_dir())
        ):
            return ""
    except (OSError, ValueError, RuntimeError):
        pass  # A name that no file can have, or no such user.
    near = _near(value, DATA_SOURCES) or f" A relative path starts at {Path.cwd()}."
    return f'is not "auto", "hub", "bundled" or a folder that exists.{near}'


def _llm(value: Any) -> str:
    kinds = ("hf", "openai", "transformers")
    setting = value if isinstance(value, str) else ""
    kind, colon, rest = setting.partition(":")
    model, at, url = rest.partition("@") if kind != "transformers" else (rest, "", "")
    is_model = kind in kinds and model and not re.search(r"\s", setting)
    if setting == "offline" or (is_model and (not at or re.match(r"https?://[^/]", url))):
        return ""
    forms = '"offline", "hf:MODEL", "openai:MODEL" (these two also with @URL) or "transformers:MODEL"'
    near = "" if kind in kinds else _near(kind, kinds if colon else ["offline"])
    return f"is not {forms}.{near}"


def _name(value: Any) -> str:
    is_text = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME
    if is_text and value.isprintable() and value == value.strip() and "/" not in value:
        is_taken = value.endswith(SIMULATED_ENDING)
        return f"ends in {SIMULATED_ENDING!r}, which simulated runs add by themselves." if is_taken else ""
    return f"is not a name of 1 to {LONGEST_NAME} characters without '/', line breaks and blanks at its ends."


def _repository(value: Any) -> str:
    text = value if isinstance(value, str) else " "
    if not text or (_REPOSITORY.fullmatch(text) and len(text) <= LONGEST_REPOSITORY):
        return ""
    address = re.search(r"//[^/]+/(?:datasets/)?([\w.-]+/[\w.-]+)/?$", text)
    meant = f' Did you mean "{address[1]}"?' if address else ""
    return f'is not "owner/name" or "name" on the Hub, or "" for no push.{meant}'


def _near(value: Any, options: Iterable[str]) -> str:
    """Ask whether the option was meant that is much like a text; empty where none is."""
    by_case = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(str(value).strip().casefold(), by_case, n=1)
    return f' Did you mean "{by_case[found[0]]}"?' if found else ""


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80

RULES: dict[str, _Rule] = {
    "DATA": _data,
    "ANNOTATOR": _choice("simulated", "human"),
    "NAME": _name,
    "CONTINUE": _switch,
    "SEED": _number(0, LARGEST_SEED),
    "WAIT_S": _number(0, LONGEST_WAIT_S, whole=False),
    "N_UNLABELED": _number(1),
    "N_LOGGED": _number(1),
    "N_REVIEW": _number(1),
    "N_EXAMPLES": _number(0),
    "START_PER_LABEL": _number(1),
    "BATCH_SIZE": _number(1),
    "BUDGET": _number(1),
    "THRESHOLD": _number(0, 1, whole=False, above=True),
    "MIN_PRECISION": _number(0, 1, whole=False),
    "MAX_STEPS": _number(0),
    "STEPS": _number(1),
    "SETFIT_STEPS": _number(1),
    "SIZES": _several(_number(0), distinct=True),
    "DRAWS": _number(1),
    "PRICES": _several(_number(0, whole=False), count=2),
    "LLM": _llm,
    "PREPARED": _switch,
    "PUSH_TO": _repository,
}
"""What is wrong with a value, by the name of the parameter."""
