"""Links into Argilla's web UI that open just the records that a sentence speaks of."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote

from helpers import argilla_local
from helpers.annotation.errors import LinkError, QuestionNotFoundError
from helpers.argilla_local.display import show_link
from helpers.values import as_texts

if TYPE_CHECKING:
    import argilla as rg

Status: TypeAlias = Literal["pending", "draft", "submitted", "discarded"]
Wanted: TypeAlias = str | int | tuple[float, float] | Collection[str]
"""Of a metadata property: a text or one of several, a whole number, or the two ends of a range."""

_ORDERS = {"score": "asc", "-score": "desc"}


@dataclass(frozen=True)
class Link:
    """A link into the web UI. As the last line of a cell it shows itself.

    Attributes
    ----------
    text
        What it opens.
    url
        Where that is, for a browser on this machine that is signed in or can sign in by password.
    local
        The embedded Argilla that it leads to, if it leads to one of this process.
    """

    text: str
    url: str
    local: argilla_local.LocalArgilla | None = field(default=None, repr=False, compare=False)

    def show(self) -> None:
        """Show it: in a notebook as an anchor that opens a new tab and signs in, else as a line of text."""
        show_link(self.text, self.url, self.local)

    def _ipython_display_(self) -> None:
        self.show()

    def __str__(self) -> str:
        return f"{self.text}: {self.url}"


def ui_link(
    dataset: rg.Dataset,
    text: str,
    *,
    query: str | None = None,
    metadata: Mapping[str, Wanted] | None = None,
    question: str | None = None,
    labels: str | Collection[str] | None = None,
    scores: tuple[float, float] | None = None,
    agents: str | Collection[str] | None = None,
    sort: Literal["score", "-score"] | None = None,
    status: Status = "pending",
) -> Link:
    """Return a link that opens the records that meet all of these conditions.

    The UI of Argilla 2.8 takes a dot or a tilde inside a label, a rule's name or an agent for the end of it.
    The embedded Argilla mends that; on another one the condition is left out, and the link's text says so.

    Parameters
    ----------
    dataset
        Where they are.
    text
        What the link opens, for the reader.
    query
        A search as in the box of the UI.
    metadata
        What is wanted of metadata properties, by their names.
    question
        The question whose suggestions are meant, by default the only one.
    labels, scores, agents
        Labels, one of which is suggested; the lowest and the highest score; agents, one of which suggests.
    sort
        By the score of the suggestion: ``"score"`` for the lowest first, ``"-score"`` for the highest.
    status
        The tab in which the signed-in user finds them.

    Raises
    ------
    LinkError
        A condition is met by nothing: it has no values, or its range no ends.
    QuestionNotFoundError
        There are several questions, and none is named.

    Examples
    --------
    In a notebook, with a dataset whose metadata say which rules fire::

        ui_link(dataset, "Where `game` errs", metadata={"rules": "game", "gold": ["World", "Business"]})
        ui_link(dataset, "The 20 to review", metadata={"review": "yes"}, sort="score")
        ui_link(dataset, "What was accepted by itself", agents="auto-accepted")
    """
    server = dataset._client.api_url.rstrip("/")
    local = argilla_local.running_at(server)
    words = _Words(is_mended=local is not None)
    conditions = {"page": "1", "status": status}
    if query:
        conditions["search"] = f"{query}~all"
    filters = [(name, _metadata(name, wanted, words)) for name, wanted in (metadata or {}).items()]
    conditions["metadata"] = _joined(filters)
    suggestions = []
    if labels is not None:
        suggestions.append(("value.values", words.of("labels", labels)))
    if scores is not None:
        suggestions.append(("score", _range("scores", scores)))
    if agents is not None:
        suggestions.append(("agent", words.of("agents", agents)))
    if suggestions or sort:
        asked = _question(dataset, question)
        conditions["suggestion"] = _joined((f"{asked}.{part}", values) for part, values in suggestions)
        if sort:
            conditions["sort"] = f"suggestion.{asked}.score.{_ORDERS[sort]}"
    url = f"{server}/dataset/{dataset.id}/annotation-mode?" + "&".join(
        # The UI decodes each value twice.
        f"{key}={quote(quote(value, safe=''), safe='')}"
        for key, value in conditions.items()
        if value
    )
    if words.left_out:
        text += f" (among others: the UI cannot filter by {' and '.join(words.left_out)})"
    return Link(text, url, local)


class _Words:
    """Writes values that are words, and remembers which conditions cannot be written."""

    def __init__(self, *, is_mended: bool) -> None:
        self._is_mended = is_mended
        self.left_out: list[str] = []

    def of(self, name: str, wanted: str | Collection[str]) -> str | None:
        """Return what stands for them in a link, or None where nothing can."""
        values = [wanted] if isinstance(wanted, str) else as_texts(wanted, name)
        if not any(values):
            raise LinkError(f"No {name} are wanted ({wanted!r}), so the link would open nothing. Name one.")
        if self._is_mended:
            # As `web_pages` in the embedded server's process makes the UI read them.
            values = [_escaped(value) for value in values]
        elif any(set(".~") & set(value) for value in values):
            self.left_out.append(f"{name} {', '.join(map(repr, values))}")
            return None
        return ".".join(values)


def _escaped(value: str) -> str:
    """Return a value without the signs that separate values.

    >>> _escaped("~5.0%")
    '%7E5%2E0%25'
    """
    return value.replace("%", "%25").replace(".", "%2E").replace("~", "%7E")


def _joined(conditions: Any) -> str:
    return "~".join(f"{name}.{values}" for name, values in conditions if values is not None)


def _metadata(name: str, wanted: Wanted, words: _Words) -> str | None:
    if isinstance(wanted, Integral):
        return _range(name, (int(wanted), int(wanted)))
    if isinstance(wanted, tuple) and all(isinstance(end, Real) for end in wanted):
        return _range(name, wanted)
    return words.of(name, wanted)  # type: ignore[arg-type]  # numbers are dealt with


def _range(name: str, ends: tuple[Any, ...]) -> str:
    if len(ends) != 2 or not all(map(math.isfinite, ends)):
        raise LinkError(f"The range of {name} is {ends!r}. Give its two ends, as in (0, 0.5).")
    low, high = (f"{Decimal(repr(getattr(end, 'item', lambda end=end: end)())):f}" for end in ends)
    return f"ge{low}.le{high}"


def _question(dataset: rg.Dataset, name: str | None) -> str:
    names = [question.name for question in dataset.questions]
    if name in names:
        return str(name)
    if name is None and len(names) == 1:
        return str(names[0])
    raise QuestionNotFoundError(
        f"Which question is meant by {name!r}? {dataset.name!r} has {', '.join(names)}: name one of them."
    )
