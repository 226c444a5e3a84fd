"""Open the dataset of a run: a new one, one to go on with, or one beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Literal

from helpers.annotation.claims import claim_dataset, release_dataset
from helpers.annotation.datasets import (
    _workspace,
    check_settings,
    create_dataset,
    find_dataset,
    people_who_answered,
)
from helpers.annotation.errors import DatasetInUseError
from helpers.parameters import SIMULATED_ENDING, check_parameters

if TYPE_CHECKING:
    import argilla as rg


def open_dataset(
    client: rg.Argilla,
    name: str,
    settings: rg.Settings,
    *,
    annotator: Literal["simulated", "human"],
    continue_: bool = True,
    part: str | None = None,
    workspace: str | None = None,
) -> rg.Dataset:
    """Open the dataset of a notebook's run, and print in a line what was there.

    A dataset in which a person has answered is continued, or left alone and another one begun beside it. One
    in which nobody has is made anew, so that a run starts fresh. A simulated run and one with a person never
    share a dataset: the name of a simulated run's ends in ``-simulated``. A person who answers in that, too,
    loses nothing: from then on it is continued, or left alone.

    Parameters
    ----------
    client
        A connection to an Argilla server.
    name
        The run's name: the notebook's ``NAME``.
    settings
        The dataset's fields, questions, metadata and vectors.
    annotator
        Who answers: the notebook's ``ANNOTATOR``.
    continue_
        What to do where a person has answered: continue, or begin ``name-2`` beside it, or the first number
        that is free. To continue that later, give its name with the number. The notebook's ``CONTINUE``.
    part
        Which of the run's datasets, where it has several.
    workspace
        The workspace's name. By default the first one.

    Returns
    -------
    argilla.Dataset
        It is called ``name``, ``name-part``, ``name-2-part``, ``name-2-part-simulated`` and so on. It belongs
        to this process until that ends, see :func:`~helpers.annotation.create_dataset`.

    Raises
    ------
    NotebookParameterError
        If the name, the annotator or the choice cannot be one.
    DatasetInUseError
        If another process has the dataset, and it is not to be begun beside.
    SettingsConflictError
        If there is a dataset of this name with other settings, which a person answered in, or which is not a
        simulated run's.
    WorkspaceNotFoundError
        If there is no such workspace.
    NotPermittedError
        If the key may not create datasets there.
    """
    check_parameters({"NAME": name, "ANNOTATOR": annotator, "CONTINUE": continue_})
    home = _workspace(client, workspace)
    left = []
    for number in count(1):
        numbered = name if number == 1 else f"{name}-{number}"
        full_name = "-".join([numbered, *filter(None, [part])])
        full_name += SIMULATED_ENDING if annotator == "simulated" else ""
        try:
            claim_dataset(full_name, home)
        except DatasetInUseError:
            if continue_:
                raise
            left.append(f"{full_name!r} is in use")
            continue
        there = find_dataset(client, full_name, home)
        answers = people_who_answered(there) if there else {}
        if continue_ or not answers:
            break
        release_dataset(full_name, home)
        left.append(f"{full_name!r} holds {_counted(answers)}")
    # Nobody but a simulated run gives such a name: any other dataset may be somebody's work.
    if there and there._is_published() and annotator == "human":
        check_settings(there, settings)
    dataset = create_dataset(client, full_name, settings, workspace=workspace, recreate=not answers)
    if answers:
        print(f"Dataset {full_name!r}: continued, with {_counted(answers)}. CONTINUE = False begins another.")
    elif left:
        print(
            f'Dataset {full_name!r}: begun, as {", ".join(left)}. To continue it later: NAME = "{numbered}".'
        )
    else:
        print(f"Dataset {full_name!r}: {'made anew, as nobody has answered in it' if there else 'new'}.")
    return dataset


def _counted(answers: Mapping[str, int]) -> str:
    return " and ".join(f"{n} {'answer' if n == 1 else 'answers'} of {user!r}" for user, n in answers.items())
