"""Users, workspaces, the distribution of tasks, changed datasets and webhooks, with Argilla's SDK."""

import time
from uuid import uuid4

import argilla as rg
import pytest
from twin_datasets import Receiver

PASSWORD = "12345678"


def fresh(stem):
    return f"{stem}-{uuid4().hex[:8]}"


@pytest.fixture
def client(local_argilla):
    return local_argilla.client


@pytest.fixture
def make_user(client):
    """Make a user and return it with a client of its own."""
    made = []

    def make(role, *workspaces):
        user = rg.User(username=fresh(role), password=PASSWORD, role=role, client=client).create()
        made.append(user)
        for workspace in workspaces:
            user.add_to_workspace(workspace)
        api_key = client.http_client.post(
            "/api/v1/token", data={"username": user.username, "password": PASSWORD}
        ).json()["access_token"]
        return user, api_key

    yield make
    for user in made:
        user.delete()


@pytest.fixture
def workspace(client):
    workspace = rg.Workspace(name=fresh("team"), client=client).create()
    yield workspace
    for dataset in workspace.datasets:
        dataset.delete()
    workspace.delete()


def settings(**changes):
    return rg.Settings(
        fields=[rg.TextField("text")],
        questions=[rg.LabelQuestion("topic", labels=["World", "Sports"])],
        **changes,
    )


def as_user(client, token):
    """Return the headers of a user's request."""
    return {"Authorization": f"Bearer {token}", "X-Argilla-Api-Key": ""}


def test_workspaces_and_their_users(client, workspace, make_user):
    user, _ = make_user("annotator", workspace)
    assert [member.username for member in workspace.users] == [user.username]
    assert client.users(user.username).role == "annotator"
    assert workspace.name in [other.name for other in client.workspaces]
    workspace.remove_user(user)
    assert list(workspace.users) == []
    assert client.workspaces(fresh("nobody")) is None


def test_annotators_see_only_their_workspaces(client, workspace, make_user):
    _, token = make_user("annotator", workspace)
    dataset = rg.Dataset(fresh("seen"), workspace=workspace, settings=settings(), client=client).create()
    hidden = rg.Dataset(fresh("hidden"), settings=settings(), client=client).create()
    headers = as_user(client, token)
    seen = client.http_client.get("/api/v1/me/datasets", headers=headers).json()["items"]
    assert [item["name"] for item in seen] == [dataset.name]
    url = f"/api/v1/me/datasets/{hidden.id}/records/search"
    assert client.http_client.post(url, json={}, headers=headers).status_code == 403
    everyone = f"/api/v1/datasets/{dataset.id}/records/search"
    assert client.http_client.post(everyone, json={}, headers=headers).status_code == 403
    hidden.delete()


def test_a_record_is_completed_by_as_many_responses_as_the_overlap_asks_for(client, workspace, make_user):
    dataset = rg.Dataset(
        fresh("overlap"),
        workspace=workspace,
        settings=settings(distribution=rg.TaskDistribution(min_submitted=2)),
        client=client,
    ).create()
    dataset.records.log([{"id": str(n), "text": f"news {n}"} for n in range(3)])
    first, *_ = dataset.records
    tokens = [make_user("annotator", workspace)[1] for _ in range(2)]

    def respond(token, label, status="submitted"):
        answer = {"values": {"topic": {"value": label}}, "status": status}
        url = f"/api/v1/records/{first._server_id}/responses"
        return client.http_client.post(url, json=answer, headers=as_user(client, token)).raise_for_status()

    respond(tokens[0], "World")
    assert dataset.progress() == {"total": 3, "pending": 3, "completed": 0}
    respond(tokens[1], "Sports")
    assert dataset.progress() == {"total": 3, "pending": 2, "completed": 1}
    completed = rg.Query(filter=("status", "==", "completed"))
    assert [record.id for record in dataset.records(completed)] == ["0"]
    metrics = client.http_client.get(
        f"/api/v1/me/datasets/{dataset.id}/metrics", headers=as_user(client, tokens[0])
    ).json()
    assert metrics["responses"] == {"total": 3, "submitted": 1, "discarded": 0, "draft": 0, "pending": 2}
    # each finds what they have still to do, in an order of their own that pages keep
    url = f"/api/v1/me/datasets/{dataset.id}/records/search"
    pending = {"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": ["pending"]}
    for token in tokens:
        pages = [
            client.http_client.post(
                url,
                json={"filters": {"and": [pending]}},
                params={"offset": offset, "limit": 1},
                headers=as_user(client, token),
            ).json()
            for offset in range(2)
        ]
        assert [page["total"] for page in pages] == [2, 2]
        assert {page["items"][0]["record"]["external_id"] for page in pages} == {"1", "2"}
    by_user = dataset.progress(with_users_distribution=True)["users"]
    assert sorted(user["completed"]["submitted"] for user in by_user.values()) == [1, 1]


def test_a_published_dataset_is_changed(client, workspace):
    dataset = rg.Dataset(fresh("published"), workspace=workspace, settings=settings(), client=client).create()
    dataset.records.log([{"id": "1", "text": "news"}])
    dataset.settings.guidelines = "Read this."
    dataset.settings.fields["text"].title = "The text"
    dataset.settings.questions["topic"].title = "What is it about?"
    dataset.settings.add(rg.IntegerMetadataProperty("size"))
    dataset.settings.add(rg.VectorField("direction", dimensions=2))
    dataset.settings.update()
    again = client.datasets(dataset.name, workspace=workspace)
    assert again.settings.guidelines == "Read this."
    assert again.settings.fields["text"].title == "The text"
    assert again.settings.questions["topic"].title == "What is it about?"
    again.records.log(
        [
            {"id": "2", "text": "more", "size": 5, "direction": [1.0, 0.0]},
            {"id": "1", "text": "news", "size": 3, "direction": [0.0, 1.0]},
        ]
    )
    big = rg.Query(filter=("metadata.size", ">=", 4))
    assert [record.id for record in again.records(big)] == ["2"]
    similar = rg.Query(similar=rg.Similar("direction", [0.0, 1.0]))
    assert [record.id for record, _ in again.records(similar)] == ["1", "2"]
    again.settings.metadata["size"].delete()
    again.settings.vectors["direction"].delete()
    assert [record.id for record in again.records(rg.Query(query="news"))] == ["1"]


def test_a_dataset_is_deleted_with_its_index_and_made_again_under_its_name(client, workspace):
    name = fresh("again")
    for text in ("first", "second"):
        dataset = rg.Dataset(name, workspace=workspace, settings=settings(), client=client).create()
        dataset.records.log([{"text": text}])
        assert [record.fields["text"] for record in dataset.records(rg.Query(query="first | second"))] == [
            text
        ]
        dataset.delete()
    assert client.datasets(name, workspace=workspace) is None


def test_a_webhook_hears_what_it_asked_for(local_argilla, client, workspace):
    dataset = rg.Dataset(fresh("heard"), workspace=workspace, settings=settings(), client=client).create()
    dataset.records.log([{"text": "news"}])
    [record] = dataset.records
    with Receiver(local_argilla, ["response.created", "record.completed"]) as receiver:
        assert [hook.enabled for hook in client.webhooks if "response.created" in hook.events] == [True]
        answer = {"values": {"topic": {"value": "World"}}, "status": "submitted"}
        client.http_client.post(f"/api/v1/records/{record._server_id}/responses", json=answer)
        deadline = time.monotonic() + 60
        while len(receiver.events_of(str(dataset.id))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        heard = {event["type"]: event["data"] for event in receiver.events_of(str(dataset.id))}
    assert heard["response.created"]["values"] == {"topic": {"value": "World"}}
    assert heard["record.completed"]["status"] == "completed"
