"""A server that speaks Braintrust's API in this process, keeps what it gets, and fails as it is told."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

ORGANISATIONS = [{"id": "org-1", "name": "first"}, {"id": "org-2", "name": "second org"}]


@dataclass
class Fault:
    """What the next requests for a path are answered instead: a status and body, or nothing at all."""

    path: str
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    when: Callable[[bytes], bool] = lambda body: True
    after_taking: bool = False
    """The rows are taken before the answer fails."""


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class BraintrustServer:
    """What was asked, the rows by id, and what is to go wrong."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.rows: dict[str, dict[str, Any]] = {}
        self.laid_down: dict[str, bytes] = {}
        self.attachments: dict[str, dict[str, str]] = {}
        """The status of each by key; contents are laid down."""
        self.faults: list[Fault] = []
        self.version: dict[str, Any] = {"version": "1"}
        self.overflow_method = "PUT"
        self.objects: dict[str, list[str]] = {}
        self.page_rows = 1000
        self.key = ""
        self.url = ""
        self.lock = Lock()

    def of(self, path: str) -> list[Asked]:
        """The requests for a path, in order."""
        return [one for one in self.asked if one.path == path]

    def note(self, asked: Asked) -> Fault | None:
        """Remembers a request; the fault that it is to meet."""
        with self.lock:
            self.asked.append(asked)
            found = next((one for one in self.faults if one.path == asked.path and one.when(asked.body)), None)
            if found is not None:
                found.times -= 1
                if found.times == 0:
                    self.faults.remove(found)
            return found

    def take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Rows in."""
        rows = json.loads(body)["rows"]
        if isinstance(rows, dict):
            rows = json.loads(self.laid_down[rows["key"]])["rows"]
        with self.lock:
            for row in rows:
                self.rows[row["id"]] = row
        return 200, {"ids": [row["id"] for row in rows], "xact_id": "1"}

    def page(self, query: dict[str, Any]) -> dict[str, Any]:
        """The rows behind a cursor; the page after the last one is empty, and only that has no cursor."""
        found = [row for row in self.rows.values() if _holds(query.get("filter"), row)]
        begin = int(query.get("cursor") or 0)
        rows = found[begin : begin + min(self.page_rows, query["limit"])]
        return {"data": rows, **({"cursor": str(begin + len(rows))} if rows else {})}

    def made(self, asked: Asked) -> dict[str, str]:
        """A project, an experiment or a dataset."""
        name = asked.json["name"]
        return {"id": f"id of {name}", "name": name, "project_id": "p"}

    def named(self, asked: Asked) -> list[dict[str, str]]:
        """Those of a kind, all or the one of a name."""
        names = self.objects.get(asked.path, [])
        wanted = [value for name, value in asked.query.items() if name.endswith("_name") and name != "org_name"]
        kept = [one for one in names if not wanted or one in wanted]
        return [{"id": f"id of {one}", "name": one, "project_id": "id of here"} for one in kept]

    def attached(self, key: str) -> tuple[int, Any]:
        """How far an attachment is, and where it can be read; no part of it can be had alone."""
        if key not in self.attachments:
            return 404, "no such attachment"
        return 200, {"downloadUrl": f"{self.url}/blob/{key}", "status": self.attachments[key]}

    def blob(self, asked: Asked) -> tuple[int, Any]:
        """What is laid down elsewhere, or read there, at a signed address."""
        name = asked.path.rpartition("/")[2]
        if asked.method == "GET":
            return 200, self.laid_down[name]
        body = asked.body
        if asked.method == "POST":
            found = re.search(rb'name="file".*?\r\n\r\n(.*)\r\n--', body, re.DOTALL)
            assert found is not None
            body = found[1]
        self.laid_down[name] = body
        return 204, None

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """The answer of a server in good health."""
        path = asked.path
        if path == "/api/apikey/login":
            good = asked.headers.get("authorization", "") == (f"Bearer {self.key}" if self.key else "")
            return (200, {"org_info": ORGANISATIONS}) if good else (401, "Failed to validate")
        if path == "/version":
            return 200, self.version
        if asked.method == "DELETE":
            return 200, {"id": path.rpartition("/")[2]}
        if path == "/btql":
            return 200, self.page(asked.json["query"])
        if path in ("/v1/project", "/v1/experiment", "/v1/dataset"):
            return 200, self.made(asked) if asked.method == "POST" else {"objects": self.named(asked)}
        if path == "/logs3":
            return self.take(asked.body)
        if path == "/logs3/overflow":
            key = f"key-{len(self.of(path))}"
            form = {"fields": {"policy": "p"}} if self.overflow_method == "POST" else {"headers": {"x-put": "1"}}
            return 200, {
                "method": self.overflow_method,
                "signedUrl": f"{self.url}/blob/{key}?sig=s",
                "key": key,
                **form,
            }
        if path == "/attachment" and asked.method == "GET":
            return self.attached(asked.query["key"])
        if path.startswith("/blob/"):
            return self.blob(asked)
        return 404, "not here"


_COMPARED = {"eq": operator.eq, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}


def _holds(test: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    """Whether a row passes a test in the AST form."""
    if test is None:
        return True
    if "children" in test:
        results = [_holds(one, row) for one in test["children"]]
        return all(results) if test["op"] == "and" else any(results)
    value: Any = row
    for key in (test.get("left") or test["expr"])["name"]:
        value = (value or {}).get(key)
    if test["op"] in ("isnull", "isnotnull"):
        return (value is None) == (test["op"] == "isnull")
    wanted = test["right"]["value"]
    if test["op"] == "in":
        return value in wanted
    return value is not None and _COMPARED[test["op"]](value, wanted)


class _Server(ThreadingHTTPServer):
    state: BraintrustServer
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that has enough of an answer closes the connection; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer(self._asked())

    def do_POST(self) -> None:
        self._answer(self._asked())

    def do_PUT(self) -> None:
        self._answer(self._asked())

    def do_DELETE(self) -> None:
        self._answer(self._asked())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _asked(self) -> Asked:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, parts.path, query, headers, body)

    def _answer(self, asked: Asked) -> None:
        state = self.server.state
        fault = state.note(asked)
        if fault is None:
            self._send(*state.answer(asked), {})
            return
        if fault.after_taking:
            state.answer(asked)
        if fault.status:
            self._send(fault.status, fault.body, fault.headers)
        else:
            self.close_connection = True
            self.connection.close()

    def _send(self, status: int, value: Any, headers: dict[str, str]) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, one in headers.items():
            self.send_header(name, one)
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)


@contextmanager
def braintrust_server() -> Iterator[BraintrustServer]:
    """A server on a free port, for as long as the context lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = BraintrustServer()
    server.state.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
