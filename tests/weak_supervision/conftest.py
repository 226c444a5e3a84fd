import argilla as rg
import pytest


def contents(client: rg.Argilla) -> list[str]:
    datasets = client.http_client.get("/api/v1/me/datasets").json()["items"]
    users = client.http_client.get("/api/v1/users").json()["items"]
    return [f"/api/v1/datasets/{each['id']}" for each in datasets] + [
        f"/api/v1/users/{each['id']}" for each in users
    ]


@pytest.fixture
def client(local_argilla):
    """The owner's client; the datasets and users that a test makes are deleted after it."""
    client = local_argilla.client
    before = contents(client)
    yield client
    for path in contents(client):
        if path not in before:
            client.http_client.delete(path).raise_for_status()
