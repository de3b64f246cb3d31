"""Where spans live. A store's URL says which kind it is; its code is imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal

from bt_cli.errors import UsageError
from bt_cli.settings import NOTHING_GIVEN, Given
from bt_cli.stores.base import Store

Mode = Literal["write", "read", "dry-run", "serve", "serve-read"]
"""``serve`` is for writing and gives a `bt_cli.stores.serving.ServingStore`, as ``serve-read`` does for reading.

Of a store behind Braintrust's API ``serve`` gives a `bt_cli.stores.logging.LoggingStore`.
"""

KINDS = {
    "sqlite": "bt_cli.stores.sqlite.opening:open_sqlite",
    "http": "bt_cli.stores.braintrust.opening:open_http",
    "https": "bt_cli.stores.braintrust.opening:open_https",
}
"""URL scheme → ``module:function`` of (path, mode, stop, given). A plain path is ``sqlite``."""


def open_store(url: str, mode: Mode, stop: Callable[[], int] = lambda: 0, given: Given = NOTHING_GIVEN) -> Store:
    """The store at ``url``: a path, ``sqlite:PATH`` or ``:memory:``, or the URL of a Braintrust API.

    ``stop`` says which signal is to end a search, or 0: whoever reads gets Interrupted then.
    ``given`` is what a program says of a Braintrust store; other stores need nothing of it.
    Reading and dry runs never create a store. Raises UsageError for an unknown kind, NotFoundError
    for a missing store, StoreError for one that can't be used, and what a server refuses.
    """
    scheme, separator, rest = url.partition(":")
    if not separator or scheme == "" or len(scheme) == 1:
        scheme, rest = "sqlite", url
    if scheme not in KINDS:
        raise UsageError(
            f"{url}: this bt has no store of kind {scheme!r}",
            hint="a path or sqlite:PATH names a SQLite store, https://HOST one behind Braintrust's API",
            code="store_kind",
        )
    module, _, name = KINDS[scheme].partition(":")
    store: Store = getattr(import_module(module), name)(rest, mode, stop, given)
    return store
