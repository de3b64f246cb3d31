"""Files by the SHA-256 of their content, and the keys under which attachments know them.

::

    spans.db.blobs/
    ├─ index.db       key → file name, content type, status, hash (`bt_cli.blobs.index`)
    ├─ 9f/9f86d08…    contents; names are hashes, so that no name of a client becomes a path
    └─ incoming-…     what is being received
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from bt_cli.blobs.incoming import TEMPORARY, Incoming, remove_old, sync_folder
from bt_cli.blobs.index import Attachment, Index, Status

_ABANDONED_AFTER = 86_400.0
"""Seconds without a byte after which a file that is being received is taken for a leftover of a crash."""


class Blobs:
    """The attachments beside one store, in ``folder``, which is made with the first of them.

    For any number of threads. What a method returns, or stored without an error, survives a loss of power.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._index: Index | None = None

    def announce(self, key: str, filename: str, content_type: str, org: str = "") -> Attachment:
        """An attachment whose content is to come, or is there already; the same each time for the same key."""

        def changed(known: Attachment | None) -> Attachment:
            if known:
                return known._replace(filename=filename, content_type=content_type, org=org)
            secret = secrets.token_urlsafe
            return Attachment(key, filename, content_type, org, "uploading", None, None, None, secret(), secret())

        return self._change(key, changed)

    def find(self, by: Literal["key", "upload", "download"], value: str) -> Attachment | None:
        """The attachment with this key, or with this secret for writing or reading it."""
        index = self._opened(make=False)
        return index.find(by, value) if index else None

    def receiving(self) -> Incoming:
        """A place for content that arrives; `keep` gives it to an attachment."""
        return Incoming(self._made())

    def keep(self, key: str, incoming: Incoming) -> Attachment | None:
        """What arrived is the content of an attachment from here on; None where none has this key."""
        incoming.settle()
        path = self.path(incoming.sha256)
        index = self._ready()
        with index.changing():
            known = index.current(key)
            if known is None:
                return None
            self._place(incoming, path)
            whole = known._replace(sha256=incoming.sha256, size=incoming.size, status="done", error=None)
            index.put(whole)
        if known.sha256 and known.sha256 != whole.sha256:
            self._discard(known.sha256)
        return whole

    def note(self, key: str, status: Status, error: str | None = None) -> Attachment | None:
        """Stores what a client says about an upload; content that is there stays done. None where none has this key."""
        if self.find("key", key) is None:
            return None

        def changed(known: Attachment | None) -> Attachment:
            assert known, "attachments are never removed"
            return known if known.sha256 else known._replace(status=status, error=error)

        return self._change(key, changed)

    def path(self, sha256: str) -> str:
        """Where the content with this hash is."""
        return os.path.join(self.folder, sha256[:2], sha256)

    def close(self) -> None:
        """Closes the index."""
        with self._lock:
            if self._index:
                self._index.close()
            self._index = None

    def _change(self, key: str, changed: Callable[[Attachment | None], Attachment]) -> Attachment:
        with self._ready().changing() as index:
            attachment = changed(index.current(key))
            index.put(attachment)
        return attachment

    def _place(self, incoming: Incoming, path: str) -> None:
        """Within a transaction of the index, so that nobody removes the file before its key is stored."""
        if os.path.exists(path):
            return
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder, 0o700, exist_ok=True)
            sync_folder(self.folder)
        incoming.move(path)

    def _discard(self, sha256: str) -> None:
        """Removes a content that no key has any more; in a transaction after the one in which it lost its key."""
        with self._ready().changing() as index:
            if not index.uses(sha256):
                with suppress(FileNotFoundError):
                    os.unlink(self.path(sha256))

    def _ready(self) -> Index:
        index = self._opened(make=True)
        assert index, "it was to be made"
        return index

    def _opened(self, *, make: bool) -> Index | None:
        """The index; None where there is none and none is to be made."""
        path = os.path.join(self.folder, "index.db")
        with self._lock:
            if self._index is None and (make or os.path.exists(path)):
                self._made()
                self._index = Index(path)
                remove_old(self.folder, time.time() - _ABANDONED_AFTER, TEMPORARY)
            return self._index

    def _made(self) -> str:
        if not os.path.isdir(self.folder):
            os.makedirs(self.folder, 0o700, exist_ok=True)
            sync_folder(os.path.dirname(os.path.abspath(self.folder)))
        return self.folder
