"""`bt serve` as a program: what it says, who may reach it, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from running import Result
from serving import serving


def test_first_line_is_one_object(tmp_path: Path) -> None:
    """With --json the first line of stderr has the address and the variables to set."""
    with serving(tmp_path / "s.db") as server:
        first = json.loads(server.lines[0])
    assert first["schema"] == "bt/serve/1"
    assert first["environment"] == server.environment


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_ends_it(tmp_path: Path, signum: int, code: int) -> None:
    """A signal ends the server with 128 + its number."""
    with serving(tmp_path / "s.db") as server:
        assert httpx.get(f"{server.url}/version").status_code == 200
        assert server.stop(signum) == code


def test_store_is_made(tmp_path: Path) -> None:
    """A store that is not there is made."""
    with serving(tmp_path / "new.db"):
        assert (tmp_path / "new.db").is_file()


def test_read_only_needs_a_store(tmp_path: Path, bt: Callable[..., Result]) -> None:
    """With --read-only a missing store is exit 2, and none is made."""
    bt("serve", "--store", tmp_path / "new.db", "--read-only", "--port", 0).check(2)
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("store", ["https://api.braintrust.dev", "clickhouse://localhost"])
def test_other_stores_are_refused(bt: Callable[..., Result], store: str) -> None:
    """A store that is no SQLite file is exit 2, with a hint."""
    done = bt("serve", "--store", store).check(2)
    assert "hint: name one: bt serve --store FILE" in done.err


def test_port_in_use(bt: Callable[..., Result]) -> None:
    """A port that somebody else has is exit 2, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = bt("serve", "--port", taken.getsockname()[1]).check(2)
    assert "is in use" in done.err and "--port 0 takes a free one" in done.err


def test_other_addresses_need_a_token(bt: Callable[..., Result]) -> None:
    """An address that others can reach is exit 2 without a token."""
    done = bt("serve", "--host", "0.0.0.0", "--port", 0).check(2)
    assert "--token-env" in done.err


def test_token_without_a_value(bt: Callable[..., Result]) -> None:
    """A variable of --token-env that is not set is exit 6."""
    bt("serve", "--token-env", "NOT_SET", "--port", 0).check(6)


@pytest.mark.parametrize("rejects", ["nowhere/bad.jsonl", "s.db"])
def test_rejects_that_cannot_be_kept(bt: Callable[..., Result], rejects: str) -> None:
    """A file of rejects that can't be written, or is the store, is exit 2 before anything is served."""
    done = bt("serve", "--store", "s.db", "--port", 0, "--rejects", rejects).check(2)
    assert "--rejects" in done.err and "Serving" not in done.err


def test_key_of_a_variable(tmp_path: Path) -> None:
    """With --token-env the key in that variable is asked for, and other machines may be served; it is never shown."""
    environment = {**os.environ, "SERVE_KEY": " s3cret\n"}
    with serving(tmp_path / "s.db", "--token-env", "SERVE_KEY", "--host", "0.0.0.0", env=environment) as server:
        assert json.loads(server.lines[0])["environment"]["BRAINTRUST_API_KEY"] == "$SERVE_KEY"
        assert httpx.get(f"{server.url}/version").status_code == 401
        assert httpx.get(f"{server.url}/version", headers={"Authorization": "Bearer s3cret"}).status_code == 200
        server.stop()
    assert not any("s3cret" in line for line in server.lines)


def test_store_in_memory_is_served(tmp_path: Path) -> None:
    """A store in memory is served, and leaves nothing behind."""
    with serving(":memory:") as server:
        assert httpx.post(f"{server.url}/v1/project", json={"name": "p"}).status_code == 200
        assert [one["name"] for one in httpx.get(f"{server.url}/v1/project").json()["objects"]] == ["p"]
        assert server.stop() == 143
    assert list(tmp_path.iterdir()) == []


def test_access_log(tmp_path: Path) -> None:
    """Each request is a line with method, path, status, time and bytes, without its query; control bytes are escaped."""
    with serving(tmp_path / "s.db") as server:
        httpx.get(f"{server.url}/version?key=secret%1b[2J", headers={"Authorization": "Bearer sk-1"})
        httpx.get(f"{server.url}/%1b[2Jnope")
        server.stop()
    one, two = (json.loads(line) for line in server.lines[1:])
    assert (one["method"], one["path"], one["status"]) == ("GET", "/version", 200)
    assert one["bytes"] > 0 and one["ms"] >= 0
    assert two["status"] == 404
    assert not any("secret" in line or "sk-1" in line or "\x1b" in line for line in server.lines)
