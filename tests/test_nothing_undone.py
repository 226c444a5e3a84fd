"""Whatever the helpers write, no answer, draft or metadata of anybody else ever changes.

People act before and during each call, on a real server: before any request of the function under test except
those that write.
"""

import uuid
from functools import partial

import argilla as rg
import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from writers import OWN_KEYS, WRITERS

from helpers.active_learning.state import AUDIT, BATCH
from helpers.annotation import create_dataset, log_records, text_classification_settings

RECORDS = 3
PEOPLE = ("ann", "bob")


class Team:
    """People who answer and who note things in the metadata; it remembers what must be there."""

    def __init__(self, client: rg.Argilla, dataset: rg.Dataset, keys: dict[str, str]) -> None:
        self._http = {
            name: httpx.Client(
                base_url=client.api_url, headers={"X-Argilla-Api-Key": key}, trust_env=False, timeout=60
            )
            for name, key in keys.items()
        }
        self._dataset = dataset
        self.records = [
            str(record._server_id) for record in sorted(dataset.records, key=lambda each: each.id)
        ]
        self.answers: dict[tuple[str, int], tuple[str, str | None]] = {}
        self.notes: dict[int, str] = {}
        self.shared: dict[str, int] = {}
        self._ids: dict[tuple[str, int], str] = {}

    def answer(self, who: str, position: int, status: str, label: str) -> None:
        body = {"status": status, "values": {"label": {"value": label}}}
        here = (who, position)
        if here in self._ids:
            response = self._http[who].put(f"/api/v1/responses/{self._ids[here]}", json=body)
        else:
            path = f"/api/v1/records/{self.records[position]}/responses"
            response = self._http[who].post(path, json=body)
        self._ids[here] = response.raise_for_status().json()["id"]
        self.answers[here] = (status, label)

    def delete(self, who: str, position: int) -> None:
        if (who, position) in self._ids:
            self._http[who].delete(f"/api/v1/responses/{self._ids.pop((who, position))}").raise_for_status()
            del self.answers[who, position]

    def note(self, position: int, text: str | None) -> None:
        path = f"/api/v1/records/{self.records[position]}"
        metadata = self._http["owner"].get(path).json()["metadata"] or {}
        metadata.pop("note", None)
        self.notes.pop(position, None)
        if text is not None:
            metadata["note"] = self.notes[position] = text
        self._http["owner"].patch(path, json={"metadata": metadata}).raise_for_status()

    def share(self, key: str, value: int) -> None:
        self.shared[key] = value
        path = f"/api/v1/datasets/{self._dataset.id}"
        self._http["owner"].patch(path, json={"metadata": {key: value}}).raise_for_status()

    def check(self, users: dict[str, str]) -> None:
        http = self._http["owner"]
        listed = http.get(f"/api/v1/datasets/{self._dataset.id}/records", params={"include": "responses"})
        answers, notes = {}, {}
        for record in listed.json()["items"]:
            position = self.records.index(record["id"])
            for response in record["responses"]:
                who = users.get(response["user_id"])
                if who is not None:
                    answers[who, position] = (response["status"], response["values"]["label"]["value"])
            others = {key: each for key, each in record["metadata"].items() if key not in OWN_KEYS}
            assert others.pop("split") == "train"
            if "note" in others:
                notes[position] = others.pop("note")
            assert others == {}
        assert answers == self.answers
        assert notes == self.notes
        metadata = http.get(f"/api/v1/datasets/{self._dataset.id}").json()["metadata"] or {}
        metadata.pop("weak_supervision", None)
        assert metadata == self.shared


positions = st.integers(0, RECORDS - 1)
people = st.sampled_from(PEOPLE)
actions = st.one_of(
    st.tuples(
        st.just("answer"),
        people,
        positions,
        st.sampled_from(["submitted", "draft", "discarded"]),
        st.sampled_from("AB"),
    ),
    st.tuples(st.just("delete"), people, positions),
    st.tuples(st.just("note"), positions, st.sampled_from(["x", "y", None])),
    st.tuples(st.just("share"), st.sampled_from("pq"), st.integers(0, 9)),
)
some = st.lists(actions, max_size=4)


@pytest.fixture(scope="module")
def team_keys(local_argilla):
    """The keys of two annotators and the owner, and the annotators' names by their ids."""
    client = local_argilla.client
    keys, users = {"owner": client.api_key}, {}
    for name in PEOPLE:
        user = rg.User(
            username=f"{name}{uuid.uuid4().hex}", password=uuid.uuid4().hex, role="annotator", client=client
        ).create()
        user.add_to_workspace(client.workspaces.default)
        keys[name] = client.http_client.get(f"/api/v1/users/{user.id}").json()["api_key"]
        users[str(user.id)] = name
    yield keys, users
    for id in users:
        client.http_client.delete(f"/api/v1/users/{id}").raise_for_status()


@pytest.mark.parametrize("writer", WRITERS)
def test_what_people_say_stays(client, team_keys, writer):
    keys, users = team_keys

    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # To make a failing example smaller takes long on a real server.
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(some, some, some), min_size=1, max_size=2))
    def try_out(rounds):
        questions = text_classification_settings(client, ["A", "B"])
        questions.metadata.add(rg.TermsMetadataProperty("note", client=client))
        questions.metadata.add(rg.TermsMetadataProperty("mine", client=client))
        questions.metadata.add(rg.IntegerMetadataProperty(BATCH, client=client))
        questions.metadata.add(rg.TermsMetadataProperty(AUDIT, client=client))
        dataset = create_dataset(client, f"undone-{uuid.uuid4().hex}", questions)
        try:
            first = [
                rg.Record(id=str(i), fields={"text": f"t {i}"}, metadata={"split": "train"})
                for i in range(RECORDS)
            ]
            log_records(dataset, first)
            team = Team(client, dataset, keys)
            for before, meanwhile, during in rounds:
                act(team, before)
                held = list(dataset.records)
                act(team, meanwhile)
                with interrupted(client, partial(act, team), during):
                    WRITERS[writer](dataset, held)
                team.check(users)
        finally:
            dataset.delete()

    try_out()


def act(team, chosen):
    for name, *arguments in chosen:
        getattr(team, name)(*arguments)


class interrupted:  # noqa: N801
    """Lets people act before the requests of a client, but for those that write records or settings."""

    def __init__(self, client, do, chosen):
        self._hooks = client.http_client.event_hooks["request"]
        self._do, self._left = do, list(chosen)

    def _before(self, request):
        if request.method in ("GET", "POST") and self._left:
            self._do([self._left.pop(0)])

    def __enter__(self):
        self._hooks.append(self._before)

    def __exit__(self, *error):
        self._hooks.remove(self._before)
