"""Requests to Argilla whose failures have a name."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helpers.active_learning.errors import DatasetDeletedError, RefusedError, ServerGoneError
from helpers.annotation import permitted

if TYPE_CHECKING:
    import argilla as rg

PAGE = 1000
"""Records a request; the server allows no more."""

PATIENCE_S = 120.0
RETRY_S = 0.5
_GATEWAY = (502, 503, 504)


def request(dataset: rg.Dataset, method: str, path: str = "", **options: Any) -> Any:
    """Ask the server something about a dataset, once, and return its answer.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    method
        Of HTTP.
    path
        What follows the dataset's own address.
    options
        For the HTTP client.

    Raises
    ------
    DatasetDeletedError
        If the dataset is gone.
    NotPermittedError
        If the key may not do this.
    RefusedError
        If the server does not take what is sent.
    httpx.TransportError
        If the server is out of reach, be it that one in front of it says so.
    """
    import httpx

    http = dataset._client.http_client
    response = http.request(method, f"/api/v1/datasets/{dataset.id}{path}", **options)
    if response.status_code == httpx.codes.NOT_FOUND:
        raise DatasetDeletedError(
            f"The dataset {dataset.name!r} is no longer there: somebody has deleted it. "
            "Its labels are gone with it; log the records again to start anew."
        )
    if response.status_code in _GATEWAY:
        raise httpx.NetworkError(f"Status {response.status_code}", request=response.request)
    if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        raise RefusedError(
            f"The server does not take what is sent to the dataset {dataset.name!r}: {response.text}"
        )
    with permitted(dataset):
        response.raise_for_status()
    return response.json()


def patient_request(dataset: rg.Dataset, method: str, path: str = "", **options: Any) -> Any:
    """Ask as `request` does, again and again while the server is out of reach, as when it starts again.

    Raises
    ------
    ServerGoneError
        If it is still out of reach after two minutes.
    DatasetDeletedError, NotPermittedError, RefusedError
        As `request`.
    """
    import httpx

    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return request(dataset, method, path, **options)
        except httpx.TransportError as error:
            if time.monotonic() > deadline:
                raise ServerGoneError(
                    f"The server at {dataset._client.api_url} is out of reach ({error}). Nothing is lost: "
                    "start it, and run this again."
                ) from error
            time.sleep(RETRY_S)


def list_records(dataset: rg.Dataset, *include: str, patient: bool = False) -> Iterator[dict[str, Any]]:
    """Return all records as the server's database has them.

    The search engine is not asked: where the server dies, its index may lack the last response.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    include
        "responses", "suggestions".
    patient
        Whether to wait for a server that is out of reach.
    """
    ask = patient_request if patient else request
    offset, total = 0, 1
    while offset < total:
        page = ask(
            dataset,
            "GET",
            "/records",
            params={"include": list(include), "offset": offset, "limit": PAGE},
        )
        yield from page["items"]
        offset, total = offset + PAGE, page["total"]


def read_records(dataset: rg.Dataset, ids: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return records as they are now, with their suggestions, by the server's own ids.

    Parameters
    ----------
    dataset
        An Argilla dataset.
    ids
        The ids under which they were logged, by the server's own; 250 at most. What is deleted is left out.
    """
    import httpx

    by_external_id = {
        "type": "terms",
        "scope": {"entity": "record", "property": "external_id"},
        "values": list(ids.values()),
    }
    found = patient_request(
        dataset,
        "POST",
        "/records/search",
        params={"include": "suggestions", "limit": len(ids)},
        json={"filters": {"type": "and", "and": [by_external_id]}},
    )
    records = {item["record"]["id"]: item["record"] for item in found["items"]}
    # An index may lag behind, and records that were not logged by an SDK may have no external id.
    for server_id in ids.keys() - records.keys():
        response = dataset._client.http_client.get(f"/api/v1/records/{server_id}")
        if response.status_code != httpx.codes.NOT_FOUND:
            records[server_id] = response.raise_for_status().json()
    return records
