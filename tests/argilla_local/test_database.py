"""The owner of a home, whatever became of it."""

import sqlite3
from contextlib import closing

import argilla as rg
import pytest

from helpers import argilla_local
from helpers.argilla_local.credentials import ensure_credentials
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home, State
from helpers.argilla_local.reindexing import reindex


@pytest.fixture(scope="module")
def home(tmp_path_factory, local_argilla):
    assert local_argilla.client  # before ours, so that it stays the SDK's default for the other tests
    return tmp_path_factory.mktemp("owner") / "home"


def test_an_owner_who_took_another_name_is_still_the_one(home):
    with argilla_local.start(home) as server:
        settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.TextQuestion("comment")])
        dataset = rg.Dataset("kept", settings=settings, client=server.client).create()
        answer = rg.Response("comment", "mine", user_id=server.client.me.id, status="submitted")
        dataset.records.log([rg.Record(fields={"text": "a text"}, responses=[answer])])
        url = f"/api/v1/users/{server.client.me.id}"
        server.client.http_client.patch(url, json={"username": "ada"}).raise_for_status()
    with argilla_local.start(home) as server:
        assert [user.username for user in server.client.users] == ["ada"]
        assert server.client.me.username == "ada"


def test_an_owner_who_was_deleted_is_made_again_in_the_old_workspace(home):
    with argilla_local.start(home) as server:
        url = f"/api/v1/users/{server.client.me.id}"
        server.client.http_client.delete(url).raise_for_status()
    with argilla_local.start(home) as server:
        assert server.client.me.username == "argilla"
        assert server.client.me.role == "owner"
        [workspace] = server.client.workspaces
        assert workspace.name == "argilla"
        assert [user.username for user in workspace.users] == ["argilla"]
        [dataset] = workspace.datasets
        # The owner's responses went along, and their records wait for others.
        assert dataset.progress() == {"total": 1, "completed": 0, "pending": 1}
        said = " ".join(Home(home).log("server").read_text().split())
        assert "The status of 1 records did not fit their responses" in said


def test_empty_tables_of_another_program_are_not_taken_for_half_made_ones(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    ensure_credentials(home)
    home.write_state(State(str(home.sockets), 0))
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("CREATE TABLE notes (text)")
    before = home.database.read_bytes()
    with pytest.raises(HomeError, match=r"another program's, with the tables \['notes'\]: move it away"):
        reindex(home)
    assert home.database.read_bytes() == before
