"""Change records that are there: what a change names, and nothing else.

Argilla replaces all metadata and all fields of a record when it gets any, and a user's response when it gets
another one. So what is there is read again right before each batch is written: what others have added or
answered since stays.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from helpers.annotation.datasets import permitted
from helpers.annotation.errors import AnsweredRecordError, RecordRefusedError, RecordsGoneWarning
from helpers.annotation.lookup import MOST_IDS

if TYPE_CHECKING:
    import argilla as rg
    import httpx

Change: TypeAlias = Mapping[str, Any]
"""What is to change in a record, in the form of the server's bulk update."""

NOT_FOUND, UNPROCESSABLE = 404, 422

_POSITION = re.compile(r"Record at position (\d+) is not valid because (.*)", re.DOTALL)


def update_records(dataset: rg.Dataset, changes: Sequence[Change], *, keep_suggestions: bool = False) -> int:
    """Change records by what is named, and leave all else as others have it by now.

    Parameters
    ----------
    dataset
        The dataset.
    changes
        One mapping a record: its ``id`` on the server, and any of

        * ``metadata`` and ``fields``: the keys to set; None takes one away, and the others stay;
        * ``suggestions``: each replaces the one to the same question, and the others stay;
        * ``vectors``: each replaces the one of its name;
        * ``responses``: those of users who have none there. One that is there stays, whatever it says.

        With an ``external_id`` in place of the ``id``, a record that is not there is made.
    keep_suggestions
        Whether a suggestion that is there stays, too.

    Returns
    -------
    int
        How many records were sent: where nothing differs, nothing is.

    Raises
    ------
    AnsweredRecordError
        If a record that has an answer would get another text: the answer would be one to a question that
        nobody was asked. The batches before it stay.
    RecordRefusedError
        If Argilla does not take a record. The batches before it stay.
    NotPermittedError
        If the key may not write to the dataset.

    Warns
    -----
    RecordsGoneWarning
        If there are no records of some ids any more: somebody has deleted them, and they stay deleted.

    Examples
    --------
    >>> update_records(dataset, [{"id": server_id, "metadata": {"batch": 3}}])  # doctest: +SKIP
    1
    """
    sent, gone = 0, []
    with permitted(dataset):
        properties = _properties(dataset) if any(change.get("metadata") for change in changes) else None
        for start in range(0, len(changes), MOST_IDS):
            batch = changes[start : start + MOST_IDS]
            there = _read(dataset, batch)
            pairs = []
            for change in batch:
                record = there.get(_key(change))
                item = (
                    _new(change) if record is None else _difference(dataset, change, record, keep_suggestions)
                )
                if item.keys() - {"id"}:
                    pairs.append((change, item))
            if pairs:
                _write(dataset, pairs, properties)
            gone += [change["id"] for change in batch if "id" in change and _key(change) not in there]
            sent += len(pairs)
    if gone:
        warnings.warn(
            f"{len(gone)} records of the dataset {dataset.name!r} have been deleted since they were read, "
            f"and stay deleted: {', '.join(map(str, gone[:5]))}{', ...' if len(gone) > 5 else ''}.",
            RecordsGoneWarning,
            stacklevel=2,
        )
    return sent


def _key(change: Change) -> tuple[str, str]:
    name = "id" if "id" in change else "external_id"
    return name, str(change[name])


def _read(dataset: rg.Dataset, changes: Iterable[Change]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the records that are there now, with suggestions and everybody's responses, by their keys."""
    from argilla._exceptions._api import api_error_handler

    http, api = dataset._client.http_client, "/api/v1"
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in ("id", "external_id"):
        values = [value for kind, value in map(_key, changes) if kind == name]
        if values:
            scope = {"type": "terms", "scope": {"entity": "record", "property": name}, "values": values}
            answer = http.post(
                f"{api}/datasets/{dataset.id}/records/search",
                params={"include": ["responses", "suggestions"], "limit": MOST_IDS},
                json={"filters": {"type": "and", "and": [scope]}},
            )
            api_error_handler(answer.raise_for_status)()
            found |= {(name, each["record"][name]): each["record"] for each in answer.json()["items"]}
    for name, value in map(_key, changes):
        if name == "id" and (name, value) not in found:  # deleted, or the index lags behind
            answer = http.get(f"{api}/records/{value}")
            if answer.status_code != NOT_FOUND:
                api_error_handler(answer.raise_for_status)()
                found[name, value] = answer.json()
    return found


def _new(change: Change) -> dict[str, Any]:
    """Return a record to be made: nothing where it had been there, and has been deleted."""
    if "id" in change:
        return {}
    metadata = {key: value for key, value in (change.get("metadata") or {}).items() if value is not None}
    return {part: value for part, value in {**change, "metadata": metadata}.items() if value}


def _difference(
    dataset: rg.Dataset, change: Change, there: Mapping[str, Any], keep_suggestions: bool
) -> dict[str, Any]:
    """Return what must be sent so that the record that is there becomes what the change wants."""
    suggested = {each["question_id"] for each in there["suggestions"]} if keep_suggestions else ()
    new = {
        "suggestions": [
            each for each in change.get("suggestions") or () if str(each["question_id"]) not in suggested
        ],
        "vectors": change.get("vectors"),
    }
    item = {"id": there["id"], **{part: value for part, value in new.items() if value}}
    for part in ("fields", "metadata"):
        before, wanted = there[part] or {}, change.get(part) or {}
        after = {key: value for key, value in {**before, **wanted}.items() if wanted.get(key, 0) is not None}
        if after != before:
            item[part] = after
    answered = {response["user_id"] for response in there["responses"]}
    answers = [each for each in change.get("responses") or () if str(each["user_id"]) not in answered]
    if answers:
        item["responses"] = answers
    if answered and "fields" in item:
        _refuse_other_texts(dataset, there, item["fields"])
    return item


def _refuse_other_texts(dataset: rg.Dataset, there: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    import argilla as rg

    for field in dataset.fields:
        if isinstance(field, rg.TextField) and field.required:
            old, new = there["fields"].get(field.name), fields.get(field.name)
            if old != new:
                raise AnsweredRecordError(
                    f"The record {there['external_id']!r} of the dataset {dataset.name!r} has an answer, to "
                    f"the {field.name} {old!r}, and would now get {new!r}. Other data need a dataset of "
                    "another name."
                )


def _properties(dataset: rg.Dataset) -> set[str] | None:
    """Return the names that metadata may have; None for any. Asked for before the records are read."""
    http = dataset._client.http_client
    if http.get(f"/api/v1/datasets/{dataset.id}").raise_for_status().json()["allow_extra_metadata"]:
        return None
    known = http.get(f"/api/v1/me/datasets/{dataset.id}/metadata-properties").raise_for_status().json()
    return {each["name"] for each in known["items"]}


def _write(
    dataset: rg.Dataset, pairs: Sequence[tuple[Change, dict[str, Any]]], properties: set[str] | None
) -> None:
    changes, items = [change for change, _ in pairs], [item for _, item in pairs]
    from argilla._exceptions._api import api_error_handler

    http, path = dataset._client.http_client, f"/api/v1/datasets/{dataset.id}/records/bulk"
    with _stored_metadata_taken(dataset, changes, items, properties):
        try:
            response = http.put(path, json={"items": items})
        except (TypeError, ValueError) as error:  # no JSON: a number that is not finite, half a character
            raise _unwritable(dataset, changes) from error
    if response.status_code == UNPROCESSABLE:
        raise _refused(dataset, changes, response)
    api_error_handler(response.raise_for_status)()


@contextmanager
def _stored_metadata_taken(
    dataset: rg.Dataset,
    changes: Sequence[Change],
    items: Sequence[Mapping[str, Any]],
    properties: set[str] | None,
) -> Iterator[None]:
    """Let the server take back metadata that it has stored.

    After a metadata property is deleted the records still hold its values, and a dataset without extra
    metadata refuses them: meanwhile it has leave to take them.
    """
    named = {key for change in changes for key in change.get("metadata") or ()}
    stored = {key for item in items for key in item.get("metadata") or ()} - named
    if properties is None or stored <= properties:
        yield
        return
    for change in changes:
        for key in (change.get("metadata") or {}).keys() - properties:
            raise _refusal(dataset, change, f"there is no metadata property {key!r}")
    http, path = dataset._client.http_client, f"/api/v1/datasets/{dataset.id}"
    http.patch(path, json={"allow_extra_metadata": True}).raise_for_status()
    try:
        yield
    finally:
        http.patch(path, json={"allow_extra_metadata": False}).raise_for_status()


def _unwritable(dataset: rg.Dataset, changes: Iterable[Change]) -> RecordRefusedError:
    for change in changes:
        for part, value in change.items():
            try:
                json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            except (TypeError, ValueError) as error:
                return _refusal(dataset, change, f"its {part} cannot be written as JSON: {error}")
    raise AssertionError("each of these records can be written as JSON")


def _refused(dataset: rg.Dataset, changes: Sequence[Change], response: httpx.Response) -> RecordRefusedError:
    """Return what the server says, about the record that it means."""
    detail = response.json().get("detail")
    if isinstance(detail, str) and (said := _POSITION.match(detail)):
        return _refusal(dataset, changes[int(said[1])], said[2])
    try:  # in the words of pydantic
        first = detail["params"]["errors"][0]
        _, _, position, *place = first["loc"]
        return _refusal(dataset, changes[position], f"{'/'.join(map(str, place))}: {first['msg']}")
    except (TypeError, KeyError, IndexError, ValueError):
        return RecordRefusedError(
            f"Argilla does not take these records for the dataset {dataset.name!r}: {response.text[:500]}"
        )


def _refusal(dataset: rg.Dataset, change: Change, reason: str) -> RecordRefusedError:
    return RecordRefusedError(
        f"Argilla does not take the record {_key(change)[1]!r} for the dataset {dataset.name!r}: {reason}. "
        "Correct it, or leave it out."
    )
