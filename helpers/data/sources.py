"""The one source policy: where corpora and the encoder come from, decided once at the top of a notebook.

Hugging Face's libraries read ``HF_HUB_OFFLINE`` when they are imported, and without it they retry for
minutes before they believe that the Hub is out of reach. So :func:`choose_source` is called before any of
them is imported, and where one is loaded already (argilla imports two) it changes what that one has read.
"""

import os
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from helpers.data.errors import DataFolderError, HubLoadError, HubUnreachableError

if TYPE_CHECKING:
    import datasets

PROBE_TIMEOUT_S = 3.0
"""Seconds that the Hub has to answer, name resolution included."""

_OFFLINE_VARIABLE = "HF_HUB_OFFLINE"
_OFFLINE_CONSTANTS = (
    ("huggingface_hub.constants", "HF_HUB_OFFLINE"),
    ("datasets.config", "HF_HUB_OFFLINE"),
    ("datasets.config", "HF_DATASETS_OFFLINE"),
    ("transformers.utils.hub", "_is_offline_mode"),
)


@dataclass(frozen=True)
class Source:
    """Where data come from.

    Attributes
    ----------
    kind
        ``"hub"``: the Hugging Face Hub; ``"bundled"``: what is installed with this package; ``"folder"``:
        local files.
    folder
        The folder of kind ``"folder"``, else None.
    hub_reachable
        Whether the Hub answered, whatever the corpora come from.
    """

    kind: Literal["hub", "bundled", "folder"]
    folder: Path | None = None
    hub_reachable: bool = False

    def origin(self, hub_name: str) -> str:
        """Say where a corpus comes from: its name on the Hub, or the folder."""
        return hub_name if self.kind == "hub" else str(self.folder)


def hub_endpoint() -> str:
    """Return the address of the Hub in use: ``HF_ENDPOINT``, or the public one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def choose_source(data: str = "auto") -> Source:
    """Decide where data come from, and print the decision and its reason.

    Where the Hub is out of reach, Hugging Face's libraries are told so, lest they wait for it.

    Parameters
    ----------
    data
        ``"auto"``: the Hub where it answers within 3 s, else the bundled samples. ``"hub"``, ``"bundled"`` or
        the path of a folder ask for that source by name: there is no fallback from them.

    Returns
    -------
    Source
        What the loaders of :mod:`helpers.data` take.

    Raises
    ------
    HubUnreachableError
        ``data`` is ``"hub"`` and the Hub does not answer.
    DataFolderError
        ``data`` is no known source and no folder.
    """
    folder = None
    is_there = bool(data)
    if data not in ("auto", "hub", "bundled"):
        try:
            folder = Path(data).expanduser().resolve()
            is_there = is_there and folder.is_dir()
        # no path, a null character in it, one that is too long, no such user
        except (TypeError, ValueError, OSError, RuntimeError):
            is_there = False
    if not is_there:
        raise DataFolderError(
            f"DATA={data!r} is not a folder. Give 'auto', 'hub', 'bundled', or a folder that exists"
            f" (a relative path starts at {Path.cwd()}: an absolute one is safer)."
        )
    problem = _hub_problem()
    if problem:
        _go_offline()
    if data == "hub" and problem:
        raise HubUnreachableError(
            f"DATA='hub' was asked for, but {problem}. Check the connection, HF_ENDPOINT and HF_HUB_OFFLINE"
            " and restart the kernel, or set DATA to 'auto' or 'bundled' to work without the Hub."
        )

    kind: Literal["hub", "bundled", "folder"]
    if folder is not None:
        kind, origin = "folder", f"the folder {folder}"
    elif data == "bundled" or problem:
        kind, origin = "bundled", "the samples bundled with this project"
    else:
        kind, origin = "hub", f"the Hugging Face Hub at {hub_endpoint()}"
    reason = (problem or f"{hub_endpoint()} answers") if data == "auto" else f"DATA={data!r} asks for it"
    print(f"Data source: {origin}, because {reason}.")
    return Source(kind, folder, hub_reachable=not problem)


def load_from_hub(name: str, split: str, revision: str | None = None) -> "datasets.Dataset":
    """Load one split of a dataset from the Hub, by default its newest revision.

    Raises
    ------
    HubLoadError
        The Hub does not deliver.
    """
    import datasets
    import httpx

    try:
        return datasets.load_dataset(name, split=split, revision=revision)
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise HubLoadError(
            f"The Hub did not deliver {name!r} ({split}): {error}. Try again later, or set DATA to 'bundled'"
            " or to a folder with the files."
        ) from error


def _hub_problem() -> str:
    """Say why the Hub is out of reach; empty where it answers."""
    if os.environ.get(_OFFLINE_VARIABLE, "").upper() in ("1", "ON", "YES", "TRUE"):
        return f"{_OFFLINE_VARIABLE}=1 is set"
    # A socket's timeout does not cover a name server that does not answer: hence a thread.
    problems = [f"{hub_endpoint()} does not answer within {PROBE_TIMEOUT_S:g} s"]
    probe = threading.Thread(target=lambda: problems.append(_probe()), daemon=True)
    probe.start()
    probe.join(PROBE_TIMEOUT_S)
    return problems[-1]


def _probe() -> str:
    url = f"{hub_endpoint()}/api/datasets?limit=1"
    try:
        with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_S):
            return ""
    except urllib.error.HTTPError as error:
        return f"{hub_endpoint()} answers with HTTP status {error.code}"
    except (OSError, ValueError) as error:
        return f"{hub_endpoint()} is out of reach ({getattr(error, 'reason', error)})"


def _go_offline() -> None:
    os.environ[_OFFLINE_VARIABLE] = "1"
    for module, constant in _OFFLINE_CONSTANTS:
        if hasattr(sys.modules.get(module), constant):
            setattr(sys.modules[module], constant, True)
    # Up to version 0.36 a session that was opened online stays so.
    reset_sessions = getattr(sys.modules.get("huggingface_hub.utils"), "reset_sessions", None)
    if reset_sessions:
        reset_sessions()
