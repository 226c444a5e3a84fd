"""What notebooks need to be executed in tests."""

import pytest


@pytest.fixture(scope="module")
def argilla_in_environment(local_argilla):
    """The shared embedded Argilla, which notebooks connect to by their environment."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ARGILLA_API_URL", local_argilla.url)
        environment.setenv("ARGILLA_API_KEY", local_argilla.client.api_key)
        yield local_argilla
