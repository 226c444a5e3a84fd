"""Write into folders of results whole or not at all, and say it in a sentence where one cannot be written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import HelpersError


class FolderError(HelpersError):
    """A folder that results go to cannot be written."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the system says where a folder cannot be written into a sentence.

    Raises
    ------
    FolderError
        The block ended in an OSError.
    """
    try:
        yield
    except OSError as error:
        raise FolderError(
            f"{folder} cannot be written: {error.strerror} ({error.filename or folder}). It must be a folder "
            "that is yours, on a disk with room."
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for the same folder."""
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(content, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
