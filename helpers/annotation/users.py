"""Users that these helpers make for themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argilla as rg


def ensure_user(client: rg.Argilla, username: str, first_name: str) -> dict[str, Any]:
    """Return a user as the server has it; a missing one is made, an annotator whom nobody can sign in as.

    Parameters
    ----------
    client
        A connection with an owner's key: only an owner may list and create users.
    username
        By which it is known.
    first_name
        What the web UI shows, for a user that is new.
    """
    http = client.http_client
    users = http.get("/api/v1/users").raise_for_status().json()["items"]
    user: dict[str, Any] | None = next((each for each in users if each["username"] == username), None)
    if user is None:
        new = {
            "username": username,
            "first_name": first_name,
            "role": "annotator",
            "password": secrets.token_urlsafe(),
        }
        user = http.post("/api/v1/users", json=new).raise_for_status().json()
    return user
