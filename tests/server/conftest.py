"""Fixtures of the tests of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

from in_process import client_of


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    """Where the store of `client` is."""
    return tmp_path / "served.db"


@pytest.fixture
def client(store_file: Path) -> Iterator[Client]:
    """A client of a server over a new store, in this process."""
    with client_of(store_file) as client:
        yield client
