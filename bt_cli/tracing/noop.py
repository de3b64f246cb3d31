"""The span of a program that nothing was initialised in: it has every method and does nothing."""

from __future__ import annotations

from types import TracebackType
from typing import Any

NOOP_LINK = "https://www.braintrust.dev/noop-span"


class NoopSpan:
    """See `bt_cli.tracing.span.Span`."""

    __slots__ = ()
    id = ""
    span_id = ""
    root_span_id = ""
    name = ""
    propagated_event: dict[str, Any] | None = None

    def log(self, **event: Any) -> None:
        """Nothing."""

    def log_feedback(self, **event: Any) -> None:
        """Nothing."""

    def set_attributes(self, *args: Any, **attributes: Any) -> None:
        """Nothing."""

    def start_span(self, *args: Any, **asked: Any) -> NoopSpan:
        """Itself."""
        return self

    def end(self, end_time: float | None = None) -> float:
        """The time given, or 0."""
        return end_time or 0.0

    def close(self, end_time: float | None = None) -> float:
        """As `end`."""
        return end_time or 0.0

    def flush(self) -> None:
        """Nothing."""

    def export(self) -> str:
        """An empty slug, which begins a trace where it is taken for a parent."""
        return ""

    def inject(self, carrier: dict[str, str] | None = None) -> dict[str, str]:
        """The headers as they are."""
        return {} if carrier is None else carrier

    def link(self) -> str:
        """A link that says that there is no span."""
        return NOOP_LINK

    def permalink(self) -> str:
        """A link that says that there is no span."""
        return NOOP_LINK

    def set_current(self) -> None:
        """Nothing."""

    def unset_current(self) -> None:
        """Nothing."""

    def __enter__(self) -> NoopSpan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


NOOP_SPAN = NoopSpan()
"""The one span that is none."""
