"""Markdown tables, safe for any text: it reads as text, never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&$])")
_LONGEST = 80


def escaped(text: str, longest: int = _LONGEST) -> str:
    """``text``, which is on one line already, cut to ``longest`` characters and with nothing that Markdown knows."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    # A name behind an @ would be told that it was mentioned; a character of no width keeps it from being one.
    return _MARKUP.sub(r"\\\1", cut).replace("@", "@\u200b")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers; cells are Markdown already."""
    rule = [":--", *["--:"] * (len(header) - 1)]
    return "".join(map(line, (header, rule, *rows)))


def line(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |\n"
