"""Opens a SQLite store in one of the modes of `bt_cli.stores.open_store`."""

from __future__ import annotations

from collections.abc import Callable

from bt_cli.settings import Given
from bt_cli.stores.sqlite.store import SqliteStore


def open_sqlite(path: str, mode: str, stop: Callable[[], int], given: Given) -> SqliteStore:
    """The store at ``path``, for writing, reading, a dry run, or to be served; ``stop`` ends its searches."""
    if mode == "dry-run":
        from bt_cli.stores.sqlite.dry import DryStore

        return DryStore(path)
    if mode in ("serve", "serve-read"):
        from bt_cli.stores.sqlite.serving import ServingSqliteStore

        return ServingSqliteStore(path, mode == "serve-read", stop)
    return SqliteStore(path, mode == "read", stop)
