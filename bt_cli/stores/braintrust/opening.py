"""Opens a store behind Braintrust's API in one of the modes of `bt_cli.stores.open_store`."""

from __future__ import annotations

from collections.abc import Callable

from bt_cli.settings import Given
from bt_cli.stores.braintrust.deployment import connect
from bt_cli.stores.braintrust.store import BraintrustStore


def open_http(path: str, mode: str, stop: Callable[[], int], given: Given) -> BraintrustStore:
    """The store at ``http:`` and a path that begins with two slashes and a host."""
    return _open(f"http:{path}", mode, stop, given)


def open_https(path: str, mode: str, stop: Callable[[], int], given: Given) -> BraintrustStore:
    """The store at ``https:`` and a path that begins with two slashes and a host."""
    return _open(f"https:{path}", mode, stop, given)


def _open(url: str, mode: str, stop: Callable[[], int], given: Given) -> BraintrustStore:
    deployment = connect(url.rstrip("/"), stop, given)
    if mode == "dry-run":
        from bt_cli.stores.braintrust.dry import DryBraintrustStore

        return DryBraintrustStore(deployment, url, stop)
    return BraintrustStore(deployment, url, stop)
