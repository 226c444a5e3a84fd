"""Make, find and fill datasets, so that a run that was cut short can simply be started again."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from helpers.annotation.claims import claim_dataset
from helpers.annotation.errors import (
    NotPermittedError,
    PersonResponsesWarning,
    QuestionNotFoundError,
    SettingsConflictError,
    WorkspaceNotFoundError,
)
from helpers.annotation.simulated import SIMULATED_USERNAME
from helpers.errors import ValuesError
from helpers.values import as_texts

if TYPE_CHECKING:
    import argilla as rg

MODEL_USERNAME = "model"
"""The user in whose name an earlier version took predictions without a person."""


def text_classification_settings(
    client: rg.Argilla,
    labels: Sequence[str],
    *,
    guidelines: str | None = None,
    field: str = "text",
    question: str = "label",
    min_submitted: int = 1,
) -> rg.Settings:
    """Return the settings of a dataset in which texts get one label each.

    Besides the text and the question there are metadata properties to filter by: ``split``; ``rules`` for the
    names of the rules that fired; ``gold`` for the right label, where it is known and may be seen; and
    ``review`` for what a person is asked about.

    Parameters
    ----------
    client
        A connection to an Argilla server.
    labels
        The labels to choose from; one that stands there twice counts once.
    guidelines
        For whoever labels.
    field, question
        How the text and the question are called.
    min_submitted
        How many users answer a record before the web UI takes it out of everybody's pending ones. With 2, a
        person still finds there what the simulated annotator has answered.

    Raises
    ------
    ValuesError
        As `label_options`.
    """
    import argilla as rg

    return rg.Settings(
        fields=[rg.TextField(field, client=client)],
        questions=[rg.LabelQuestion(question, labels=label_options(labels), client=client)],
        metadata=[
            rg.TermsMetadataProperty(name, client=client) for name in ("split", "rules", "gold", "review")
        ],
        guidelines=guidelines,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )


def label_options(labels: Iterable[str]) -> list[str]:
    """Return the labels of a question in their order, each once.

    Raises
    ------
    ValuesError
        If one is no text, or there are not two, which Argilla asks for.

    Examples
    --------
    >>> label_options(["World", "Sports", "World"])
    ['World', 'Sports']
    """
    options = list(dict.fromkeys(as_texts(labels, "labels")))
    if len(options) < 2:
        raise ValuesError(f"The labels are {options}. Argilla asks for two at least, to choose from.")
    return options


def create_dataset(
    client: rg.Argilla,
    name: str,
    settings: rg.Settings,
    *,
    workspace: str | None = None,
    recreate: bool = False,
) -> rg.Dataset:
    """Create a dataset, or continue the one of this name.

    What a person answered is never deleted. What an earlier version took in the name of the user ``model``
    does not count as a person's. Nor do the answers of the simulated annotator where the key belongs to an
    owner, since they are then given by a user of their own; with any other key they are given as the key's
    user, cannot be told apart, and so protect the dataset too.

    The dataset belongs to this process until it ends: another one of the same user that creates or continues
    it, too, is told who has it. Reading it needs no such claim (``client.datasets(name)``).

    Parameters
    ----------
    client
        A connection to an Argilla server.
    name
        The dataset's name.
    settings
        Its fields, questions, metadata and vectors.
    workspace
        The workspace's name. By default the oldest of those that the key's user is in.
    recreate
        Delete a dataset of this name first, unless it holds a person's responses: then it is continued.

    Raises
    ------
    DatasetInUseError
        If another process has it.
    SettingsConflictError
        If the dataset that would be continued has other fields or questions, or lacks metadata or vectors.
    WorkspaceNotFoundError
        If there is no such workspace, or the user is in none.
    NotPermittedError
        If the key may not create datasets there.

    Warns
    -----
    PersonResponsesWarning
        If `recreate` was asked for and the dataset is continued.
    """
    import argilla as rg

    home = _workspace(client, workspace)
    claim_dataset(name, home)
    dataset = rg.Dataset(name, workspace=home, settings=settings, client=client)
    existing = find_dataset(client, name, home)
    if existing is not None:
        people = people_who_answered(existing)
        # A run that died between creating and publishing leaves a draft, which takes no records.
        if existing._is_published() and (people or not recreate):
            check_settings(existing, settings)
            if recreate:
                warnings.warn(
                    f"The dataset {name!r} holds responses of {', '.join(people)}: "
                    "it is continued, not recreated. For a fresh one choose another name.",
                    PersonResponsesWarning,
                    stacklevel=2,
                )
            return existing
        with permitted(existing):
            existing.delete()
    with permitted(dataset):
        return dataset.create()


def label_question(dataset: rg.Dataset, name: str | None = None) -> rg.LabelQuestion:
    """Return the label question of this name, or the only one; one with several labels is another kind.

    Raises
    ------
    QuestionNotFoundError
        If there is none, or several to choose from.
    """
    import argilla as rg

    # Argilla's class of questions with several labels is derived from that of those with one.
    asked = [each for each in dataset.questions if type(each) is rg.LabelQuestion]
    found = [each for each in asked if name in (None, each.name)]
    if len(found) != 1:
        raise QuestionNotFoundError(
            f"The dataset {dataset.name!r} has {len(found)} label questions"
            f"{'' if name is None else f' called {name!r}'}, where one is needed. "
            f"Name one of {[each.name for each in asked]}."
        )
    return found[0]


@contextmanager
def permitted(dataset: rg.Dataset) -> Iterator[None]:
    """Say who may not do this with what, where the server answers 403.

    Raises
    ------
    NotPermittedError
        If it does so within the block.
    """
    import httpx
    from argilla._exceptions import ForbiddenError

    try:
        yield
    except (ForbiddenError, httpx.HTTPStatusError) as error:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code != httpx.codes.FORBIDDEN:
            raise
        me = dataset._client.me
        raise NotPermittedError(
            f"The API key belongs to {me.username!r}, whose role {me.role.value!r} may not do this with the "
            f"dataset {dataset.name!r}. Use the key of an owner, or of an admin of its workspace."
        ) from error


def _workspace(client: rg.Argilla, name: str | None) -> rg.Workspace:
    workspaces = list(client.workspaces)
    if not workspaces:
        raise WorkspaceNotFoundError(
            f"The user {client.me.username!r} is in no workspace. Let an owner of {client.api_url} add them "
            "to one."
        )
    if name is None:
        return workspaces[0]  # The server lists the oldest first, so others do not take its place.
    for workspace in workspaces:
        if workspace.name == name:
            return workspace
    raise WorkspaceNotFoundError(
        f"There is no workspace {name!r}, only {[each.name for each in workspaces]}. "
        "Name one of these, or create it first."
    )


def find_dataset(client: rg.Argilla, name: str, workspace: rg.Workspace) -> rg.Dataset | None:
    """Return the dataset of this name, published or not, or None if there is none."""
    import argilla as rg

    model = client.api.datasets.get_by_name_and_workspace_id(name, workspace.id)
    return None if model is None else rg.Dataset.from_model(model, client=client).get()


def people_who_answered(dataset: rg.Dataset) -> dict[str, int]:
    """Return how many responses each person has in the dataset, drafts included, by user name."""
    users = dataset.progress(with_users_distribution=True)["users"]
    return {
        username: sum(sum(by_status.values()) for by_status in progress.values())
        for username, progress in users.items()
        if username not in (SIMULATED_USERNAME, MODEL_USERNAME)
    }


def check_settings(existing: rg.Dataset, settings: rg.Settings) -> None:
    """Raise a SettingsConflictError unless a dataset can take the records of one with these settings."""
    there, here = _shape(existing.settings), _shape(settings)
    differing = [
        f"{kind} are {there[kind]} there and {here[kind]} here"
        for kind in ("fields", "questions")
        if there[kind] != here[kind]
    ] + [
        f"{kind} {name!r} is not there"
        for kind in ("metadata", "vectors")
        for name in here[kind].keys() - there[kind].keys()
    ]
    if differing:
        raise SettingsConflictError(
            f"The dataset {existing.name!r} exists with other settings: {'; '.join(differing)}. "
            "Choose another name (NAME in a notebook), or recreate=True (which keeps a dataset that holds a "
            "person's responses)."
        )


def _shape(settings: rg.Settings) -> dict[str, dict[str, Any]]:
    """Return what two datasets must share to take the same records: titles and the like may differ."""

    def options(question: Any) -> Any:
        return getattr(question, "labels", None) or getattr(question, "values", None)

    return {
        "fields": {each.name: type(each).__name__ for each in settings.fields},
        "questions": {each.name: (type(each).__name__, options(each)) for each in settings.questions},
        "metadata": {each.name: type(each).__name__ for each in settings.metadata},
        "vectors": {each.name: each.dimensions for each in settings.vectors},
    }
