"""What a read left out, told by every command in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.query.filters import SpanFilter


def warn_left_out(console: Console, wanted: SpanFilter, timeless: int, truncated: bool, where: str = "") -> None:
    """Says how many traces (or spans) have no time, which a filter by time asks for, and whether the limit cut.

    ``where`` names what was read, made visible, for a command that reads several.
    """
    before = f"{where}: " if where else ""
    if timeless:
        left_out = count(timeless, wanted.scope[:-1])
        console.warn(f"{before}{left_out} without a time left out: no filter by time matches.")
    if truncated:
        console.warn(f"{before}Cut at --limit {wanted.limit}: there is more.")
