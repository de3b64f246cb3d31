"""Bodies that are too long for one request: announced, brought, and read when they are named."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import Client

from bt_cli.blobs.blobs import Blobs
from bt_cli.server.app import make_app
from bt_cli.server.overflow import take_overflow
from bt_cli.server.room import Place, Room
from bt_cli.server.service import ServerOptions, Service
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from in_process import calling


def service_over(path: str) -> Service:
    """A service of the store at a path, which takes 1000 bytes at once."""
    return Service(
        lambda mode: ServingSqliteStore(path, mode == "read"), Blobs(path + ".blobs"), ServerOptions(most_bytes=1000)
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = service_over(str(tmp_path / "spans.db"))
    yield service
    service.close()


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with calling(make_app(service)) as client:
        yield client


def announce(client: Client, size: object) -> Any:
    return client.post("/logs3/overflow", json={"content_type": "application/json", "size_bytes": size, "rows": []})


def taken(service: Service, key: str) -> bytes | None:
    return asyncio.run(take_overflow(service, key, Place(Room())))


def test_a_body_arrives(client: Client, service: Service) -> None:
    """What is brought to the URL is what the key stands for, as often as it is named."""
    answer = announce(client, 3000).json()
    assert (answer["method"], answer["headers"]) == ("PUT", {"Content-Type": "application/json"})
    assert answer["signedUrl"].startswith("http://127.0.0.1:8765/logs3/overflow/")
    assert client.put(urlsplit(answer["signedUrl"]).path, content=b"x" * 3000).is_success
    assert taken(service, answer["key"]) == taken(service, answer["key"]) == b"x" * 3000


def test_no_more_than_was_announced(client: Client, service: Service) -> None:
    """A longer body is refused and not kept."""
    answer = announce(client, 2999).json()
    assert client.put(urlsplit(answer["signedUrl"]).path, content=b"x" * 3000).status_code == 413
    assert taken(service, answer["key"]) is None
    assert not list(Path(service.blobs.folder).rglob("incoming-*"))


@pytest.mark.parametrize("size", [None, "12", -1, 1.5, True])
def test_the_size_has_to_be_said(client: Client, size: object) -> None:
    """Without a number of bytes nothing is given out."""
    assert announce(client, size).status_code == 400


def test_an_overflow_has_a_limit_too(client: Client) -> None:
    """It is read into memory when its rows are stored; four times the usual is the most."""
    assert announce(client, 4000).is_success
    assert announce(client, 4001).status_code == 413


@pytest.mark.parametrize("key", ["0" * 32, "guess", "..%2f..%2fspans.db"])
def test_nobody_brings_what_was_not_announced(client: Client, key: str) -> None:
    """Only keys that were given out can be used."""
    announce(client, 10)
    assert client.put(f"/logs3/overflow/{key}", content=b"x").status_code == 404


def test_a_server_removes_what_an_earlier_one_left(client: Client, tmp_path: Path) -> None:
    """Bodies that have waited for an hour are gone when a server begins."""
    announce(client, 10)
    folder = tmp_path / "spans.db.blobs" / "overflow"
    for file in folder.iterdir():
        os.utime(file, (file.stat().st_mtime - 4000,) * 2)
    service_over(str(tmp_path / "spans.db")).close()
    assert not list(folder.iterdir())
