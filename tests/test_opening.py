"""Whose dataset a run gets: a new one, one to continue, or one beside it; never another process's."""

import os
import signal
import subprocess
import sys
import uuid

import argilla as rg
import pytest

from helpers.annotation import (
    DatasetInUseError,
    SettingsConflictError,
    SimulatedAnnotator,
    create_dataset,
    label_question,
    log_records,
    open_dataset,
    text_classification_settings,
)
from helpers.annotation.claims import claim_dataset, release_dataset
from helpers.parameters import NotebookParameterError

LABELS = ["World", "Sports"]


@pytest.fixture(autouse=True)
def data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def name() -> str:
    return f"run-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def settings(client):
    return text_classification_settings(client, LABELS)


@pytest.fixture
def opened(client, name, settings, capsys):
    """Open a dataset of the run; return it with the line that was printed."""

    def open_(annotator: str = "human", **options) -> tuple[rg.Dataset, str]:
        dataset = open_dataset(client, name, settings, annotator=annotator, **options)
        return dataset, capsys.readouterr().out.strip()

    return open_


def answer(dataset: rg.Dataset, status: str = "submitted") -> None:
    """Answer a record as the person whose key this is."""
    log_records(dataset, [rg.Record(id="0", fields={"text": "The cup final"})])
    (record,) = dataset.records()
    dataset._client.http_client.post(
        f"/api/v1/records/{record._server_id}/responses",
        json={"values": {"label": {"value": "World"}}, "status": status},
    ).raise_for_status()


def test_a_dataset_without_a_persons_answer_is_made_anew(client, opened, name):
    first, said = opened("simulated")
    assert said == f"Dataset '{name}-simulated': new."
    log_records(first, [rg.Record(id="0", fields={"text": "The cup final"})])
    SimulatedAnnotator(client, label_question(first), {"0": "Sports"}).annotate(first.records())
    again, said = opened("simulated")
    assert said == f"Dataset '{name}-simulated': made anew, as nobody has answered in it."
    assert list(again.records()) == []


@pytest.mark.parametrize("annotator", ["simulated", "human"])
@pytest.mark.parametrize("status", ["submitted", "draft", "discarded"])
def test_what_a_person_answered_is_continued(client, opened, recwarn, annotator, status):
    first, _ = opened(annotator)
    answer(first, status)
    again, said = opened(annotator)
    assert again.id == first.id
    assert f"continued, with 1 answer of '{client.me.username}'." in said
    assert not [each for each in recwarn if "responses" in str(each.message)]


def test_another_one_is_begun_beside_it_and_continued_by_its_name(client, opened, name, settings):
    answer(opened()[0])
    second, said = opened(continue_=False)
    assert second.name == f"{name}-2"
    assert said == (
        f"Dataset '{name}-2': begun, as '{name}' holds 1 answer of '{client.me.username}'."
        f' To continue it later: NAME = "{name}-2".'
    )
    answer(second)
    assert opened(continue_=False)[0].name == f"{name}-3"
    assert open_dataset(client, second.name, settings, annotator="human").id == second.id
    assert len(list(client.datasets(name).records())) == 1


def test_a_simulated_run_and_a_persons_never_share_a_dataset(client, opened, name, settings):
    simulated, human = opened("simulated")[0], opened("human")[0]
    assert [simulated.name, human.name] == [f"{name}-simulated", name]
    with pytest.raises(NotebookParameterError, match="ends in '-simulated'"):
        open_dataset(client, simulated.name, settings, annotator="human")
    with pytest.raises(NotebookParameterError, match='Did you mean "simulated"'):
        opened("simulate")


def test_the_parts_of_a_run_have_names_of_their_own(opened, name):
    assert opened("simulated", part="review")[0].name == f"{name}-review-simulated"
    answer(opened(part="review")[0])
    assert opened(part="review", continue_=False)[0].name == f"{name}-2-review"
    assert opened(part="functions", continue_=False)[0].name == f"{name}-functions"


def test_somebody_elses_dataset_of_that_name_is_not_deleted(client, opened, name):
    theirs = create_dataset(client, name, text_classification_settings(client, ["a", "b"]))
    with pytest.raises(SettingsConflictError, match="NAME in a notebook"):
        opened()
    assert client.datasets(name).id == theirs.id
    create_dataset(client, f"{name}-simulated", text_classification_settings(client, ["a", "b"]))
    assert label_question(opened("simulated")[0]).labels == LABELS


def test_a_half_made_dataset_is_made_again(client, opened, name):
    new = {"name": name, "workspace_id": str(client.workspaces.default.id)}
    client.http_client.post("/api/v1/datasets", json=new).raise_for_status()
    answer(opened()[0])


HOLDER = """
import sys
import argilla as rg
from helpers.annotation import open_dataset, text_classification_settings
url, key, name = sys.argv[1:]
client = rg.Argilla(api_url=url, api_key=key)
open_dataset(client, name, text_classification_settings(client, ["World", "Sports"]), annotator="human")
sys.stdin.read()
"""


@pytest.fixture
def holder(client, name, local_argilla):
    """Another process that has the dataset, in a notebook."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, local_argilla.url, client.api_key, name],
        env=os.environ | {"JPY_SESSION_NAME": "news.ipynb"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().startswith("Dataset")
        yield process
        process.kill()


def test_a_second_process_is_told_who_has_the_dataset(client, opened, name, settings, holder):
    for open_ in (opened, lambda: create_dataset(client, name, settings, recreate=True)):
        with pytest.raises(DatasetInUseError) as error:
            open_()
        assert f"{name!r} is in use by process {holder.pid} on" in str(error.value)
        assert "(news.ipynb)" in str(error.value)
        assert "NAME" in str(error.value)
    second, said = opened(continue_=False)
    assert second.name == f"{name}-2"
    assert f"'{name}' is in use" in said


@pytest.mark.parametrize("end", [signal.SIGKILL, None])
def test_a_process_that_ended_has_nothing(opened, name, holder, end, data_folder):
    if end is None:
        holder.stdin.close()
    else:
        holder.send_signal(end)
    holder.wait()
    assert opened()[0].name == name
    assert len(list((data_folder / "labeling-notebooks" / "claims").iterdir())) == 1


def test_a_claim_is_given_back(client, name, data_folder):
    home = client.workspaces.default
    for _ in range(2):
        claim_dataset(name, home)
        claim_dataset(name, home)
        release_dataset(name, home)
    assert list((data_folder / "labeling-notebooks" / "claims").iterdir()) == []


def test_a_claim_that_cannot_be_written_is_explained(client, name, data_folder):
    (data_folder / "labeling-notebooks").touch()
    with pytest.raises(DatasetInUseError, match=r"claims cannot be written \(Not a directory\)"):
        claim_dataset(name, client.workspaces.default)
