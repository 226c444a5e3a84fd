import asyncio
import logging

import pytest

from helpers.argilla_local.home import Home, State
from helpers.argilla_local.parts import MOST_DEATHS, Part, PartFailedError


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    home.write_state(State(str(home.sockets), 0))
    return home


def keep(part: Part, *, started: bool) -> None:
    async def run() -> None:
        event = asyncio.Event()
        if started:
            event.set()
        await part.keep(event)

    asyncio.run(run())


def test_a_death_during_the_start_is_a_failed_start(home):
    part = Part("redis", home, "redis_server", "/bin/false")
    with pytest.raises(PartFailedError, match="redis: it ended during the start, with exit status 1"):
        keep(part, started=False)
    assert part.starts == 1


def test_a_later_death_starts_it_again_a_few_times(home, caplog):
    part = Part("redis", home, "redis_server", "/bin/false")
    with caplog.at_level(logging.WARNING), pytest.raises(PartFailedError, match="died 4 times in a row"):
        keep(part, started=True)
    assert part.starts == len(caplog.records) + 1 == MOST_DEATHS + 1


def test_what_it_says_is_in_its_log(home):
    with pytest.raises(PartFailedError):
        keep(Part("redis", home, "redis_server", "/no/such/redis"), started=False)
    assert "FileNotFoundError" in home.log("redis").read_text()


def test_only_known_variables_reach_it(home, monkeypatch):
    monkeypatch.setenv("ARGILLA_BASE_URL", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    printer = home.path / "print-variables"
    printer.write_text("#!/bin/sh\nenv\nexit 1\n")
    printer.chmod(0o700)
    with pytest.raises(PartFailedError):
        keep(Part("redis", home, "redis_server", str(printer)), started=False)
    variables = dict(line.split("=", 1) for line in home.log("redis").read_text().splitlines())
    assert variables["TMPDIR"] == str(home.temporary)
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert not {name for name in variables if name.startswith(("ARGILLA", "PYTHON"))}
