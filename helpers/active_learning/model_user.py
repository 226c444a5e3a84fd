"""The user in whose name predictions are taken without a person."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from helpers.annotation import MODEL_USERNAME, permitted

if TYPE_CHECKING:
    import argilla as rg


def find_model_user(dataset: rg.Dataset) -> str | None:
    """Return the id of the user ``model`` in the dataset's workspace, None where there is none.

    Raises
    ------
    NotPermittedError
        If the key is an annotator's.
    """
    path = f"/api/v1/workspaces/{dataset.workspace.id}/users"
    with permitted(dataset):
        users = dataset._client.http_client.get(path).raise_for_status().json()["items"]
    return next((user["id"] for user in users if user["username"] == MODEL_USERNAME), None)


def ensure_model_user(dataset: rg.Dataset) -> str | None:
    """Return the id of the user ``model``, made where it is missing; None where the key may not."""
    client = dataset._client
    if (found := find_model_user(dataset)) is not None or client.me.role.value != "owner":
        return found
    http = client.http_client
    users = http.get("/api/v1/users").raise_for_status().json()["items"]
    user = next((each for each in users if each["username"] == MODEL_USERNAME), None)
    if user is None:
        new = {
            "username": MODEL_USERNAME,
            "first_name": "Predictions taken without a person",
            "role": "annotator",
            "password": secrets.token_urlsafe(),
        }
        user = http.post("/api/v1/users", json=new).raise_for_status().json()
    path = f"/api/v1/workspaces/{dataset.workspace.id}/users"
    http.post(path, json={"user_id": user["id"]}).raise_for_status()
    return str(user["id"])
