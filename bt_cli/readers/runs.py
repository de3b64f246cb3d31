"""Records that need no reading at all, because somebody recognises their lines."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.base import Recognise, Run
from bt_cli.readers.lines import Lines
from bt_cli.readers.repair import is_utf8


def leading_run(lines: Lines, recognise: Recognise) -> Run:
    """The first of some lines as far as they are recognised; what follows the first that is not is mostly like it."""
    values: list[Any] = []
    for line in lines.texts:
        if line is None or line[:1] != b"{" or not is_utf8(line):
            break
        value = recognise(line)
        if value is None:
            break
        values.append(value)
    return Run(values, lines.texts[: len(values)], lines.number, lines.byte)  # type: ignore[arg-type]  # none is None
