"""The beginning of long values: enough to read on a terminal, and a line that says what is not shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bt_cli.render import amounts
from bt_cli.render.look import DIM, Look, cells, cut

_VALUES = 10
"""A field of many values, such as messages, gets the rows of so many."""


def text_lines(text: str, look: Look, indent: str) -> list[str]:
    """A longer text line by line, each after ``indent``; as much of it as ``look.rows`` allows."""
    return excerpt(look.lines(text, ""), look, indent)


def excerpt(lines: Sequence[str], look: Look, indent: str, paint: Callable[[str], str] = str) -> list[str]:
    """Clean lines, painted and indented; where they take more than ``look.rows`` of the screen the rest is counted."""
    if look.rows is None:
        return [indent + paint(line) for line in lines]
    shown: list[str] = []
    wide = max(look.room - len(indent), 1)
    room = look.rows * wide
    for place, line in enumerate(lines):
        taken = max(-(-cells(line[: room + 1]) // wide), 1) * wide
        if taken > room:
            kept = cut(line, room, "") if room else ""
            shown += [indent + paint(kept)] if kept else []
            return [*shown, indent + _mark(lines[place:], len(kept), look)]
        shown.append(indent + paint(line))
        room -= taken
    return shown


def fewer(lines: list[str], look: Look, indent: str) -> list[str]:
    """The lines of many values, without those beyond ten times ``look.rows``."""
    most = len(lines) if look.rows is None else _VALUES * look.rows
    return [*lines[:most], indent + _mark(lines[most:], 0, look)] if len(lines) > most else lines


def _mark(left: Sequence[str], shown: int, look: Look) -> str:
    """What is said of lines that are left out; of the first of them ``shown`` characters are there."""
    told = amounts.count(len(left), "line")
    if shown or len(left) == 1:
        on = f" on {told}" if len(left) > 1 else ""
        told = amounts.count(sum(map(len, left)) - shown, "character") + on
    return look.paint(f"{look.ellipsis} {told} cut{look.remedy and f'; {look.remedy}'}", DIM)
