"""The user in whose name predictions are taken without a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.annotation import MODEL_USERNAME, permitted
from helpers.annotation.users import ensure_user

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
    user = ensure_user(client, MODEL_USERNAME, "Predictions taken without a person")
    path = f"/api/v1/workspaces/{dataset.workspace.id}/users"
    client.http_client.post(path, json={"user_id": user["id"]}).raise_for_status()
    return str(user["id"])
