"""Markdown tables, safe for any text: it reads as text, never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bt_cli.render.look import cut
from bt_cli.render.table import Column

_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&$])")
_LONGEST = 80


def escaped(text: str, longest: int | None = _LONGEST) -> str:
    """``text``, which is on one line already, with nothing that Markdown knows; cut to ``longest`` columns."""
    shown = text if longest is None else cut(text, longest)
    # A name behind an @ would be told that it was mentioned; a character of no width keeps it from being one.
    return _MARKUP.sub(r"\\\1", shown).replace("@", "@\u200b")


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """A table with the columns' names, which are text; cells are Markdown already."""
    return "".join(table_lines(columns, rows))


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The same line by line."""
    yield _line([escaped(column.name) for column in columns])
    yield _line(["--:" if column.right else ":--" for column in columns])
    yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
