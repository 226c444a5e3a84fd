"""Connect to the Argilla of the environment variables, or to the embedded one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from helpers import argilla_local
from helpers.annotation.errors import MissingKeyError, NoServerError, NotArgillaError, WrongKeyError
from helpers.argilla_local.display import show_link
from helpers.argilla_local.http_api import space_headers
from helpers.argilla_local.sdk import sdk_client

if TYPE_CHECKING:
    import argilla as rg

PROBE_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class RemoteArgilla:
    """An Argilla that somebody else runs: a Space, a deployment, an embedded one of another process.

    Leaving its `with` block leaves the server running.
    """

    url: str
    client: rg.Argilla

    def show(self) -> None:
        """Show a link to the web UI, and who is connected."""
        me = self.client.me
        show_link(f"Argilla, connected as {me.username} ({me.role.value})", self.url, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def connect(home: str | Path | None = None) -> argilla_local.LocalArgilla | RemoteArgilla:
    """Connect to the Argilla at ARGILLA_API_URL, or start the embedded one.

    Parameters
    ----------
    home
        Where the embedded Argilla keeps its data, if that is used.

    Returns
    -------
    LocalArgilla or RemoteArgilla
        Both have `url`, `client` and `show()`, and both are context managers.

    Raises
    ------
    MissingKeyError
        If ARGILLA_API_URL is set without ARGILLA_API_KEY.
    NoServerError
        If nothing answers there within seconds.
    NotArgillaError
        If what answers is no Argilla 2. A private Hugging Face Space shows itself only to a member: set
        HF_TOKEN, which is sent to hosts of Hugging Face alone.
    WrongKeyError
        If the server does not know the key.
    """
    url = os.environ.get("ARGILLA_API_URL", "").rstrip("/")
    if not url:
        return argilla_local.start(home)
    key = os.environ.get("ARGILLA_API_KEY")
    if not key:
        raise MissingKeyError(
            f"ARGILLA_API_URL is {url} and ARGILLA_API_KEY is not set. Copy the key from "
            f"{url}/user-settings, or unset ARGILLA_API_URL to use the embedded Argilla."
        )
    if not (key.isascii() and key.isprintable()):
        raise WrongKeyError(
            f"ARGILLA_API_KEY has characters that no key has. Copy it again from {url}/user-settings."
        )
    headers = space_headers(url, os.environ.get("HF_TOKEN"))
    _probe(url, headers)
    return RemoteArgilla(url, _client(url, key, headers))


def _probe(url: str, headers: dict[str, str]) -> None:
    """Find out within seconds whether an Argilla 2 answers; the SDK alone would retry for long."""
    import httpx

    way_out = "Correct ARGILLA_API_URL, or unset it to use the embedded Argilla."
    try:
        response = httpx.get(
            f"{url}/api/v1/version", headers=headers, timeout=PROBE_TIMEOUT_S, follow_redirects=True
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoServerError(f"No server answers at ARGILLA_API_URL={url} ({error}). {way_out}") from error
    version = _version(response)
    if not version.startswith("2."):
        what = f"Argilla {version}, not 2" if version else f"no Argilla (status {response.status_code})"
        raise NotArgillaError(
            f"What answers at ARGILLA_API_URL={url} is {what}. {way_out} For a private Space set HF_TOKEN."
        )


def _version(response: Any) -> str:
    """Return the version that an Argilla server answers with, or nothing if it is none."""
    try:
        return str(response.json()["version"])
    except (ValueError, KeyError, TypeError):
        return ""


def _client(url: str, key: str, headers: dict[str, str]) -> rg.Argilla:
    from argilla._exceptions import ArgillaCredentialsError

    try:
        return sdk_client(url, key, headers=headers)
    except ArgillaCredentialsError as error:
        raise WrongKeyError(
            f"The Argilla at {url} does not know the key in ARGILLA_API_KEY. "
            f"Copy it again from {url}/user-settings."
        ) from error
