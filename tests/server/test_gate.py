"""Who may ask a server: names, origins, keys; and how big what they send may be."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from bt_cli.server.access import shown_path
from bt_cli.server.answers import MOST_LEVELS
from bt_cli.server.service import ServerOptions
from in_process import client_of

KEY = {"Authorization": "Bearer right"}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server with a key that takes bodies of 1,000 bytes."""
    with client_of(tmp_path / "s.db", ServerOptions(token="right", most_bytes=1000)) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765", "app.localhost:8765"])
def test_loopback_names_are_ours(client: httpx.Client, host: str) -> None:
    """Any name of this machine may be asked, at whichever port it is reached."""
    assert client.get("/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8765", "127.0.0.1:1/evil", "evil@localhost", ""],
)
def test_other_names_are_refused(client: httpx.Client, host: str) -> None:
    """A name that a web page can make mean this machine is 403, for every path."""
    for path in ("/version", "/healthz", "/api/apikey/login"):
        assert client.post(path, headers={"Host": host}).status_code == 403


def test_bound_name_is_ours(tmp_path: Path) -> None:
    """The address that the server was told to listen at is its name too; one that listens everywhere has any."""
    for host, name in (("build.lan", "build.lan:80"), ("::", "whatever:80"), ("0.0.0.0", "whatever")):
        options = ServerOptions(host=host, token="right")
        with client_of(tmp_path / "s.db", options) as client:
            assert client.get("/version", headers={"Host": name, **KEY}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1:8765/x"])
def test_other_origins_are_refused(client: httpx.Client, origin: str) -> None:
    """A page of another origin is 403, and no answer has headers that let pages in."""
    answer = client.post("/v1/project", json={"name": "p"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert client.get("/v1/project").json() == {"objects": []}


def test_own_origin_may_ask(client: httpx.Client) -> None:
    """A page of this server may ask it."""
    assert client.get("/version", headers={"Origin": "http://127.0.0.1:8765"}).status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Bearer ", "Basic right", "right", "Bearer rightx", "Bearer ±"])
def test_key_is_asked_for(guarded: httpx.Client, shown: str) -> None:
    """Without the key every route is 401, those that are not there too; the answer does not show the key."""
    for path in ("/version", "/v1/project", "/nope"):
        answer = guarded.get(path, headers={"Authorization": shown.encode()})
        assert answer.status_code == 401
        assert answer.json()["Code"] == "UnauthorizedError" and "right" not in answer.text


def test_key_lets_in(guarded: httpx.Client) -> None:
    """With the key all is as without one."""
    assert guarded.get("/version", headers=KEY).status_code == 200
    assert guarded.get("/version", headers={"authorization": "bearer right "}).status_code == 200


def test_login_takes_the_key_in_header_or_body(guarded: httpx.Client) -> None:
    """The SDKs show the key in a header, the one for Java in the body; none, or another, is 401."""
    path = "/api/apikey/login"
    assert guarded.post(path, headers=KEY).status_code == 200
    assert guarded.post(path, json={"token": "right"}).status_code == 200
    assert guarded.post(path, headers={"content-type": "application/json"}).status_code == 401
    assert guarded.post(path, json={"token": "wrong"}).status_code == 401
    assert guarded.post(path, json={"token": None}).status_code == 401


def test_health_needs_no_key(guarded: httpx.Client) -> None:
    """What watches a server need not know its key."""
    assert guarded.get("/healthz").json() == {"ok": True}


def test_login_answers_with_addresses_that_were_reached(client: httpx.Client) -> None:
    """bt uses the login's api_url alone: it is the address by which the client came."""
    answer = client.post("/api/apikey/login", headers={"Host": "localhost:9999", "content-type": "application/json"})
    (org,) = answer.json()["org_info"]
    assert set(org) == {"id", "name", "api_url", "proxy_url", "realtime_url", "is_universal_api", "git_metadata"}
    assert org["api_url"] == org["proxy_url"] == "http://localhost:9999"
    assert org["git_metadata"] == {"collect": "none"}


def test_long_bodies_are_refused(guarded: httpx.Client) -> None:
    """A body beyond the limit is 413, also one that is packed small."""
    packed: dict[str, Any] = {
        "content": gzip.compress(b" " * 1_000_000),
        "headers": {**KEY, "content-encoding": "gzip"},
    }
    assert guarded.post("/v1/project", content=b" " * 1001, headers=KEY).status_code == 413
    assert guarded.post("/v1/project", **packed).status_code == 413


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b'{"name": "p"}', mtime=0), "gzip", 200),
        (gzip.compress(b'{"name"', mtime=0) + gzip.compress(b': "p"}', mtime=0), "gzip", 200),
        (gzip.compress(b'{"name": "p"}', mtime=0)[:-9], "gzip", 400),
        (b'{"name": "p"}', "gzip", 400),
        (b'{"name": "p"}', "br", 415),
        (b'{"name": "p"}', "identity", 200),
        (b'{"name": "p"', "identity", 400),
        (b'["p"]', "identity", 400),
        (b'{"name": "p", "x": NaN}', "identity", 400),
    ],
)
def test_bodies_are_json_or_refused(client: httpx.Client, body: bytes, encoding: str, status: int) -> None:
    """Bodies may be gzip; what is not a JSON object is refused with the reason."""
    answer = client.post("/v1/project", content=body, headers={"content-encoding": encoding})
    assert answer.status_code == status


def test_deep_bodies_are_refused(client: httpx.Client) -> None:
    """JSON may have 256 levels, no more; the body itself is the first."""
    for levels, status in ((MOST_LEVELS, 200), (MOST_LEVELS + 1, 400), (100_000, 400)):
        deep = b'{"name":"p","metadata":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"
        assert client.post("/v1/project", content=deep).status_code == status


def test_unknown_routes_say_so_in_json(client: httpx.Client) -> None:
    """A path that is not there is 404, a method 405, both in Braintrust's shape."""
    for method, path, status in (("GET", "/nope", 404), ("PUT", "/version", 405), ("GET", "/v1/project/", 404)):
        answer = client.request(method, path)
        assert answer.status_code == status
        assert orjson.loads(answer.content)["Path"] == path


def test_read_only_server_takes_nothing_in(tmp_path: Path) -> None:
    """Reading works, writing is 403."""
    with client_of(tmp_path / "s.db") as client:
        client.post("/v1/project", json={"name": "p"})
    with client_of(tmp_path / "s.db", ServerOptions(read_only=True)) as client:
        assert [one["name"] for one in client.get("/v1/project").json()["objects"]] == ["p"]
        assert client.post("/v1/project", json={"name": "q"}).status_code == 403


def test_store_in_memory(tmp_path: Path) -> None:
    """A store that ends with the server is one store for all its threads."""
    with client_of(":memory:") as client:
        client.post("/v1/project", json={"name": "p"})
        assert [one["name"] for one in client.get("/v1/project").json()["objects"]] == ["p"]


def test_secrets_in_paths_are_not_shown() -> None:
    """Addresses that hold a secret are cut in the log."""
    assert shown_path("/attachment/blob/abc") == "/attachment/blob/…"
    assert shown_path("/v1/project") == "/v1/project"
