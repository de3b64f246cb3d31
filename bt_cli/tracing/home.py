"""What a logger and an experiment have in common: spans begin in them, events are logged, rows changed later."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from bt_cli.tracing.span import Span
from bt_cli.tracing.start import Attributes, Start
from bt_cli.tracing.state import STATE

if TYPE_CHECKING:
    from bt_cli.tracing.target import Target

_MIXED = (
    "Cannot run toplevel `log` method while using spans. To log to the span, call `{}.start_span` and then log"
    " with `span.log`"
)
Self = TypeVar("Self", bound="Home")


class Home:
    """Where traces begin. ``word`` and ``root_type`` are of its kind."""

    word = ""
    root_type = ""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._last_end = STATE.clock()
        self._has_spans = False

    @property
    def id(self) -> str:
        """The id of the container; where it is not known yet, the store is asked. Raises BtError."""
        return self.target.id_if_known or self.target.wait().id

    def start_span(
        self,
        name: str | None = None,
        type: str | None = None,
        span_attributes: Attributes = None,
        start_time: float | None = None,
        set_current: bool | None = None,
        parent: str | dict[str, str] | None = None,
        **event: Any,
    ) -> Span:
        """Begins a trace, named ``root`` unless ``name`` says so, or a span below the current one or ``parent``."""
        self._has_spans = True
        propagated = event.pop("propagated_event", None)
        if parent:
            from bt_cli.tracing.parents import below

            start = Start(event, name, type, span_attributes, start_time, set_current, propagated)
            return Span(*below(parent, start, self.target.worker))
        start = Start(event, name, type or self.root_type, span_attributes, start_time, set_current, propagated)
        return Span(self.target, start, None, looks_up=True)

    def log_event(self, event: Mapping[str, Any], *, beside_spans: bool) -> str:
        """Logs one event as a trace of one span, which began when the one before it ended; the id of its row."""
        if self._has_spans and not beside_spans:
            raise RuntimeError(_MIXED.format(self.word))
        start = Start(dict(event), type=self.root_type, start_time=self._last_end)
        span = Span(self.target, start, None)
        self._last_end = span.end()
        return span.id

    def log_feedback(self, id: str, **event: Any) -> None:
        """Feedback on the row of this id; see `bt_cli.tracing.later.log_feedback`."""
        from bt_cli.tracing.later import log_feedback

        log_feedback(self.target, id, event)

    def update_span(self, id: str, **event: Any) -> None:
        """Merges an event into the row of this id, which should be written before; see `Span.log`."""
        from bt_cli.tracing.later import update_row

        update_row(self.target, id, event)

    def export(self) -> str:
        """A slug that names the container, for spans of other processes to begin in."""
        from bt_cli.tracing.parents import slug_of

        return slug_of(self.target)

    def flush(self) -> None:
        """Waits until everything that was logged so far is stored, or was given up with a warning."""
        self.target.worker.flush()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
