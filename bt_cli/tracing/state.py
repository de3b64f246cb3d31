"""What a process has one of: the logger and experiment that are current, the workers, the makers of ids and time."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from bt_cli.settings.tracing import TracingSettings
from bt_cli.tracing.ids import Clock, HexIds, Ids, system_clock

if TYPE_CHECKING:
    from bt_cli.settings.tracing import TracingSettings as Settings
    from bt_cli.tracing.experiment import Experiment
    from bt_cli.tracing.logger import Logger
    from bt_cli.tracing.span import Span
    from bt_cli.tracing.worker import Worker

span_of_context: ContextVar[Span | None] = ContextVar("bt_span", default=None)
logger_of_context: ContextVar[Logger | None] = ContextVar("bt_logger", default=None)
parent_of_context: ContextVar[str | dict[str, str] | None] = ContextVar("bt_parent", default=None)


class State:
    """The state of this process; `bt_cli.tracing.testing` replaces parts of it for a while."""

    def __init__(self) -> None:
        self.logger: Logger | None = None
        self.experiment: Experiment | None = None
        self.workers: dict[Any, Worker] = {}
        self.settings: Settings = TracingSettings()
        self.ids: Ids = HexIds()
        self.clock: Clock = system_clock


STATE = State()


def flush() -> None:
    """Waits until everything that was logged so far is stored, or was given up with a warning."""
    from bt_cli.tracing.worker import flush_all

    flush_all()
