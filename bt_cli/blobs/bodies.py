"""Bodies of requests that are uploaded apart from them, and wait in files until the request names them."""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress

from bt_cli.blobs.incoming import Incoming, remove_old

_KEPT_SECONDS = 3600.0
"""How long a body waits; a request that names it may be repeated meanwhile, where its answer was lost."""
_KEY = re.compile(r"[0-9a-f]{32}")


class Bodies:
    """Bodies in ``folder``: ``KEY.want`` with the announced size, then ``KEY.body``.

    All is in the files, so that a server that is started again knows what its predecessor promised.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def announce(self, size: int) -> str:
        """The key (32 hexadecimal digits, unguessable) under which a body of at most ``size`` bytes may be brought."""
        os.makedirs(self._folder, 0o700, exist_ok=True)
        self.forget_old()
        key = secrets.token_hex(16)
        descriptor = os.open(self._path(key, "want"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(str(size))
        return key

    def announced(self, key: str) -> int | None:
        """How many bytes a body may have; None for a key that was not given out, or long ago."""
        found = self._read(key, "want")
        return int(found) if found else None

    def receiving(self) -> Incoming:
        """A place for a body that arrives; `keep` gives it its key."""
        return Incoming(self._folder)

    def keep(self, key: str, incoming: Incoming) -> None:
        """What arrived waits under an announced key from here on."""
        incoming.move(self._path(key, "body"))

    def read(self, key: str) -> bytes | None:
        """The body under a key; None where there is none (any more)."""
        return self._read(key, "body")

    def size(self, key: str) -> int:
        """The bytes of the body under a key; 0 where there is none (any more)."""
        with suppress(FileNotFoundError):
            return os.path.getsize(self._path(key, "body")) if _KEY.fullmatch(key) else 0
        return 0

    def forget_old(self) -> None:
        """Removes what has waited too long."""
        remove_old(self._folder, time.time() - _KEPT_SECONDS)

    def _read(self, key: str, kind: str) -> bytes | None:
        if not _KEY.fullmatch(key):
            return None
        with suppress(FileNotFoundError), open(self._path(key, kind), "rb") as file:
            return file.read()
        return None

    def _path(self, key: str, kind: str) -> str:
        return os.path.join(self._folder, f"{key}.{kind}")
