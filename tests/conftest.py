"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest

from helpers import argilla_local

collect_ignore = ["benchmarks"]  # run by make benchmark, as scripts


@pytest.fixture(scope="session")
def local_argilla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argilla_local.LocalArgilla]:
    """An embedded Argilla on a home of its own, shared by all tests: leave nothing behind in it."""
    with argilla_local.start(tmp_path_factory.mktemp("argilla") / "home") as server:
        yield server
