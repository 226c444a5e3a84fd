"""A dataset goes to another Argilla and comes back: two embedded ones, and another workspace on the first."""

from contextlib import contextmanager

import argilla as rg
import pytest

from helpers import argilla_local
from helpers.argilla_local.__main__ import main
from helpers.argilla_local.copying import UNFINISHED, copy_dataset
from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.errors import CopyError, NotPermittedThereError
from helpers.argilla_local.home import Home
from helpers.argilla_local.http_api import HttpApi
from helpers.weak_supervision import Rule, add_rules, load_rules

NAME = "to be copied"
IMAGE = "data:image/png;base64,iVBORw0KGgo="
CHAT = [{"role": "user", "content": "Which is it?"}, {"role": "assistant", "content": "Oil."}]


def api(server):
    return HttpApi(server.url, read_credentials(Home(server.home)).api_key)


@pytest.fixture(scope="module")
def here(local_argilla):
    with api(local_argilla) as here:
        yield here


@pytest.fixture(scope="module")
def other_argilla(tmp_path_factory):
    with argilla_local.start(tmp_path_factory.mktemp("other") / "home") as server:
        yield server


@pytest.fixture(scope="module")
def there(other_argilla):
    with api(other_argilla) as there:
        yield there


@pytest.fixture(scope="module")
def dataset(local_argilla):
    """One of everything that a dataset can hold, with responses of two users."""
    client = local_argilla.client
    ada = rg.User(username="ada", role="admin", password="12345678", client=client).create()
    labels = {"a": "The first", "b": "The second", "c": "The third"}
    settings = rg.Settings(
        guidelines="Read *twice*.",
        allow_extra_metadata=True,
        distribution=rg.TaskDistribution(min_submitted=2),
        fields=[
            rg.TextField("text", title="The text", use_markdown=True),
            rg.ImageField("image", required=False),
            rg.ChatField("chat", required=False),
            rg.CustomField("custom", template="<p>{{record.fields.custom.key}}</p>", required=False),
        ],
        questions=[
            rg.LabelQuestion("topic", labels=labels, description="Choose one."),
            rg.MultiLabelQuestion(
                "tags", labels=labels, visible_labels=3, labels_order="suggestion", required=False
            ),
            rg.RatingQuestion("stars", values=[1, 2, 3], required=False),
            rg.RankingQuestion("order", values=["x", "y"], required=False),
            rg.TextQuestion("comment", use_markdown=True, required=False),
            rg.SpanQuestion("names", field="text", labels=labels, allow_overlapping=True, required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("source", options=["web", "wire"]),
            rg.IntegerMetadataProperty("size", min=0, max=9, visible_for_annotators=False),
            rg.FloatMetadataProperty("weight", title="In grams"),
        ],
        vectors=[rg.VectorField("direction", dimensions=2)],
    )
    dataset = rg.Dataset(NAME, settings=settings, client=client).create()
    dataset.records.log(
        [
            rg.Record(
                id="full",
                fields={
                    "text": "Oil rises",
                    "image": IMAGE,
                    "chat": CHAT,
                    "custom": {"key": [1, {"a": None}]},
                },
                metadata={"source": "web", "size": 3, "weight": 0.5, "extra": "kept"},
                vectors={"direction": [0.25, -1.0]},
                suggestions=[
                    rg.Suggestion("topic", "b", score=0.75, agent="model", type="model"),
                    rg.Suggestion("tags", ["a", "c"], score=[0.5, 0.25]),
                    rg.Suggestion("names", [{"label": "a", "start": 0, "end": 3}]),
                ],
                responses=[
                    rg.Response("topic", "a", user_id=ada.id, status="submitted"),
                    rg.Response(
                        "order", [{"value": "y", "rank": 1}, {"value": "x", "rank": 2}], user_id=ada.id
                    ),
                    rg.Response("topic", "c", user_id=client.me.id, status="draft"),
                ],
            ),
            rg.Record(
                id="answered",
                fields={"text": "Prices fall"},
                responses=[
                    rg.Response(question, value, user_id=user.id, status="submitted")
                    for user in (ada, client.me)
                    for question, value in {
                        "topic": "b",
                        "tags": ["a"],
                        "stars": 3,
                        "comment": "Sure.",
                        "names": [{"label": "c", "start": 0, "end": 6}],
                    }.items()
                ],
            ),
            *(rg.Record(id=f"plain-{number}", fields={"text": f"Text {number}"}) for number in range(250)),
        ]
    )
    first = next(iter(dataset.records(rg.Query(filter=("id", "==", "plain-0")))))
    discarded = {"status": "discarded", "values": {"stars": {"value": 1}}}
    client.http_client.post(
        f"/api/v1/records/{first._server_id}/responses", json=discarded
    ).raise_for_status()
    add_rules(
        dataset, [Rule("oil | price*", "a"), Rule('"prices fall"', "b", name="falling")], question="topic"
    )
    yield dataset
    dataset.delete()
    ada.delete()


def without_ids(settings):
    """Leave out what each server gives anew."""
    if isinstance(settings, list):
        return [without_ids(each) for each in settings]
    if not isinstance(settings, dict):
        return settings
    anew = {"id", "dataset_id", "inserted_at", "updated_at"}
    return {key: without_ids(settings[key]) for key in settings.keys() - anew}


def contents(client, workspace):
    """Return everything that the SDK shows of a dataset, with users by name."""
    dataset = client.datasets(NAME, workspace=workspace)
    names = {user.id: user.username for user in client.users}
    records = []
    for record in dataset.records(with_vectors=True):
        shown = record.to_dict()
        del shown["_server_id"]
        shown["status"] = record.status
        shown["responses"] = sorted(
            (names[each.user_id], each.question_name, str(each.value), str(each.status))
            for each in record.responses
        )
        records.append(shown)
    return without_ids(dataset.settings.serialize()), load_rules(dataset), dataset.progress(), records


def state(client):
    """Return what must stay as it is where nothing is copied."""
    return [sorted(each.name for each in every) for every in (client.workspaces, client.datasets)] + [
        sorted(each.username for each in client.users)
    ]


@contextmanager
def key_of_an_admin(client):
    admin = rg.User(username="copying admin", role="admin", password="12345678", client=client).create()
    admin.add_to_workspace(client.workspaces("argilla"))
    yield client.http_client.get(f"/api/v1/users/{admin.id}").json()["api_key"]
    admin.delete()


class InterruptedApi(HttpApi):
    """Somebody interrupts the second page of records."""

    pages = 0

    def send(self, method, path, **options):
        self.pages += path.endswith("records/bulk")
        if self.pages == 2:
            self.pages += 1
            raise KeyboardInterrupt
        return super().send(method, path, **options)


def test_a_copy_that_is_cut_short_leaves_nothing_behind(here, other_argilla, dataset):
    before = state(other_argilla.client)
    with (
        InterruptedApi(other_argilla.url, read_credentials(Home(other_argilla.home)).api_key) as there,
        pytest.raises(KeyboardInterrupt),
    ):
        copy_dataset(here, there, NAME, "a new one")
    assert there.pages == 3
    assert state(other_argilla.client) == before


@pytest.mark.parametrize(
    ("workspace", "missing"),
    [("argilla", r"no users \['ada'\]"), ("elsewhere", "no workspace 'elsewhere'")],
)
def test_a_key_that_may_not_make_users_writes_nothing(here, other_argilla, dataset, workspace, missing):
    client = other_argilla.client
    with key_of_an_admin(client) as key, HttpApi(other_argilla.url, key) as there:
        before = state(client)
        with pytest.raises(NotPermittedThereError, match=missing):
            copy_dataset(here, there, NAME, workspace)
        assert state(client) == before


def test_a_source_key_that_may_not_see_who_responded(there, local_argilla, dataset):
    with (
        key_of_an_admin(local_argilla.client) as key,
        HttpApi(local_argilla.url, key) as here,
        pytest.raises(NotPermittedThereError, match="may not see the users"),
    ):
        copy_dataset(here, there, NAME)


def test_an_unknown_name_lists_those_that_there_are(here, there, dataset):
    with pytest.raises(CopyError, match=f"0 published datasets called 'nws'.*'argilla/{NAME}'"):
        copy_dataset(here, there, "nws")


@pytest.mark.parametrize("taken", [NAME, NAME + UNFINISHED])
def test_a_name_that_is_taken_is_left_alone(here, local_argilla, dataset, taken):
    workspace = rg.Workspace("taken", client=local_argilla.client).create()
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("comment")])
    old = rg.Dataset(taken, workspace="taken", settings=settings, client=local_argilla.client).create()
    with pytest.raises(CopyError, match="delete"):
        copy_dataset(here, here, f"argilla/{NAME}", "taken")
    assert [each.name for each in workspace.datasets] == [taken]
    old.delete()
    workspace.delete()


def test_responses_without_values(here, there, local_argilla, other_argilla):
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("comment")])
    dataset = rg.Dataset("empty", settings=settings, client=local_argilla.client).create()
    dataset.records.log([{"text": status} for status in ("draft", "discarded")])
    for record in dataset.records:
        here.post(f"records/{record._server_id}/responses", {"status": record.fields["text"]})
    assert copy_dataset(here, there, "empty").records == 2
    copy = other_argilla.client.datasets("empty")
    records = there.get(f"datasets/{copy.id}/records", include=["responses"])["items"]
    assert [(each["status"], each["values"]) for record in records for each in record["responses"]] == [
        ("draft", {}),
        ("discarded", None),
    ]
    copy.delete()
    dataset.delete()


@pytest.mark.parametrize("name", ["n" * 200, "n" * 186, "50% #1? /日本 'x' (being copied)"])
def test_any_name_and_values_of_a_deleted_property(here, there, local_argilla, other_argilla, name):
    settings = rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.TextQuestion("comment")],
        metadata=[rg.TermsMetadataProperty("source")],
    )
    dataset = rg.Dataset(name, settings=settings, client=local_argilla.client).create()
    dataset.records.log([rg.Record(id="0", fields={"text": "t"}, metadata={"source": "web"})])
    dataset.settings.metadata["source"].delete()
    assert copy_dataset(here, there, name).records == 1
    copy = other_argilla.client.datasets(name)
    assert (copy.name, copy.settings.allow_extra_metadata) == (name, False)
    assert [dict(record.metadata) for record in copy.records] == [{"source": "web"}]
    copy.delete()
    dataset.delete()


def test_without_a_key_it_says_where_to_put_one(local_argilla, monkeypatch, capsys):
    monkeypatch.delenv("ARGILLA_API_KEY", raising=False)
    assert main(["copy", NAME, "--to", "https://example.org", "--home", str(local_argilla.home)]) == 1
    assert (
        "ARGILLA_API_KEY is not set: set it to an API key for https://example.org" in capsys.readouterr().err
    )


def test_there_and_back_everything_is_equal(local_argilla, other_argilla, dataset, monkeypatch, capsys):
    monkeypatch.setenv("ARGILLA_API_KEY", read_credentials(Home(other_argilla.home)).api_key)
    command = ["copy", NAME, "--home", str(local_argilla.home), "--workspace", "team"]
    assert main([*command, "--to", other_argilla.url]) == 0
    said = capsys.readouterr().out
    assert said.splitlines() == [
        f"Copied {NAME} to {other_argilla.url}, workspace team: 252 records.",
        "New annotators there, who need a password from an owner: ada.",
    ]
    assert main([*command, "--from", other_argilla.url]) == 0
    assert capsys.readouterr().out == f"Copied {NAME} to {local_argilla.url}, workspace team: 252 records.\n"

    original = contents(local_argilla.client, "argilla")
    assert original[2] == {"total": 252, "completed": 1, "pending": 251}
    assert contents(other_argilla.client, "team") == original
    assert contents(local_argilla.client, "team") == original
    back = local_argilla.client.datasets(NAME, workspace="team")
    assert [record.id for record in back.records("oil")] == ["full"]
    back.delete()
    local_argilla.client.workspaces("team").delete()
