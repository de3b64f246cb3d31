"""What the access log tells: of answers, of clients that went away, and of what the operator must know."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from errno import EACCES, ENOSPC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.blobs.blobs import Blobs
from bt_cli.cli.console import Console
from bt_cli.cli.serve_talk import Talk
from bt_cli.errors import StoreError
from bt_cli.server.access import Access
from bt_cli.server.app import make_app
from bt_cli.server.service import ServerOptions, Service
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from in_process import calling, client_of
from running import PATIENCE
from serving import serving


def test_client_that_went_away(tmp_path: Path) -> None:
    """A request whose client leaves before its end is 499, and no bug."""
    with serving(tmp_path / "s.db") as server:
        with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=PATIENCE) as client:
            client.sendall(b"POST /v1/project HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{")
        while len(server.lines) < 2:
            assert httpx.get(f"{server.url}/healthz").status_code == 200
        server.stop()
    (gone,) = [one for one in map(json.loads, server.lines[1:]) if one["path"] == "/v1/project"]
    assert gone["status"] == 499 and "error" not in gone


def test_broken_store_is_told(tmp_path: Path) -> None:
    """A store that breaks is 500 to the client, and the operator is told why."""
    told: list[Access] = []
    with client_of(tmp_path / "s.db", tell=told.append) as client:
        with closing(sqlite3.connect(tmp_path / "s.db")) as db:
            db.execute("DROP TABLE transactions")
        answer = client.get("/xact-id")
    assert (answer.status_code, answer.json()["Code"]) == (500, "InternalServerError")
    assert isinstance(told[0].problem, StoreError)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a server with these options of the console says of a request."""

    def say(access: Access, debug: bool = False, **options: Any) -> str:
        Talk(Console(**options), "s.db", "http://127.0.0.1:1", None, None, debug).access(access)
        return capsys.readouterr().err

    return say


def test_line_of_a_request(said: Callable[..., str]) -> None:
    """Method, path, status, milliseconds and bytes, on one line with control bytes spelled out; none with --quiet."""
    access = Access("GET", "/v1/\x1b[2J\n", 200, 1.234, 7)
    line = said(access)
    assert line.endswith(" GET /v1/\\x1b[2J\\n 200 1.2 ms 7 B\n") and line.count("\n") == 1
    assert said(access, quiet=True) == ""
    assert json.loads(said(access, json=True)).items() >= {"path": "/v1/\x1b[2J\n", "ms": 1.2}.items()


@pytest.mark.parametrize("options", [{}, {"quiet": True}, {"json": True}, {"json": True, "quiet": True}])
def test_problems_are_always_told(said: Callable[..., str], options: dict[str, bool]) -> None:
    """What the operator must know is told with --quiet, too; a traceback only with --debug."""
    broken = Access("GET", "/x", 500, 1.0, 7, 0, StoreError("the store is damaged"))
    assert "the store is damaged" in said(broken, **options)
    bug = Access("GET", "/x", 500, 1.0, 7, 0, KeyError("x"))
    assert "KeyError('x')" in said(bug, **options)


def test_traceback_of_a_bug(said: Callable[..., str]) -> None:
    """With --debug the traceback of a bug is told."""
    try:
        raise KeyError("x")
    except KeyError as error:
        bug = Access("GET", "/x", 500, 1.0, 7, 0, error)
    assert "Traceback" in said(bug, debug=True) and "Traceback" not in said(bug)


def test_bug_is_answered_and_told(tmp_path: Path) -> None:
    """What should not happen is 500 without details to the client; the log has the exception."""
    told: list[Access] = []
    store = str(tmp_path / "s.db")
    service = Service(lambda mode: ServingSqliteStore(store, mode == "read"), Blobs(f"{store}.blobs"), ServerOptions())

    async def broken(request: Request) -> Response:
        raise KeyError("secret")

    app = make_app(service, told.append)
    app.router.routes.append(Route("/broken", broken))
    with closing(service), calling(app) as client:
        answer = client.get("/broken")
    assert answer.status_code == 500 and "secret" not in answer.text
    assert isinstance(told[0].problem, KeyError)


def test_full_disk_is_told(tmp_path: Path) -> None:
    """A disk that is full is 507, a file that can't be read 500; both are told."""
    told: list[Access] = []
    store = str(tmp_path / "s.db")
    service = Service(lambda mode: ServingSqliteStore(store, mode == "read"), Blobs(f"{store}.blobs"), ServerOptions())

    async def failing(request: Request) -> Response:
        raise OSError(int(request.query_params["errno"]), "as asked")

    app = make_app(service, told.append)
    app.router.routes.append(Route("/failing", failing))
    with closing(service), calling(app) as client:
        codes = [client.get("/failing", params={"errno": one}).status_code for one in (ENOSPC, EACCES)]
    assert codes == [507, 500]
    assert [type(one.problem) for one in told] == [OSError, PermissionError]


def test_what_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    """Once it serves, a server says where, and the variables that an app needs; with a token, which one that is."""
    for token_env, key in ((None, "any"), ("BT_TOKEN", "$BT_TOKEN")):
        Talk(Console(), "~/spans.db", "http://127.0.0.1:8765", token_env).ready()
        assert capsys.readouterr().err.splitlines() == [
            "Serving ~/spans.db at http://127.0.0.1:8765",
            "  export BRAINTRUST_APP_URL=http://127.0.0.1:8765",
            "  export BRAINTRUST_API_URL=http://127.0.0.1:8765",
            f"  export BRAINTRUST_API_KEY={key}",
        ]


def test_complaints_of_the_server_below(capsys: pytest.CaptureFixture[str]) -> None:
    """What uvicorn complains of is a warning, with control bytes spelled out, and an object with --json."""
    for json_wanted, wanted in ((False, "warning: odd\\x1b request\n"), (True, '{"warning":"odd\\u001b request"}\n')):
        Talk(Console(json=json_wanted), "s.db", "http://x", None).warn("odd\x1b request")
        assert capsys.readouterr().err == wanted
