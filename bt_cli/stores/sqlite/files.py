"""Attachments beside a SQLite store: in the folder that ``bt serve`` keeps them in, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from uuid import uuid4

from bt_cli.blobs.blobs import Blobs
from bt_cli.errors import NotFoundError, StoreError
from bt_cli.spans.attachments import Reference
from bt_cli.stores.base import Attached
from bt_cli.stores.sqlite.connect import TEMPORARY

_PIECE = 1 << 20


class Files:
    """The attachments of the store at ``path``; of a temporary store a folder that goes with it."""

    def __init__(self, path: str) -> None:
        self._temporary = TemporaryDirectory(prefix="bt-blobs-") if path in TEMPORARY else None
        self._blobs = Blobs(self._temporary.name if self._temporary else f"{path}.blobs")

    def attach(self, content: bytes, filename: str, content_type: str, key: str | None) -> str:
        """Keeps an attachment; its key. Durable. Raises StoreError."""
        key = key or str(uuid4())
        with _told(self._blobs.folder):
            self._blobs.announce(key, filename, content_type)
            with self._blobs.receiving() as incoming:
                incoming.write(content)
                self._blobs.keep(key, incoming)
        return key

    def find(self, reference: Reference) -> Attached | None:
        """How far an attachment is, and the file that has its content; None for an unknown key."""
        with _told(self._blobs.folder):
            found = self._blobs.find("key", reference.key or "")
        if found is None:
            return None
        place = os.path.abspath(self._blobs.path(found.sha256)) if found.sha256 else None
        return Attached(found.status, found.error, found.size, place)

    def read(self, reference: Reference) -> Iterator[bytes]:
        """The content of an attachment by pieces. Raises NotFoundError, StoreError."""
        found = self.find(reference)
        if found is None or found.place is None:
            raise NotFoundError(f"the store has no content of the attachment {reference.key}")
        try:
            with open(found.place, "rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
        except FileNotFoundError:
            raise NotFoundError(f"the file {found.place} is gone") from None
        except OSError as error:
            raise _unusable(found.place, error) from error

    def close(self) -> None:
        """Lets go of the folder; a temporary one is gone."""
        self._blobs.close()
        if self._temporary:
            self._temporary.cleanup()


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: str, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be used: {error.strerror}", file=path)
