"""What notebooks need to be executed in tests."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import argilla as rg
import pytest
from labeled_texts import row


@pytest.fixture(scope="module")
def argilla_in_environment(local_argilla):
    """The shared embedded Argilla, which notebooks connect to by their environment."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ARGILLA_API_URL", local_argilla.url)
        environment.setenv("ARGILLA_API_KEY", local_argilla.client.api_key)
        yield local_argilla


@pytest.fixture
def let_a_person_label(argilla_in_environment):
    """Have somebody label the pending records of a new dataset until the test is over.

    A function of the dataset's name, the gold labels of the training texts by row, and conditions that the
    records to label fulfill.
    """
    server, done, works = argilla_in_environment, Event(), {}
    with ThreadPoolExecutor() as executor:

        def begin(name, gold, *conditions):
            # The notebook would replace the dataset of an earlier test while this person looks at it.
            _delete(server.client, name)
            works[name] = executor.submit(_label, server, name, gold, conditions, done)

        yield begin
        done.set()
        for name, work in works.items():
            work.result()
            _delete(server.client, name)


def _delete(client, name):
    for dataset in client.datasets:
        if dataset.name == name:
            dataset.delete()


def _label(server, name, gold, conditions, done):
    client = rg.Argilla(api_url=server.url, api_key=server.client.api_key)
    asked = rg.Query(filter=[("status", "==", "pending"), *conditions])
    while not done.wait(0.2):
        dataset = client.datasets(name)
        for record in dataset.records(asked) if dataset and dataset._is_published() else ():
            answer = {"values": {"label": {"value": gold[row(record)]}}, "status": "submitted"}
            path = f"/api/v1/records/{record._server_id}/responses"
            client.http_client.post(path, json=answer).raise_for_status()
