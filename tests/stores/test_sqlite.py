"""The SQLite store keeps the contract: as a file, in memory, and through the process that writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bt_cli.processes import other_processors
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store, Writing
from contract import StoreContract
from contract_amending import AmendingContract
from contract_conflicts import ConflictContract
from contract_containers import ContainerContract
from contract_settling import SettlingContract
from contract_writing import WritingContract

MUCH = 1 << 40
"""Bytes of input that are worth a process of their own."""


def opened(url: str) -> Iterator[Store]:
    """A store for one test."""
    store = open_store(url, "write")
    yield store
    store.close()


class TestFile(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        yield from opened(str(tmp_path / "spans.db"))


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        yield from opened(":memory:")


@pytest.mark.slow  # each test starts a process; imports of large files cover it in every run
@pytest.mark.skipif(not other_processors(), reason="on one processor no other process writes")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see test_the_pipes_are_closed
class TestProcessThatWrites(WritingContract, AmendingContract, ConflictContract, SettlingContract, ContainerContract):
    """Reading is not its business, so that part of the contract is left to the file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        yield from opened(str(tmp_path / "spans.db"))

    def begin(self, store: Store, container: Container) -> Writing:
        return store.writing(container, expected_bytes=MUCH)

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
    def test_the_pipes_are_closed(self, store: Store) -> None:
        """A closed run leaves no file open."""
        before = len(list(Path("/proc/self/fd").iterdir()))
        with self.writing(store) as writing:
            writing.settle()
        assert len(list(Path("/proc/self/fd").iterdir())) == before
