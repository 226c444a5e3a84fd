"""An index that lags behind the database, on the real server."""

import re
import sqlite3
from contextlib import closing
from uuid import UUID, uuid4

import argilla as rg
import pytest

from helpers import argilla_local
from helpers.argilla_local.__main__ import main
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import Home
from helpers.argilla_local.reindexing import reindex


def found(dataset, query=None, filter=None):
    return {record.id for record in dataset.records(rg.Query(query=query, filter=filter))}


@pytest.fixture(scope="module")
def home(tmp_path_factory, local_argilla):
    """A stopped home whose dataset went through every kind of change; its index is level."""
    assert local_argilla.client  # before ours, so that it stays the SDK's default for the other tests
    home = Home(tmp_path_factory.mktemp("leveling") / "home")
    with argilla_local.start(home.path) as server:
        settings = rg.Settings(
            fields=[rg.TextField("text"), rg.ChatField("talk", required=False)],
            questions=[
                rg.LabelQuestion("topic", labels=["World", "Sports"]),
                rg.RatingQuestion("stars", values=[1, 2, 3], required=False),
            ],
            metadata=[rg.IntegerMetadataProperty("size")],
            vectors=[rg.VectorField("direction", dimensions=2)],
        )
        dataset = rg.Dataset("news", settings=settings, client=server.client).create()
        user, http = server.client.me, server.client.http_client
        dataset.records.log(
            [
                rg.Record(
                    id=id,
                    fields={"text": f"news {id}", "talk": [{"role": "user", "content": "hello"}]},
                    metadata={"size": size},
                    vectors={"direction": [1.0, size]},
                    suggestions=[rg.Suggestion("topic", "World", score=0.5), rg.Suggestion("stars", 2)],
                    responses=[rg.Response("topic", "World", user_id=user.id, status="submitted")],
                )
                for size, id in enumerate("abcdef")
            ]
        )
        dataset.records.log([{"id": "a", "text": "other news", "topic": "Sports"}])
        url = f"/api/v1/datasets/{dataset.id}/records"
        a, b, c, *_ = http.get(url, params={"include": "responses,suggestions"}).json()["items"]
        answer = {"values": {"topic": {"value": "Sports"}}, "status": "discarded"}
        for done in (
            http.patch(f"/api/v1/records/{a['id']}", json={"metadata": {"size": 9}}),
            http.delete(f"/api/v1/responses/{b['responses'][0]['id']}"),
            http.put(f"/api/v1/responses/{c['responses'][0]['id']}", json=answer),
            http.delete(f"/api/v1/records/{c['id']}/suggestions", params={"ids": c["suggestions"][0]["id"]}),
        ):
            done.raise_for_status()
        dataset.records.delete([record for record in dataset.records if record.id == "d"])
    return home


def restarted(home):
    return argilla_local.start(home.path)


def said(home):
    """Return what the server's log says of the index, without the layout of its lines."""
    text = re.sub(r"\S+\.py:\d+", "", home.log("server").read_text())
    return " ".join(text.split()) if "index" in text else ""


def test_an_index_that_is_level_is_left_alone(home):
    with restarted(home):
        assert said(home) == ""


def test_what_the_index_lacks_is_noticed_and_mended(home):
    with closing(sqlite3.connect(home.index)) as index, closing(sqlite3.connect(home.database)) as database:
        [(dataset,)] = index.execute("SELECT dataset FROM mappings")
        docs = dict(index.execute(f"SELECT external_id, doc FROM records_{dataset}"))
        # the writing of a new record, of new parts, of a change and of a deletion is lost
        for table in ("records", "values", "versions", "vectors"):
            index.execute(f"DELETE FROM {table}_{dataset} WHERE doc = ?", (docs["e"],))
        for table in ("values", "versions"):
            index.execute(f"DELETE FROM {table}_{dataset} WHERE doc = ?", (docs["f"],))
        stale = f"UPDATE records_{dataset} SET updated_at = inserted_at, status = 'completed' WHERE doc = ?"
        index.execute(stale, (docs["c"],))
        database.execute("DELETE FROM records WHERE external_id = 'b'")
        index.execute("INSERT INTO mappings VALUES (?, ?)", (uuid4().hex, '{"fields": [], "types": {}}'))
        index.commit()
        database.commit()
    with restarted(home) as server:
        dataset = server.client.datasets("news")
        assert "3 records of the dataset" in said(home)
        assert "1 are removed" in said(home)
        assert found(dataset) == found(dataset, "news") == set("acef")
        assert found(dataset, filter=("stars.suggestion", "==", 2)) >= set("aef")
        assert found(dataset, filter=("response.status", "==", "submitted")) == set("aef")
        assert found(dataset, filter=("status", "==", "completed")) == set("aef")
    with closing(sqlite3.connect(home.index)) as index:
        assert len(index.execute("SELECT dataset FROM mappings").fetchall()) == 1


def test_an_index_that_cannot_be_read_is_built_anew(home):
    content = home.index.read_bytes()
    home.index.write_bytes(content[:4096] + b"once upon a time" * (len(content[4096:]) // 16))
    with restarted(home) as server:
        assert "built anew" in said(home)
        assert "4 records of the dataset" in said(home)
        dataset = server.client.datasets("news")
        assert [record.id for record in dataset.records(rg.Query(query="news"))] == list("acef")
        assert found(dataset, filter=("metadata.size", ">=", 5)) == {"a", "f"}


def test_reindexing_a_stopped_home(home, capsys):
    with closing(sqlite3.connect(home.index)) as index:
        [(dataset,)] = index.execute("SELECT dataset FROM mappings")
        index.execute(f"UPDATE values_{dataset} SET value = 'Sports'")
        index.commit()
    assert main(["reindex", "--home", str(home.path)]) == 0
    assert capsys.readouterr().out.startswith("4 records are indexed anew")
    with restarted(home) as server:
        assert said(home) == ""
        dataset = server.client.datasets("news")
        assert found(dataset, filter=("response.status", "==", "submitted")) == set("aef")


def test_a_record_that_the_index_cannot_take_is_left_out(home, capsys, all_gone):
    """An older version of the server stored what is refused now."""
    odd = {"suggestions": ("a", r'"half \ud83d"'), "vectors": ("c", "[1.0, Infinity]")}
    with closing(sqlite3.connect(home.database)) as database:
        ids = dict(database.execute("SELECT external_id, id FROM records"))
        for table, (record, value) in odd.items():
            change = f"UPDATE {table} SET value = ?, updated_at = '2030-01-01' WHERE record_id = ?"
            assert database.execute(change, (value, ids[record])).rowcount
        database.commit()
    with restarted(home) as server:
        dataset, http = server.client.datasets("news"), server.client.http_client
        for id in (ids["a"], ids["c"]):
            assert f"cannottaketherecord{UUID(id)}" in said(home).replace(" ", "")
        search = {"query": {"text": {"q": "news"}}}
        hits = http.post(f"/api/v1/datasets/{dataset.id}/records/search", json=search).json()["items"]
        assert [hit["record"]["external_id"] for hit in hits] == ["e", "f"]
    assert all_gone(home.path)
    assert main(["reindex", "--home", str(home.path)]) == 0
    *left_out, done = capsys.readouterr().out.splitlines()
    assert done.startswith("2 records are indexed anew")
    assert {UUID(line.split()[7]).hex for line in left_out} == {ids["a"], ids["c"]}


def test_a_running_home_is_not_reindexed(local_argilla, capsys):
    assert main(["reindex", "--home", str(local_argilla.home)]) == 1
    assert "stop`, then `reindex` again" in capsys.readouterr().err


def test_a_folder_without_an_argilla_is_not_reindexed(tmp_path):
    with pytest.raises(HomeError, match="nothing to index"):
        reindex(Home(tmp_path / str(uuid4())))
