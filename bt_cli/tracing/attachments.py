"""Files that a program logs: a reference in the row, the content apart from it, brought by the worker."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakSet

if TYPE_CHECKING:
    from bt_cli.stores.base import TakesFiles

_log = logging.getLogger("bt_cli.tracing")


class BaseAttachment:
    """Something that stands anywhere in an event, and is logged as its ``reference``."""

    def __init__(self, reference: dict[str, str]) -> None:
        self.reference = reference
        """What rows have in its place: ``type``, ``filename``, ``content_type``, and ``key`` or ``url``."""

    def bring(self, store: TakesFiles) -> None:
        """Gives the content to a store that is to keep it. Raises BtError, OSError for a file that can't be read."""


class Attachment(BaseAttachment):
    """A file at a path, or bytes; a path is read when the content is brought, bytes are kept as they are now."""

    def __init__(self, *, data: str | os.PathLike[str] | bytes | bytearray, filename: str, content_type: str) -> None:
        """``filename`` and ``content_type`` are what readers are shown. A path without a file is warned of at once."""
        super().__init__(
            {
                "type": "braintrust_attachment",
                "filename": filename,
                "content_type": content_type,
                "key": str(uuid4()),
            }
        )
        self._source = bytes(data) if isinstance(data, bytes | bytearray) else os.fspath(data)
        self._brought: WeakSet[TakesFiles] = WeakSet()
        if isinstance(self._source, str) and not os.path.exists(self._source):
            _log.warning("bt: the attachment %s cannot be read: there is no %s", filename, self._source)

    @cached_property
    def data(self) -> bytes:
        """The content. Raises OSError."""
        return self._read()

    def bring(self, store: TakesFiles) -> None:
        """Gives the content to a store, once however often it is logged there."""
        if store in self._brought:
            return
        about = self.reference
        store.attach(self._read(), about["filename"], about["content_type"], about["key"])
        self._brought.add(store)

    def _read(self) -> bytes:
        if isinstance(self._source, bytes):
            return self._source
        with open(self._source, "rb") as file:
            return file.read()


class JSONAttachment(Attachment):
    """A JSON value as a file, as it is now."""

    def __init__(self, data: Any, *, filename: str = "data.json", pretty: bool = False) -> None:
        """Raises TypeError, ValueError for what is no JSON."""
        content = json.dumps(data, indent=2 if pretty else None).encode()
        super().__init__(data=content, filename=filename, content_type="application/json")


class ExternalAttachment(BaseAttachment):
    """A file that lies elsewhere, as at ``s3://…``, and stays there."""

    def __init__(self, *, url: str, filename: str, content_type: str) -> None:
        super().__init__(
            {"type": "external_attachment", "filename": filename, "content_type": content_type, "url": url}
        )


class ReadonlyAttachment(BaseAttachment):
    """An attachment of a row that was read back. Logged anew, it names the same file."""

    def __init__(self, reference: dict[str, str], read: Callable[[], bytes]) -> None:
        super().__init__(reference)
        self._read = read

    @cached_property
    def data(self) -> bytes:
        """The content, which the store is asked for. Raises NotFoundError where it has none, BtError."""
        return self._read()
