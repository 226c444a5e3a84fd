"""The HTTP interface of an Argilla, embedded or elsewhere, where the SDK hides what must be kept exactly."""

from typing import Any, Self
from urllib.parse import urlsplit

from helpers.argilla_local.errors import RemoteError

TIMEOUT_S = 120.0
SHOWN_CHARACTERS = 500


class HttpApi:
    """Requests to one Argilla in the name of one user.

    Parameters
    ----------
    url
        Where the Argilla is.
    key
        An API key of the user.
    token
        A Hugging Face token, which opens a private Space; no other host sees it.

    Raises
    ------
    RemoteError
        The URL is none, or the key has characters that no key has.
    """

    def __init__(self, url: str, key: str, token: str | None = None) -> None:
        import httpx

        if not (key.isascii() and key.isprintable()):
            raise RemoteError(f"The key for {url} has characters that no key has: copy it from the UI there.")
        self.url = url.rstrip("/")
        try:
            host = urlsplit(self.url).hostname
        except ValueError as error:
            raise RemoteError(f"{url!r} is no URL ({error}): correct it.") from error
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers={"X-Argilla-Api-Key": key, **space_headers(self.url, token)},
            timeout=TIMEOUT_S,
            # A proxy for the outer world does not lead to this machine.
            trust_env=host not in ("127.0.0.1", "localhost"),
        )

    def get(self, path: str, **parameters: str | int | list[str]) -> Any:
        """Return what is at a path, as `send`."""
        return self.send("GET", path, params=parameters)

    def post(self, path: str, body: object) -> Any:
        """Make something new at a path, as `send`."""
        return self.send("POST", path, json=body)

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return its answer.

        Raises
        ------
        RemoteError
            Nothing answers, what answers is no Argilla, or it refuses.
        """
        import httpx

        try:
            response = self._client.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RemoteError(f"No server answers at {self.url} ({error}): correct the URL.") from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise RemoteError(f"The Argilla at {self.url} does not know the key: copy it from the UI there.")
        if response.status_code == httpx.codes.FORBIDDEN:
            raise RemoteError(
                f"The user of the key may not {method} {path} at {self.url}: use the key of an owner, or of "
                "an admin of the workspace."
            )
        if response.is_error:
            raise RemoteError(
                f"The Argilla at {self.url} answered {response.status_code} to {method} {path}: "
                f"{response.text[:SHOWN_CHARACTERS]}"
            )
        try:
            return response.json()
        except ValueError as error:
            raise RemoteError(f"What answers at {self.url} is no Argilla: correct the URL.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()


def space_headers(url: str, token: str | None) -> dict[str, str]:
    """Return what opens a private Space; no other host must see the token.

    >>> space_headers("https://me-argilla.hf.space", "t"), space_headers("https://example.org", "t")
    ({'Authorization': 'Bearer t'}, {})
    """
    parts = urlsplit(url)
    is_space = parts.scheme == "https" and (parts.hostname or "").endswith(".hf.space")
    return {"Authorization": f"Bearer {token}"} if token and is_space else {}
