"""The store behind Braintrust's API keeps the contract that it declares, on a `bt serve` of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bt_cli.stores import open_store
from bt_cli.stores.base import Store
from contract import StoreContract
from serving import Serving, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all tests of this file."""
    with serving(tmp_path_factory.mktemp("served") / "spans.db") as running:
        yield running


@pytest.mark.slow
class TestOurServer(StoreContract):
    @pytest.fixture
    def store(self, server: Serving) -> Iterator[Store]:
        store = open_store(server.url, "write")
        for info in store.containers():
            store.delete(info.container)
        yield store
        store.close()
