import stat

import pytest

from helpers.argilla_local.credentials import ensure_credentials, read_credentials
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home

NUMBERS = '{"username": "argilla", "password": 1, "api_key": 2, "secret_key": 3}'


def test_credentials_are_random_and_kept(tmp_path):
    homes = [Home(tmp_path / name) for name in "ab"]
    for home in homes:
        home.create()
    first, other = map(ensure_credentials, homes)
    assert ensure_credentials(homes[0]) == read_credentials(homes[0]) == first
    assert first.username == other.username == "argilla"
    for secret in ("password", "api_key", "secret_key"):
        assert getattr(first, secret) != getattr(other, secret)
        assert len(getattr(first, secret)) >= 16


def test_only_the_owner_reads_them_and_repr_hides_them(tmp_path):
    home = Home(tmp_path)
    made = ensure_credentials(home)
    assert stat.S_IMODE(home.credentials.stat().st_mode) == 0o600
    assert repr(made) == "Credentials(username='argilla')"


def test_none_yet(tmp_path):
    with pytest.raises(HomeError, match="no credentials yet"):
        read_credentials(Home(tmp_path / "nowhere"))


@pytest.mark.parametrize("text", ["", "null", "{}", "[" * 100_000, '{"username": "argilla"}', NUMBERS])
def test_damaged_ones_say_what_to_do(tmp_path, text):
    home = Home(tmp_path)
    home.credentials.write_text(text)
    with pytest.raises(HomeError, match="delete it"):
        ensure_credentials(home)
