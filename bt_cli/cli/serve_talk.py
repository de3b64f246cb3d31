"""What `bt serve` says: where it is, what to paste, what was asked. All on stderr."""

from __future__ import annotations

import time
from traceback import format_exception
from typing import TYPE_CHECKING

from msgspec import Struct

from bt_cli.cli.console import RED, YELLOW, Console
from bt_cli.cli.visible import visible
from bt_cli.errors import BtError
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.server.access import Access


class Talk(Struct, frozen=True):
    """The talk of one server; with ``--json`` every line is an object."""

    console: Console
    store: str
    url: str
    token_env: str | None
    rejects: str | None = None
    """The file that keeps refused rows."""
    debug: bool = False

    def ready(self) -> None:
        """Says where it serves, and the environment by which SDKs find it."""
        key = f"${self.token_env}" if self.token_env else "any"
        environment = {"BRAINTRUST_APP_URL": self.url, "BRAINTRUST_API_URL": self.url, "BRAINTRUST_API_KEY": key}
        if self.console.json:
            self.console.err_json(
                {"schema": "bt/serve/1", "url": self.url, "store": self.store, "environment": environment}
            )
            return
        self.console.note(f"Serving {visible(self.store)} at {self.url}")
        for name, value in environment.items():
            self.console.note(f"  export {name}={value}")

    def access(self, access: Access) -> None:
        """A line for a request; one that failed is told with ``--quiet`` too."""
        problem = access.problem
        if self.console.json:
            if problem or access.refused or not self.console.quiet:
                self.console.err_json(_object(access))
            return
        line = _line(access)
        if problem:
            self.console.warn(f"{self.console.paint('error:', RED)} {line}: {visible(_told(problem))}")
        elif access.refused:
            self.console.warn(f"{self.console.paint('warning:', YELLOW)} {line}: {self._refused(access)}")
        else:
            self.console.note(line)
        if problem and self.debug:
            self.console.warn("".join(format_exception(problem)).rstrip())

    def _refused(self, access: Access) -> str:
        kept = f", kept in {visible(self.rejects)}" if self.rejects else ""
        return f"{count(access.refused, 'row')} refused{kept}"

    def warn(self, text: str) -> None:
        """Something that must be known."""
        if self.console.json:
            self.console.err_json({"warning": text})
        else:
            self.console.warn(f"warning: {visible(text)}")

    def stopped(self) -> None:
        """The last word."""
        self.console.note("Stopped. All that was acknowledged is stored.")


def _object(access: Access) -> dict[str, object]:
    line: dict[str, object] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "method": access.method,
        "path": access.path,
        "status": access.status,
        "ms": round(access.ms, 1),
        "bytes": access.bytes,
    }
    if access.refused:
        line["refused"] = access.refused
    return line if access.problem is None else {**line, "error": _told(access.problem)}


def _line(access: Access) -> str:
    when = time.strftime("%H:%M:%S")
    return f"{when} {visible(access.method)} {visible(access.path)} {access.status} {access.ms:.1f} ms {access.bytes} B"


def _told(problem: Exception) -> str:
    """A problem in one line: ours in their own words, others with the name of what they are."""
    return problem.message if isinstance(problem, BtError) else repr(problem)
