"""Attachments that exported rows name → the files of a folder, each once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, field

from bt_cli.errors import BtError, CredentialsError, Interrupted, NotFoundError, StoreError, UsageError
from bt_cli.pipeline.locating import lack_of
from bt_cli.spans.attachments import Reference
from bt_cli.stores.base import Store

_PLAIN_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Keys that are part of a file's name as they are: no two of them are one file anywhere."""
_UNSAFE = re.compile(r"[^\w.+-]+", re.ASCII)
_LONGEST_NAME = 100


class Missing(NamedTuple):
    """An attachment that a row names and the store does not give."""

    key: str
    filename: str
    reason: str


class AttachmentReport(Struct):
    """What became of the attachments of an export."""

    written: int = 0
    bytes: int = 0
    elsewhere: int = 0
    """External attachments, which stay where they are."""
    missing: list[Missing] = field(default_factory=list)


class AttachmentFolder:
    """A folder that attachments are written to, as ``KEY-NAME``. ``stop`` says which signal is to end it, or 0."""

    def __init__(self, store: Store, folder: str, stop: Callable[[], int]) -> None:
        """The folder is made where it is missing. Raises UsageError where it can't be."""
        self.folder = folder
        self.report = AttachmentReport()
        self._store = store
        self._stop = stop
        self._seen: set[str] = set()
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be a folder: {error.strerror}", file=folder) from error

    def bring(self, references: Iterable[Reference]) -> None:
        """Writes attachments that were not met before; what the store does not give is noted.

        Raises NetworkError, StoreError also for a full disk, Interrupted.
        """
        for one in references:
            place = one.key or one.url or ""
            if place in self._seen:
                continue
            self._seen.add(place)
            if one.key is None:
                self.report.elsewhere += 1
            else:
                self._write(one.key, one)

    def _write(self, key: str, one: Reference) -> None:
        path = os.path.join(self.folder, file_name(key, one.filename))
        try:
            self.report.bytes += self._copied(one, path)
            self.report.written += 1
        except (NotFoundError, UsageError, CredentialsError) as error:
            self.report.missing.append(Missing(key, one.filename, self._reason(one, error)))
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}", code="disk_full", file=path) from error

    def _copied(self, one: Reference, path: str) -> int:
        """Copies the content, which is at ``path`` once it is whole; its bytes."""
        part = f"{path}.{os.getpid()}.part"
        size = 0
        try:
            with open(part, "wb") as file:
                for piece in self._store.attachment_content(one):
                    size += file.write(piece)
                    if signum := self._stop():
                        raise Interrupted(signum)
            os.replace(part, path)
        finally:
            if os.path.lexists(part):
                os.unlink(part)
        return size

    def _reason(self, one: Reference, error: BtError) -> str:
        """Why an attachment is missing: what was said of its upload, else what went wrong here."""
        if not isinstance(error, NotFoundError):
            return error.message
        known = self._store.attachment(one)
        return error.message if known and known.place else lack_of(known)


def file_name(key: str, filename: str) -> str:
    """A name that is safe in any folder, and another one for each key."""
    start = key if _PLAIN_KEY.fullmatch(key) else f"x_{blake2b(key.encode(), digest_size=16).hexdigest()}"
    stem, dot, ending = _UNSAFE.sub("_", filename).rpartition(".")
    if len(ending) > _LONGEST_NAME // 4:
        stem, dot, ending = stem + dot + ending, "", ""
    return f"{start}-{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}"
