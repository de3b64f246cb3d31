"""Bytes on their way in: a temporary file that takes its place only when it is whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from types import TracebackType


class Incoming:
    """A file in ``folder`` that grows by chunks; what is not kept within the ``with`` is removed at its end."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, 0o700, exist_ok=True)
        descriptor, self._path = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes written so far."""

    def write(self, chunk: bytes) -> None:
        """Adds bytes. Raises OSError where the disk is full."""
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        self._hash.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """The hash of what was written so far, as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def settle(self) -> None:
        """What was written survives a loss of power from here on."""
        os.fsync(self._file.fileno())

    def move(self, path: str) -> None:
        """The file is at ``path`` from here on, and what was there is gone."""
        os.replace(self._path, path)
        sync_folder(os.path.dirname(path))

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        with suppress(FileNotFoundError):  # it was moved
            os.unlink(self._path)


TEMPORARY = "incoming-"
"""How the names of files begin that are not whole yet."""


def sync_folder(folder: str) -> None:
    """Names that were given or taken in a folder survive a loss of power from here on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_old(folder: str, before: float, prefix: str = "") -> None:
    """Removes the files of a folder that were last touched ``before`` (epoch seconds), if it is there."""
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with suppress(OSError):
                if entry.name.startswith(prefix) and entry.stat(follow_symlinks=False).st_mtime < before:
                    os.unlink(entry.path)
