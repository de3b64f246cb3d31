"""The bar of a terminal; imported only when work takes long enough to need one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from bt_cli.cli.console import Console
from bt_cli.cli.progress_text import describe

if TYPE_CHECKING:
    from bt_cli.pipeline.progress import Progress as State

BAR_WIDTH = 16
BAR_EVERY = 0.1
"""Seconds between two drawings."""


class Bar:
    """A bar that vanishes at the end; the final line says what came of the work."""

    every = BAR_EVERY

    def __init__(self, console: Console) -> None:
        rich = RichConsole(
            file=sys.stderr,
            force_terminal=True,
            width=console.terminal.columns,
            no_color=not console.err_has_color,
            markup=False,
        )
        bar = BarColumn(bar_width=BAR_WIDTH, table_column=Column(min_width=BAR_WIDTH, max_width=BAR_WIDTH))
        text = Column(no_wrap=True, overflow="ellipsis")
        columns = (bar, TextColumn("{task.description}", markup=False, table_column=text))
        # Refreshed by the work itself: a thread of its own would take turns with it.
        self._bar = Progress(*columns, console=rich, transient=True, auto_refresh=False)
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def show(self, now: State, seconds: float) -> None:
        """Draws the state; without a known end the bar pulses."""
        total = now.bytes_total or None
        self._bar.update(
            self._task,
            description=describe(now, seconds),
            completed=min(now.bytes_read, total) if total else now.bytes_read,
            total=total,
            refresh=True,
        )

    def close(self) -> None:
        """Takes the bar away and gives the cursor back."""
        self._bar.stop()
