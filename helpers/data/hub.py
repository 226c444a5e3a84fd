"""Prepared news on the Hub, and results pushed to it; without it, a sentence says what is skipped."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from helpers.data.ag_news import LABELS
from helpers.data.errors import HubPushError, MissingColumnError, UnknownLabelError
from helpers.data.sources import Source, hub_endpoint, load_from_hub

if TYPE_CHECKING:
    import datasets

PREPARED_TRAIN = "argilla/news"
"""News labeled by the label model of the published tutorial."""

PREPARED_TEST = "argilla/news_test"
"""News annotated by people."""


@dataclass(frozen=True)
class PreparedNews:
    """The published result of logging, rules and label model.

    Attributes
    ----------
    labels
        The topics.
    train
        One row a text: columns ``text``, ``label`` (the label model's best) and ``score`` (its probability).
    test
        One row a text: columns ``text`` and ``label`` (a person's).
    """

    labels: tuple[str, ...]
    train: pd.DataFrame
    test: pd.DataFrame


def load_prepared_news(source: Source) -> PreparedNews | None:
    """Load the prepared news from the Hub and print their sizes, or print why not and return None.

    Raises
    ------
    HubLoadError
        The Hub does not deliver.
    MissingColumnError
        A dataset is not in Argilla 1's format.
    UnknownLabelError
        A label is not one of the topics.
    """
    if not source.hub_reachable:
        print(f"Skipped: {PREPARED_TRAIN} and {PREPARED_TEST} are on the Hub, which is out of reach.")
        return None
    train, test = (
        from_argilla_v1(load_from_hub(name, "train"), name) for name in (PREPARED_TRAIN, PREPARED_TEST)
    )
    train = train[train["prediction"].notna()].rename(columns={"prediction": "label"})
    test = test[test["annotation"].notna()].rename(columns={"annotation": "label"})
    for name, frame in ((PREPARED_TRAIN, train), (PREPARED_TEST, test)):
        unknown = sorted(set(frame["label"]) - set(LABELS))
        if unknown:
            raise UnknownLabelError(
                f"{name} has labels outside the schema: {unknown}. Known are {list(LABELS)}."
            )
    print(f"Loaded {len(train):,} texts of {PREPARED_TRAIN} and {len(test):,} of {PREPARED_TEST}.")
    return PreparedNews(LABELS, train[["text", "label", "score"]], test[["text", "label"]])


def from_argilla_v1(dataset: "datasets.Dataset", name: str = "the dataset") -> pd.DataFrame:
    """Map the columns in which Argilla 1 kept text classification.

    Parameters
    ----------
    dataset
        Columns ``text`` (or ``inputs``, a dict of texts), ``prediction`` (a list of dicts of ``label`` and
        ``score``, or null), ``annotation`` (a label, or null) and ``id``.
    name
        What error messages call it.

    Returns
    -------
    pandas.DataFrame
        Columns ``text``, ``prediction`` and ``score`` (the label with the best score) and ``annotation``,
        None or NaN where the record has none, or none of several labels has a finite score; the index is the
        records' ids.

    Raises
    ------
    MissingColumnError
        The dataset is not in that format.
    """
    missing = [column for column in ("id", "prediction", "annotation") if column not in dataset.column_names]
    if missing or not {"text", "inputs"} & set(dataset.column_names):
        raise MissingColumnError(
            f"{name} has no column {(missing or ['text'])[0]!r}, only {dataset.column_names}:"
            " it is not a text classification dataset of Argilla 1."
        )
    rows = []
    for record in dataset:
        best = _best(record["prediction"] or [])
        rows.append(
            {
                "text": record.get("text") or " ".join(filter(None, (record.get("inputs") or {}).values())),
                "prediction": best.get("label"),
                "score": best.get("score"),
                "annotation": record["annotation"],
            }
        )
    return pd.DataFrame(rows, index=pd.Index(dataset["id"], name="id"))


def _best(predictions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if len(predictions) == 1:
        return predictions[0]
    scored = [each for each in predictions if each.get("score") is not None and math.isfinite(each["score"])]
    return max(scored, key=lambda each: float(each["score"]), default={})


def push_to_hub(frame: pd.DataFrame, name: str, source: Source, private: bool = True) -> str | None:
    """Push a table to the Hub as a dataset and return its address, or print why not and return None.

    Parameters
    ----------
    frame
        The table; its index becomes a column.
    name
        ``"name"`` for your own account, or ``"owner/name"``; empty for no push.
    source
        What :func:`~helpers.data.sources.choose_source` returned.
    private
        Whether a dataset that is new is visible to its owner only.

    Raises
    ------
    HubPushError
        The Hub refuses, for one because the token may not write.
    """
    import datasets

    def upload(full_name: str) -> None:
        datasets.Dataset.from_pandas(frame.reset_index()).push_to_hub(full_name, private=private)

    return push(upload, f"{len(frame):,} rows", name, source, "dataset")


def push(
    upload: Callable[[str], None], what: str, name: str, source: Source, kind: Literal["dataset", "model"]
) -> str | None:
    """Upload something to the Hub and return its address, or print why not and return None.

    Parameters
    ----------
    upload
        Called with ``"owner/name"``.
    what
        What is uploaded, for the message.
    name, source
        As for :func:`push_to_hub`.
    kind
        What the Hub shall keep.

    Raises
    ------
    HubPushError
        The Hub refuses, for one because the token may not write.
    """
    import httpx
    import huggingface_hub

    problem = _push_problem(name, source, kind)
    if problem:
        print(f"Not pushed to the Hub: {problem}")
        return None
    try:
        full_name = name if "/" in name else f"{huggingface_hub.whoami()['name']}/{name}"
        upload(full_name)
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise HubPushError(
            f"The Hub did not accept {name!r}: {error}. Has the token in HF_TOKEN write access there?"
        ) from error
    address = f"{hub_endpoint()}/{'datasets/' if kind == 'dataset' else ''}{full_name}"
    print(f"Pushed {what} to {address}")
    return address


def _push_problem(name: str, source: Source, kind: Literal["dataset", "model"]) -> str:
    """Say why nothing can be pushed under a name; empty where it can."""
    import huggingface_hub

    if not name:
        return f"no name of a {kind} is given."
    if not source.hub_reachable:
        return "it is out of reach."
    if not huggingface_hub.get_token():
        return "there is no token. Set HF_TOKEN to one with write access."
    return ""
