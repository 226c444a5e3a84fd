"""What the server logs of what it refuses: the kind and the place, and nothing that was sent."""

import io
import logging
import time

import pytest

from helpers.argilla_local.home import Home
from helpers.argilla_local.logs import SHOWN_MESSAGE, DiscreetFormatter

SECRET = "s3cret-that-nobody-may-read"


class RefusedError(Exception):
    def errors(self):
        return [{"type": "missing", "loc": ("body", "items", n), "input": SECRET} for n in range(7)]


@pytest.fixture
def logged():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, stream.getvalue


def test_of_an_error_kind_and_places_are_logged(logged):
    logger, text = logged
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error
    except ValueError as error:
        logger.error(error, exc_info=error)
    lines = text().splitlines()
    assert (lines[0], lines[-1]) == ("ERROR ValueError", "ValueError")
    assert "KeyError\n\nwhich led to:\n\nTraceback" in text()
    assert "raise ValueError(SECRET) from error" in text()  # the code, which holds no value
    assert SECRET not in text()


def test_of_a_refused_request_the_first_places_are_logged(logged):
    logger, text = logged
    logger.error(RefusedError(SECRET), exc_info=RefusedError(SECRET))
    assert text() == (
        "ERROR RefusedError: missing at body.items.0; missing at body.items.1; missing at body.items.2; "
        "missing at body.items.3; missing at body.items.4; and 2 more\n"
    )


def test_a_long_message_is_cut(logged):
    logger, text = logged
    logger.error("%s", "x" * 10_000)
    assert text() == f"ERROR {'x' * SHOWN_MESSAGE}... (10,000 characters)\n"


def test_nothing_that_is_refused_is_in_the_servers_log(client, local_argilla):
    http, log = client.http_client, Home(local_argilla.home).log("server")
    workspace = http.get("/api/v1/me/workspaces").json()["items"][0]["id"]
    body = {"name": f"logs-{time.time_ns()}", "workspace_id": workspace}
    dataset = http.post("/api/v1/datasets", json=body).raise_for_status().json()["id"]
    before, begin = log.stat().st_size, time.monotonic()
    refused = [
        ("POST", "users", {"username": "someone", "password": SECRET}),
        ("POST", f"datasets/{dataset}/records/bulk", {"items": [{"fields": {"a": SECRET * 100}}] * 501}),
        ("PATCH", f"datasets/{dataset}", {"guidelines": SECRET * 200_000}),
        ("POST", f"datasets/{dataset}/records/bulk", {"items": [{"fields": {"a": 1}, SECRET: None}, SECRET]}),
    ]
    for method, path, sent in refused:
        assert http.request(method, f"/api/v1/{path}", json=sent).status_code == 422
    assert time.monotonic() - begin < 20
    said = log.read_text()[before:]
    assert SECRET not in said
    assert "missing at body.first_name" in said
    assert "too_long at body.items" in said
    assert "string_too_long at body.guidelines" in said
    assert len(said) < 2000


def test_a_password_that_cannot_be_stored_is_not_told(client, local_argilla):
    """SQLAlchemy's errors would quote the whole row."""
    log = Home(local_argilla.home).log("server")
    before = log.stat().st_size
    user = {"username": "twice", "first_name": SECRET, "password": "12345678"}
    answers = [client.http_client.post("/api/v1/users", json=user) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert SECRET not in log.read_text()[before:]
