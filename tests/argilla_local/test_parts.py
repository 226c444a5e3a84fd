import asyncio
import logging
import os
import shutil
import signal

import pytest

from helpers.argilla_local import parts
from helpers.argilla_local.home import Home
from helpers.argilla_local.parts import Part, PartFailedError


def program(home: Home, text: str) -> str:
    path = home.path / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def keep(part: Part) -> None:
    asyncio.run(part.keep())


def test_an_end_before_it_is_ready_is_a_failed_start(home):
    part = Part("redis", home, "redis_server", "/bin/false")
    with pytest.raises(PartFailedError, match="redis: it ended during the start, with exit status 1"):
        keep(part)
    assert part.status() == {"pid": None, "is_ready": False, "starts": 1, "ending": "with exit status 1"}


def test_what_kills_it_during_the_start_may_pass(home, monkeypatch):
    monkeypatch.setattr(parts, "LONGEST_DELAY_S", 0.0)
    part = Part("redis", home, "redis_server", program(home, "kill -9 $$"))
    with pytest.raises(PartFailedError, match="it ended during the start, killed by signal 9"):
        keep(part)
    assert part.status()["starts"] == parts.MOST_EARLY_DEATHS + 1


def test_later_it_is_started_again_for_ever_with_a_growing_delay(home, caplog, monkeypatch):
    slept = []
    sleep = asyncio.sleep

    async def sleep_shortly(delay_s: float) -> None:
        slept.append(delay_s)
        await sleep(0.001)

    monkeypatch.setattr(asyncio, "sleep", sleep_shortly)
    part = Part("redis", home, "redis_server", "/bin/false")

    async def run() -> None:
        part.ready.set()
        keeper = asyncio.create_task(part.keep())
        while part.status()["starts"] < 9:
            await sleep(0.01)
        keeper.cancel()
        await asyncio.wait([keeper])
        assert keeper.cancelled()

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert slept[:8] == [0, 1, 2, 4, 8, 16, 30, 30]
    assert caplog.messages[6] == "redis ended, with exit status 1: it is started again in 30 s"


def test_one_that_ends_by_itself_while_it_is_ended_is_not_started_again(home, monkeypatch):
    part = Part("redis", home, "redis_server", program(home, "sleep 60"))

    def come_too_late(process: asyncio.subprocess.Process) -> None:
        os.kill(process.pid, signal.SIGKILL)
        raise ProcessLookupError

    monkeypatch.setattr(asyncio.subprocess.Process, "terminate", come_too_late)

    async def run() -> None:
        keeper = asyncio.create_task(part.keep())
        while part.status()["pid"] is None:
            await asyncio.sleep(0.01)
        keeper.cancel()
        await asyncio.wait([keeper], timeout=10)
        assert keeper.cancelled()

    asyncio.run(run())
    assert part.status()["starts"] == 1


def test_it_waits_for_the_part_that_it_needs(home):
    needed = Part("redis", home, "redis_server", "/bin/false")
    part = Part("worker", home, "redis_server", "/bin/false", after=needed)

    async def run() -> None:
        keeper = asyncio.create_task(part.keep())
        await asyncio.sleep(0.1)
        assert part.status() == {"pid": None, "is_ready": False, "starts": 0, "ending": ""}
        needed.ready.set()
        with pytest.raises(PartFailedError, match="worker"):
            await keeper

    asyncio.run(run())


def test_a_part_that_cannot_be_run_says_why(home):
    shutil.rmtree(home.logs)
    with pytest.raises(PartFailedError, match=r"it cannot be run .*No such file"):
        keep(Part("redis", home, "redis_server", "/bin/false"))


def test_what_it_says_is_in_its_log(home):
    with pytest.raises(PartFailedError):
        keep(Part("redis", home, "redis_server", "/no/such/redis"))
    assert "FileNotFoundError" in home.log("redis").read_text()


def test_only_known_variables_reach_it(home, monkeypatch):
    monkeypatch.setenv("ARGILLA_BASE_URL", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    printer = program(home, "env; exit 1")
    with pytest.raises(PartFailedError):
        keep(Part("redis", home, "redis_server", printer))
    variables = dict(line.split("=", 1) for line in home.log("redis").read_text().splitlines())
    assert variables["TMPDIR"] == str(home.temporary)
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert not {name for name in variables if name.startswith(("ARGILLA", "PYTHON"))}
