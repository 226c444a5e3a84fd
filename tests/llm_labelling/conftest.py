"""The encoder, loaded once."""

import pytest

from helpers.data.encoder import load_encoder
from helpers.data.sources import Source


@pytest.fixture(scope="session")
def encoder():
    return load_encoder(Source("bundled"))
