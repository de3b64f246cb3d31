"""A logger: where the traces of a project's logs begin."""

from __future__ import annotations

from typing import Any

from bt_cli.tracing.home import Home
from bt_cli.tracing.target import Resolved, Target


class Logger(Home):
    """The logs of a project. Made by `init_logger`."""

    word = "logger"
    root_type = "task"

    def __init__(self, target: Target, *, async_flush: bool = True) -> None:
        super().__init__(target)
        self._flushes = not async_flush

    @property
    def project(self) -> Resolved:
        """The project in its store. Raises BtError."""
        return self.target.wait()

    def log(self, *, allow_concurrent_with_spans: bool = False, **event: Any) -> str:
        """Logs one event (see `Span.log`) as a trace of one span; the id of its row."""
        row_id = self.log_event(event, beside_spans=allow_concurrent_with_spans)
        if self._flushes:
            self.flush()
        return row_id
