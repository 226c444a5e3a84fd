"""Copying a dataset with all that belongs to it from one Argilla to another.

Settings, guidelines, distribution and metadata (the rules are there), records, vectors, suggestions and every
user's responses are copied as the server keeps them; ids and dates are new.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from helpers.argilla_local.errors import CopyError, NotPermittedThereError
from helpers.argilla_local.http_api import HttpApi

PAGE_SIZE = 200
# Until everything is there, the copy has a name that says so, even where this process is killed.
UNFINISHED = " (being copied)"
LONGEST_NAME = 200

Json = dict[str, Any]


@dataclass(frozen=True)
class Copied:
    """What was copied.

    Attributes
    ----------
    records
        How many records.
    workspace
        The workspace in which the copy is.
    new_users
        The users that were made for it, as annotators with random passwords.
    """

    records: int
    workspace: str
    new_users: tuple[str, ...]


def copy_dataset(source: HttpApi, target: HttpApi, name: str, workspace: str | None = None) -> Copied:
    """Copy a dataset to another Argilla, with a progress bar. Where that fails, nothing of it stays there.

    Users are matched by name. Where the target lacks some, or the workspace, an owner's key makes them.

    Parameters
    ----------
    source
        Where it is.
    target
        Where the copy goes.
    name
        The dataset's name, or ``workspace/name``.
    workspace
        The workspace for the copy; by default one of the same name.

    Raises
    ------
    CopyError
        There is no such published dataset or more than one, the target has one of this name already, or it
        changed while it was copied.
    NotPermittedThereError
        The target lacks users or the workspace, and its key may not make them, or the source's key may not
        see who responded. Nothing has been written then.
    RemoteError
        One of the two does not answer, or refuses a request.
    """
    place, dataset = _find(source, name)
    respondents = _respondents(source, dataset)
    with ExitStack() as undo:
        home = _workspace(target, workspace or place, undo)
        _check_name_is_free(target, home, dataset["name"])
        users, new_users = _users(target, home, respondents, undo)
        copy, questions = _create(source, target, dataset, home, undo)
        ids = {id: users[username] for id, username in respondents.items()}
        records = _copy_records(source, target, dataset, copy, _Names(ids, questions))
        kept = {key: dataset[key] for key in ("name", "allow_extra_metadata")}
        target.send("PATCH", f"datasets/{copy['id']}", json=kept)
        undo.pop_all()
    return Copied(records, home["name"], new_users)


@dataclass(frozen=True)
class _Names:
    """Ids at the target by ids at the source."""

    users: Mapping[str, str]
    questions: Mapping[str, str]

    def record(self, record: Json) -> Json:
        """Return a record of the source as the target takes it."""
        return {
            **{key: record[key] for key in ("external_id", "fields", "metadata", "vectors")},
            "responses": [
                {"user_id": self.users[each["user_id"]], "values": _values(each), "status": each["status"]}
                for each in record["responses"]
            ],
            "suggestions": [
                {**_new(each), "question_id": self.questions[each["question_id"]]}
                for each in record["suggestions"]
            ],
        }


def _values(response: Json) -> Json | None:
    """Return the values of a response as the target takes them: of a draft, it refuses null."""
    values: Json | None = response["values"]
    return {} if values is None and response["status"] == "draft" else values


def _find(source: HttpApi, name: str) -> tuple[str, Json]:
    """Return a dataset behind the name of its workspace."""
    workspaces = {each["id"]: each["name"] for each in source.get("me/workspaces")["items"]}
    datasets = source.get("me/datasets")["items"]
    placed = [(workspaces[each["workspace_id"]], each) for each in datasets if each["status"] == "ready"]
    found = [(place, each) for place, each in placed if name in (each["name"], f"{place}/{each['name']}")]
    if len(found) != 1:
        choice = sorted(f"{place}/{each['name']}" for place, each in found or placed)
        raise CopyError(
            f"{source.url} has {len(found)} published datasets called {name!r}, where one is needed: "
            f"choose one of {choice}."
        )
    return found[0]


def _respondents(source: HttpApi, dataset: Json) -> dict[str, str]:
    """Return the names of all who have a response in a dataset, by their ids."""
    names = {each["username"] for each in source.get(f"datasets/{dataset['id']}/users/progress")["users"]}
    known = {each["id"]: each["username"] for each in _visible_users(source, dataset["workspace_id"])}
    if unseen := names - set(known.values()):
        raise NotPermittedThereError(
            f"The key for {source.url} may not see the users {sorted(unseen)}, who responded: use that of an "
            "owner."
        )
    return {id: username for id, username in known.items() if username in names}


def _visible_users(api: HttpApi, workspace_id: str) -> list[Json]:
    everywhere = _is_owner(api)
    users: list[Json] = api.get("users" if everywhere else f"workspaces/{workspace_id}/users")["items"]
    return users


def _is_owner(api: HttpApi) -> bool:
    return bool(api.get("me")["role"] == "owner")


def _workspace(target: HttpApi, name: str, undo: ExitStack) -> Json:
    for each in target.get("me/workspaces")["items"]:
        if each["name"] == name:
            found: Json = each
            return found
    if not _is_owner(target):
        raise NotPermittedThereError(
            f"{target.url} has no workspace {name!r} that the key may use, and the key may not make it: name "
            "another one, or use that of an owner."
        )
    made: Json = target.post("workspaces", {"name": name})
    undo.callback(target.send, "DELETE", f"workspaces/{made['id']}")
    return made


def _check_name_is_free(target: HttpApi, home: Json, name: str) -> None:
    taken = {each["name"] for each in target.get("me/datasets", workspace_id=home["id"])["items"]}
    if name in taken:
        raise CopyError(
            f"{target.url} has a dataset {name!r} in the workspace {home['name']!r}: delete or rename it "
            "there, or name another workspace."
        )
    if _unfinished(name) in taken:
        raise CopyError(
            f"{target.url} has a dataset {_unfinished(name)!r} in the workspace {home['name']!r}: a "
            "copying is under way or was cut short. Wait for it, or delete that there and start again."
        )


def _unfinished(name: str) -> str:
    return name[: LONGEST_NAME - len(UNFINISHED)] + UNFINISHED


def _users(
    target: HttpApi, home: Json, respondents: Mapping[str, str], undo: ExitStack
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the target's user ids by name, and the names of those made for it."""
    users = {each["username"]: each["id"] for each in _visible_users(target, home["id"])}
    missing = tuple(sorted(set(respondents.values()) - users.keys()))
    if missing and not _is_owner(target):
        raise NotPermittedThereError(
            f"{target.url} has no users {list(missing)} in the workspace {home['name']!r}, and the key may "
            "not make them: use that of an owner, or have them added."
        )
    for username in missing:
        # Rights are not copied: an owner there can give more than an annotator's.
        made = target.post(
            "users",
            {
                "username": username,
                "first_name": username,
                "role": "annotator",
                "password": secrets.token_urlsafe(),
            },
        )
        undo.callback(target.send, "DELETE", f"users/{made['id']}")
        target.post(f"workspaces/{home['id']}/users", {"user_id": made["id"]})
        users[username] = made["id"]
    return users, missing


def _create(
    source: HttpApi, target: HttpApi, dataset: Json, home: Json, undo: ExitStack
) -> tuple[Json, dict[str, str]]:
    """Make the empty copy. Return it, and its question ids by those of the source."""
    kept = ("guidelines", "distribution", "metadata")
    copy = target.post(
        "datasets",
        {
            "name": _unfinished(dataset["name"]),
            "workspace_id": home["id"],
            # Records may hold values of metadata properties that have been deleted.
            "allow_extra_metadata": True,
            **{key: dataset[key] for key in kept},
        },
    )
    undo.callback(target.send, "DELETE", f"datasets/{copy['id']}")
    questions = {}
    there, here = f"datasets/{dataset['id']}", f"datasets/{copy['id']}"
    for each in source.get(f"{there}/fields")["items"]:
        target.post(f"{here}/fields", _new(each))
    for each in source.get(f"{there}/questions")["items"]:
        questions[each["id"]] = target.post(f"{here}/questions", _new(each))["id"]
    for each in source.get(f"me/{there}/metadata-properties")["items"]:
        target.post(f"{here}/metadata-properties", _new(each))
    for each in source.get(f"{there}/vectors-settings")["items"]:
        target.post(f"{here}/vectors-settings", _new(each))
    target.send("PUT", f"datasets/{copy['id']}/publish")
    return copy, questions


def _copy_records(source: HttpApi, target: HttpApi, dataset: Json, copy: Json, names: _Names) -> int:
    from tqdm.auto import tqdm

    seen: set[str] = set()
    with tqdm(unit="record", desc=f"Copying {dataset['name']}") as bar:
        for total, page in _pages(source, dataset):
            bar.total = total
            items = [names.record(each) for each in page]
            target.post(f"datasets/{copy['id']}/records/bulk", {"items": items})
            seen |= {each["id"] for each in page}
            bar.update(len(page))
    if bar.total not in (None, len(seen)):
        raise CopyError(
            f"Records of {dataset['name']!r} at {source.url} were added or deleted while it was copied: "
            "start again when nobody writes to it."
        )
    return len(seen)


def _pages(source: HttpApi, dataset: Json) -> Iterator[tuple[int, list[Json]]]:
    """Yield the records, each time behind how many there are."""
    offset = 0
    while True:
        answer = source.get(
            f"datasets/{dataset['id']}/records",
            include=["responses", "suggestions", "vectors"],
            offset=offset,
            limit=PAGE_SIZE,
        )
        if not answer["items"]:
            return
        yield answer["total"], answer["items"]
        offset += PAGE_SIZE


def _new(item: Json) -> Json:
    """Return what a server keeps without what it gives each thing anew."""
    return {key: item[key] for key in item.keys() - {"id", "dataset_id", "inserted_at", "updated_at"}}
