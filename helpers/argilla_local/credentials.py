"""The owner's credentials and the server's secret, random, in one file that only its owner reads."""

import json
import secrets
from dataclasses import asdict, dataclass, field

from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home, replace_text

USERNAME = "argilla"


@dataclass(frozen=True)
class Credentials:
    """What a home's credentials file holds. Its repr shows no secret.

    Examples
    --------
    >>> Credentials("argilla", "p", "k", "s")
    Credentials(username='argilla')
    """

    username: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)


def read_credentials(home: Home) -> Credentials:
    """Return the credentials of a home.

    Raises
    ------
    HomeError
        The home has none yet, or the file is damaged.
    """
    try:
        credentials = Credentials(**json.loads(home.credentials.read_text()))
        if not all(isinstance(value, str) and value for value in asdict(credentials).values()):
            raise ValueError("a value is no text")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise HomeError(f"{home.path} has no credentials yet: the first start makes them.") from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise HomeError(
            f"{home.credentials} is damaged ({error}): delete it; the next start makes new credentials."
        ) from error
    return credentials


def ensure_credentials(home: Home) -> Credentials:
    """Return the credentials of a home, making random ones where there are none."""
    if not home.credentials.exists():
        made = Credentials(
            username=USERNAME,
            password=secrets.token_urlsafe(12),
            api_key=secrets.token_urlsafe(48),
            secret_key=secrets.token_hex(32),
        )
        replace_text(home.credentials, json.dumps(asdict(made), indent=2))
    return read_credentials(home)
