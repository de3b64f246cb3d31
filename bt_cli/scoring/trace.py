"""The trace that a scorer of the user's own is given."""

from __future__ import annotations

from typing import Any

from bt_cli.scoring.base import Case
from bt_cli.scoring.unscored import app_spans
from bt_cli.spans.conversation import thread


class Trace:
    """The spans of the app in a trace, as objects in Braintrust's field names, in their order.

    ``get_spans`` and ``get_thread`` are those of Braintrust's SDK; ``spans`` and ``thread`` say the
    same to functions that are not ``async``.
    """

    def __init__(self, case: Case) -> None:
        self.root_span_id = case.row.root_span_id
        self.spans: list[dict[str, Any]] = app_spans(case.trace)
        self._rows = case.trace

    @property
    def thread(self) -> list[dict[str, Any]]:
        """The conversation: messages with ``role`` and ``content``."""
        return thread(self._rows)

    async def get_spans(self, span_type: list[str] | None = None) -> list[dict[str, Any]]:
        """Its spans, or those of some types."""
        if span_type is None:
            return self.spans
        return [one for one in self.spans if one.get("span_attributes", {}).get("type") in span_type]

    async def get_thread(self, options: Any = None) -> list[dict[str, Any]]:
        """The conversation, as `thread`."""
        return self.thread
