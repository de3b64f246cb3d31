"""The store behind Braintrust's API keeps the contract that it declares, on a `bt serve` of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bt_cli.stores import open_store
from bt_cli.stores.base import Store
from contract import StoreContract
from contract_amending import AmendingContract
from contract_conflicts import ConflictContract
from contract_settling import SettlingContract
from contract_writing import WritingContract
from serving import Serving, serving
from storing import StoreSteps


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all tests of this file."""
    with serving(tmp_path_factory.mktemp("served") / "spans.db") as running:
        yield running


class _OnOurServer(StoreSteps):
    @pytest.fixture
    def store(self, server: Serving) -> Iterator[Store]:
        store = open_store(server.url, "write")
        for info in store.containers():
            store.delete(info.container)
        yield store
        store.close()


class TestWrites(_OnOurServer, WritingContract, AmendingContract, ConflictContract, SettlingContract):
    """What becomes of rows."""


@pytest.mark.slow  # the same questions as those of the SQLite tests, through one more layer
class TestAll(_OnOurServer, StoreContract):
    """All of the contract."""
