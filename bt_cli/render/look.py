"""How text is to look: width, colours, line drawing, and what becomes of odd characters."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

BOLD, DIM, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN = "1", "2", "31", "32", "33", "34", "35", "36"

_MOST_CHARACTERS = 8
"""Characters a column: what has more is mostly marks of no width, and measuring a megabyte takes long."""
_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""The blocks of Unicode in which scripts are written from right to left."""


class Look(Struct, frozen=True):
    """What a text is drawn for.

    ``width`` in columns; None (a pipe) cuts nothing. ``clean`` makes text from data one safe line,
    ``clean_line`` a line of a longer text. ``rows`` of the screen a value may take; None: all it needs.
    ``remedy`` says how to see what was cut of it.
    """

    clean: Callable[[str], str]
    clean_line: Callable[[str], str]
    width: int | None = None
    color: bool = False
    ascii: bool = False
    rows: int | None = None
    remedy: str = "--full shows all"

    @property
    def room(self) -> int:
        """Columns to fill: those there are, 80 where nothing is cut."""
        return self.width or 80

    @property
    def ellipsis(self) -> str:
        """What stands for something that was cut."""
        return "..." if self.ascii else "…"

    @property
    def dot(self) -> str:
        """What stands between facts on one line."""
        return " - " if self.ascii else " · "

    @property
    def cross(self) -> str:
        """The mark of an error."""
        return "x" if self.ascii else "✗"

    def paint(self, text: str, *styles: str) -> str:
        """``text`` in some styles, where there are colours."""
        return f"\x1b[{';'.join(styles)}m{text}\x1b[0m" if self.color and text and styles else text

    def fit(self, text: str, width: int) -> str:
        """``text`` cut to so many columns, where anything is cut."""
        return text if self.width is None else cut(text, width, self.ellipsis)

    def lines(self, text: str, indent: str) -> list[str]:
        """A longer text line by line, each after ``indent``."""
        return [indent + self.clean_line(line) for line in text.split("\n")]


def cells(text: str) -> int:
    """The columns that a text takes on a terminal: two for wide characters and emoji, none for combining ones."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """``text`` in at most ``width`` columns, ending in ``ellipsis`` where something was cut."""
    if len(text) <= width * _MOST_CHARACTERS and cells(text) <= width:
        return text
    room = width - len(ellipsis)
    if room < 0:
        return ellipsis[: max(width, 0)]
    from rich.cells import set_cell_size

    # Half of a wide character is filled up with a blank, which tells nothing.
    return set_cell_size(text[: width * _MOST_CHARACTERS], room).rstrip() + ellipsis


def pad(text: str, width: int, right: bool = False) -> str:
    """``text`` filled up with blanks to ``width`` columns, on the left for ``right``."""
    blanks = " " * (width - cells(text))
    return blanks + isolated(text) if right else isolated(text) + blanks


def isolated(text: str) -> str:
    """``text`` so that what it has from right to left does not reorder what stands beside it on the line."""
    return f"\u2068{text}\u2069" if _FROM_THE_RIGHT.search(text) else text
