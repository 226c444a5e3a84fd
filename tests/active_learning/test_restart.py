"""The server is killed while answers come in."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter

import argilla as rg
import httpx
import pytest

from helpers import argilla_local
from helpers.active_learning import Listener, active_learning_settings
from helpers.annotation import SimulatedAnnotator, create_dataset, label_question, log_records
from helpers.argilla_local import leases
from helpers.argilla_local.home import Home

LABELS = ["World", "Sports"]
WAIT_S = 60.0
RECORDS = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with argilla_local.start(tmp_path_factory.mktemp("restart") / "home") as server:
        yield server


def kill_server(server: argilla_local.LocalArgilla) -> None:
    status = leases.read_status(Home(server.home))
    os.kill(status["parts"]["server"]["pid"], signal.SIGKILL)


def make_dataset(server: argilla_local.LocalArgilla, name: str) -> tuple[rg.Dataset, SimulatedAnnotator]:
    dataset = create_dataset(server.client, name, active_learning_settings(server.client, LABELS))
    log_records(dataset, [rg.Record(id=f"n{i}", fields={"text": f"News {i}"}) for i in range(RECORDS)])
    gold = {f"n{i}": LABELS[i % 2] for i in range(RECORDS)}
    return dataset, SimulatedAnnotator(server.client, label_question(dataset), gold)


@pytest.mark.parametrize("transport", ["webhook", "polling"])
def test_a_killed_server_loses_no_answer_and_repeats_none(server, transport):
    dataset, annotator = make_dataset(server, f"killed-{transport}")
    records = list(dataset.records())
    heard = []

    def answer_all():
        for record in records:
            while True:
                # The request may be cut short; what was answered before is then left as it is.
                with contextlib.suppress(httpx.TransportError, httpx.HTTPStatusError):
                    annotator.annotate([record])
                    break
                time.sleep(0.1)

    with Listener(dataset, heard.append, transport=transport, interval_s=0.2) as listening:
        answering = threading.Thread(target=answer_all)
        answering.start()
        listening.wait(lambda: len(heard) >= 10, WAIT_S)
        kill_server(server)
        listening.wait(lambda: len({event.record_id for event in heard}) == RECORDS, WAIT_S)
        answering.join()
        time.sleep(1)  # For what might come twice.
    assert Counter(event.record_id for event in heard) == Counter(record.id for record in records)
    assert Counter(event.key for event in heard).most_common(1)[0][1] == 1


def test_events_that_died_with_the_server_are_caught_up(server):
    dataset, annotator = make_dataset(server, "caught-up")
    records = list(dataset.records())[:5]
    heard = []
    with Listener(dataset, heard.append) as listening:
        assert listening.transport == "webhook"
        receiver = listening._source._receiver
        lost = []
        receive, receiver.receive = receiver.receive, lost.append
        annotator.annotate(records)
        while len(lost) < 5:
            time.sleep(0.02)
        receiver.receive = receive
        assert heard == []
        kill_server(server)
        listening.wait(lambda: len(heard) == 5, WAIT_S)
        assert [event.record_id for event in heard] == [record.id for record in records]
        for message in lost:  # The server sends again what nobody acknowledged.
            receive(message)
        more = list(dataset.records())[5:6]
        annotator.annotate(more)  # Webhooks work on.
        listening.wait(lambda: len(heard) == 6, WAIT_S)
    assert heard[-1].record_id == more[0].id
