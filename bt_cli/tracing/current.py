"""What spans begin below: the current span, else the parent of the context, else the experiment, else the logger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bt_cli.tracing.noop import NOOP_SPAN, NoopSpan
from bt_cli.tracing.state import STATE, logger_of_context, parent_of_context, span_of_context

if TYPE_CHECKING:
    from bt_cli.tracing.experiment import Experiment
    from bt_cli.tracing.logger import Logger
    from bt_cli.tracing.span import Span
    from bt_cli.tracing.start import Attributes


def current_span() -> Span | NoopSpan:
    """The span that this code runs in; one that does nothing where there is none."""
    return span_of_context.get() or NOOP_SPAN


def current_logger() -> Logger | None:
    """The logger that was initialised last, in this context or else in this process."""
    return logger_of_context.get() or STATE.logger


def current_experiment() -> Experiment | None:
    """The experiment that was initialised last."""
    return STATE.experiment


def is_idle() -> bool:
    """Whether nothing was initialised, so that a span begun here would be one that does nothing."""
    return (
        span_of_context.get() is None
        and STATE.experiment is None
        and current_logger() is None
        and not parent_of_context.get()
    )


def start_span(
    name: str | None = None,
    type: str | None = None,
    span_attributes: Attributes = None,
    start_time: float | None = None,
    set_current: bool | None = None,
    parent: str | dict[str, str] | None = None,
    **event: Any,
) -> Span | NoopSpan:
    """Begins a span below what is current, or below ``parent``: a slug, or headers of `extract_trace_context`.

    ``event`` is what `Span.log` takes; an ``id`` in it becomes that of the row. Does nothing where nothing
    was initialised.
    """
    home = span_of_context.get()
    if home is None:
        parent = parent or parent_of_context.get()
        if parent:
            from bt_cli.tracing.parents import below
            from bt_cli.tracing.span import Span
            from bt_cli.tracing.start import Start

            propagated = event.pop("propagated_event", None)
            start = Start(event, name, type, span_attributes, start_time, set_current, propagated)
            return Span(*below(parent, start, None))
        found = STATE.experiment or current_logger()
        if found is None:
            return NOOP_SPAN
        return found.start_span(name, type, span_attributes, start_time, set_current, **event)
    return home.start_span(name, type, span_attributes, start_time, set_current, parent, **event)


@contextmanager
def parent_context(parent: str | dict[str, str] | None) -> Iterator[None]:
    """While the block runs, spans that would begin a trace begin below ``parent``."""
    token = parent_of_context.set(parent)
    try:
        yield
    finally:
        parent_of_context.reset(token)


def log(**event: Any) -> str:
    """Logs one event to the current experiment; the id of its row. Raises RuntimeError where there is none."""
    experiment = current_experiment()
    if experiment is None:
        raise RuntimeError("Not initialized. Please call init() first")
    return experiment.log(**event)
