"""Webhooks and other jobs while Redis hangs, dies or still loads, and what is kept of those that failed."""

import os
import signal
import socket
import subprocess
import threading
import time

import argilla as rg
import pytest
from twin_datasets import Receiver

from helpers import argilla_local
from helpers.argilla_local import leases
from helpers.argilla_local.credentials import ensure_credentials
from helpers.argilla_local.environment import ensure_environment, python_of
from helpers.argilla_local.home import Home
from helpers.argilla_local.redis_server import find_redis

LIMIT_S = 60.0
ANSWER = {"values": {"note": {"value": "n"}}, "status": "submitted"}
# As many failed jobs as RQ would keep for a year.
FAIL = """
import sys
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry
redis = Redis(unix_socket_path=sys.argv[1])
failed, queue = FailedJobRegistry("high", connection=redis), Queue("elsewhere", connection=redis)
for number in range(1100):
    job = queue.create_job("builtins.print", job_id=f"failed-{number:04}")
    failed.add(job, ttl=10_000 + number)
"""
SET = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with argilla_local.start(tmp_path_factory.mktemp("jobs") / "home") as server:
        yield server


@pytest.fixture
def dataset(server):
    client = server.client
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("note")])
    dataset = rg.Dataset(f"jobs-{time.time_ns()}", settings=settings, client=client).create()
    dataset.records.log([{"text": f"text {number}"} for number in range(6)])
    yield dataset
    dataset.delete()


def pid_of(server, part):
    return leases.read_status(Home(server.home))["parts"][part]["pid"]


def ask_redis(server, *words):
    command = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    with socket.socket(socket.AF_UNIX) as redis:
        redis.settimeout(LIMIT_S)
        redis.connect(Home(server.home).require_state().redis_socket)
        redis.sendall(command.encode())
        return redis.recv(1000)


def wait_until(condition):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answer_all(server, dataset):
    """Submit a response to each record, and return their ids and how long the slowest took."""
    ids, times = [], []
    for record in dataset.records:
        begin = time.monotonic()
        url = f"/api/v1/records/{record._server_id}/responses"
        answered = server.client.http_client.post(url, json=ANSWER)
        times.append(time.monotonic() - begin)
        assert answered.status_code == 201
        ids.append(answered.json()["id"])
    return ids, sum(times)


def heard(receiver, dataset, number):
    def responses():
        return [event["data"]["id"] for event in receiver.events_of(str(dataset.id))]

    wait_until(lambda: len(responses()) >= number)
    time.sleep(1)  # one that came twice would come at once
    return responses()


def test_who_answers_while_redis_hangs_is_told_so_at_once_and_heard_later(server, dataset):
    redis = pid_of(server, "redis")
    with Receiver(server, ["response.created"]) as receiver:
        os.kill(redis, signal.SIGSTOP)
        try:
            ids, total_s = answer_all(server, dataset)
            assert server.client.http_client.get("/api/v1/me").status_code == 200
        finally:
            os.kill(redis, signal.SIGCONT)
        assert total_s < 10
        assert heard(receiver, dataset, len(ids)) == ids
    assert leases.read_status(Home(server.home))["parts"]["worker"]["starts"] == 1


def test_while_redis_hangs_the_status_of_a_job_is_not_known(server):
    redis = pid_of(server, "redis")
    os.kill(redis, signal.SIGSTOP)
    try:
        answered = server.client.http_client.get("/api/v1/jobs/any")
    finally:
        os.kill(redis, signal.SIGCONT)
    assert (answered.status_code, answered.json()) == (
        503,
        {"detail": "the queue of jobs does not answer: try again"},
    )
    assert server.client.http_client.get("/api/v1/jobs/any").status_code == 404


def test_a_job_is_known_when_its_id_is_told(server, dataset):
    redis = pid_of(server, "redis")
    goes_on = threading.Event()

    def go_on():
        goes_on.set()
        os.kill(redis, signal.SIGCONT)

    # No name of a repository: the job fails before it connects to a hub.
    export = {"name": "no/such/name", "token": "none"}
    os.kill(redis, signal.SIGSTOP)
    threading.Timer(0.3, go_on).start()
    answered = server.client.http_client.post(f"/api/v1/datasets/{dataset.id}/export", json=export)
    assert goes_on.is_set()
    assert answered.status_code == 202
    assert server.client.http_client.get(f"/api/v1/jobs/{answered.json()['id']}").status_code == 200


def test_who_answers_while_redis_is_killed_is_heard_once(server, dataset):
    with Receiver(server, ["response.created"]) as receiver:
        os.kill(pid_of(server, "redis"), signal.SIGKILL)
        ids, _ = answer_all(server, dataset)
        assert heard(receiver, dataset, len(ids)) == ids


def test_of_failed_jobs_the_newest_are_kept(server):
    socket_path = Home(server.home).require_state().redis_socket
    subprocess.run([python_of(ensure_environment()), "-I", "-c", FAIL, socket_path], check=True)
    assert ask_redis(server, "ZCARD", "rq:failed:high") == b":1100\r\n"
    # Its first maintenance comes at once.
    os.kill(pid_of(server, "worker"), signal.SIGKILL)
    wait_until(lambda: ask_redis(server, "ZCARD", "rq:failed:high") == b":1000\r\n")
    wait_until(lambda: ask_redis(server, "EXISTS", "rq:job:failed-0099") == b":0\r\n")
    assert ask_redis(server, "EXISTS", "rq:job:failed-0100", "rq:job:failed-1099") == b":2\r\n"


def test_a_start_waits_for_a_redis_that_still_loads(tmp_path, monkeypatch):
    home, programs = Home(tmp_path / "home"), tmp_path / "programs"
    home.create()
    ensure_credentials(home)
    home.redis.joinpath("appendonly.aof").write_text(SET * 5000)
    programs.mkdir()
    slow = programs / "redis-server"  # a millisecond for each key
    slow.write_text(f'#!/bin/sh\nexec "{find_redis(ensure_environment())}" "$@" --key-load-delay 1000\n')
    slow.chmod(0o700)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    with argilla_local.start(home.path) as server:
        assert ask_redis(server, "GET", "key") == b"$5\r\nvalue\r\n"
        parts = leases.read_status(home)["parts"]
        assert {name: part["starts"] for name, part in parts.items()} == dict.fromkeys(parts, 1)
