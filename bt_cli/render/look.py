"""How text is to look: width, colours, line drawing, and what becomes of odd characters."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import category, east_asian_width

from msgspec import Struct

BOLD, DIM, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN = "1", "2", "31", "32", "33", "34", "35", "36"


class Look(Struct, frozen=True):
    """What a text is drawn for.

    ``width`` in columns; None (a pipe) cuts nothing. ``clean`` makes text from data one safe line,
    ``clean_line`` a line of a longer text. ``rows`` of the screen a value may take; None: all it needs.
    """

    clean: Callable[[str], str]
    clean_line: Callable[[str], str]
    width: int | None = None
    color: bool = False
    ascii: bool = False
    rows: int | None = None

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
    """The columns that a text takes."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """``text`` in at most ``width`` columns, ending in ``ellipsis`` where something was cut."""
    if len(text) <= width and cells(text) <= width:
        return text
    room = width - len(ellipsis)
    if room < 0:
        return ellipsis[: max(width, 0)]
    taken = used = 0
    for character in text:
        used += _cells_of(character)
        if used > room:
            break
        taken += 1
    return text[:taken] + ellipsis


def pad(text: str, width: int, right: bool = False) -> str:
    """``text`` filled up with blanks to ``width`` columns, on the left for ``right``."""
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks
