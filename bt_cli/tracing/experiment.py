"""An experiment: where the traces of an evaluation begin, and what they come to."""

from __future__ import annotations

from typing import Any

from bt_cli.spans.validating import checked_whole_event
from bt_cli.tracing.home import Home
from bt_cli.tracing.reading import Rows
from bt_cli.tracing.target import Resolved, Target


class Experiment(Rows, Home):
    """An experiment that is written to. Made by `init`; iterating over it gives its rows."""

    word = "experiment"
    root_type = "eval"

    def __init__(self, target: Target, project: Target) -> None:
        super().__init__(target)
        self._project = project

    @property
    def name(self) -> str:
        """Its name in the store, which may differ from the one that was asked for. Raises BtError."""
        return self.target.wait().container.name

    @property
    def project(self) -> Resolved:
        """Its project in the store. Raises BtError."""
        return self._project.wait()

    def log(self, *, allow_concurrent_with_spans: bool = False, **event: Any) -> str:
        """Logs one case (see `Span.log`): ``input``, ``output`` and ``scores`` must be there; the id of its row."""
        return self.log_event(checked_whole_event(event), beside_spans=allow_concurrent_with_spans)
