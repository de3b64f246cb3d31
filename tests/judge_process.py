"""The test server of `judge_server` as a process, and how tests steer it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from running import started

PROGRAM = Path(__file__).with_name("judge_server.py")


class JudgeServer:
    """A running server: its address, its script, what it was asked."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(PROGRAM), *arguments]
        self._life = ExitStack()
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        process = self._life.enter_context(started(command, patience=None, **pipes))
        assert process.stdout
        self.port = int(process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def script(self, **script: Any) -> None:
        """Goes by this script from now on; what is not said is as at the start."""
        self._ask("POST", "/_script", script)

    def reset(self) -> None:
        """Forgets the script, the counts and the requests."""
        self._ask("POST", "/_reset")

    @property
    def stats(self) -> dict[str, Any]:
        """Counts: requests, answered, refused, faults, connections, most_in_flight, paths."""
        found: dict[str, Any] = self._ask("GET", "/_stats")
        return found

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked, in order: path, headers (lower case text) and the decoded body."""
        return [{**one, "body": json.loads(one["body"])} for one in self._ask("GET", "/_requests")]

    def close(self) -> None:
        """Ends the process."""
        self._life.close()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body or {}).encode())
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
