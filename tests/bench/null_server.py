"""A server on loopback that takes what Braintrust's client sends and keeps none of it.

    python tests/bench/null_server.py

It prints its address, then answers until it is terminated. ``GET /counts`` says how many distinct
spans arrived, so that a run which lost some cannot pass for a fast one.
"""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

ORGANISATION = "11111111-1111-4111-8111-111111111111"
PROJECT = "22222222-2222-4222-8222-222222222222"
EXPERIMENT = "33333333-3333-4333-8333-333333333333"
SPAN_ID = re.compile(rb'"span_id": ?"([^"]+)"')


class NullHandler(BaseHTTPRequestHandler):
    """The shortest valid answer to each request of the client."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet
    disable_nagle_algorithm = True
    bodies: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        if self.path == "/counts":
            spans = {found for body in self.bodies for found in SPAN_ID.findall(body)}
            self._answer({"requests": len(self.bodies), "spans": len(spans)})
        else:
            self._answer({"version": "0.0.0", "objects": []})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/logs3":
            self.bodies.append(body)
        self._answer(self._posted(self.path))

    def _posted(self, path: str) -> dict[str, Any]:
        project = {"id": PROJECT, "org_id": ORGANISATION, "name": "bench"}
        experiment = {"id": EXPERIMENT, "project_id": PROJECT, "name": "bench"}
        known: dict[str, dict[str, Any]] = {
            "/logs3": {"ids": [], "xact_id": "1"},
            "/v1/project": project,
            "/api/project/register": {"project": project},
            "/v1/experiment": experiment,
            "/api/experiment/register": {"project": project, "experiment": experiment},
            "/api/apikey/login": {"org_info": [self._organisation()]},
        }
        return known.get(path, {})

    def _organisation(self) -> dict[str, Any]:
        url = f"http://{self.headers['Host']}"
        return {
            "id": ORGANISATION,
            "name": "bench",
            "api_url": url,
            "proxy_url": url,
            "git_metadata": {"collect": "none"},
        }

    def _answer(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main() -> None:
    """Prints the address, then serves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), NullHandler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
