"""A list of traces: one line each, in columns on a terminal, tab-separated in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from bt_cli.render import amounts
from bt_cli.render.look import BOLD, DIM, RED, Look, cells, cut, pad
from bt_cli.spans.times import format_iso, is_absolute
from bt_cli.spans.trace import TraceFacts

COLUMNS = ("time", "name", "duration", "tokens", "cost", "spans", "errors", "scores", "id")
_RIGHT = ("duration", "tokens", "cost", "spans", "errors")
_NARROWEST = {"name": 12, "scores": 10}
_DISPENSABLE = ("spans", "cost", "scores", "tokens", "errors", "duration", "time")
"""What goes first where there is no room."""
FEW = 8
"""Characters of an id in a list on a terminal."""
_TITLES = {"errors": "err"}
_YEAR = len("2026-")
_GAP = "  "
_USUAL = {"time": 19, "name": 24, "duration": 9, "tokens": 7, "cost": 9, "spans": 5, "errors": 3, "scores": 24, "id": 8}


class Column(NamedTuple):
    """A column and its width."""

    name: str
    width: int


def separated_heading() -> str:
    """The first line of a list in a pipe."""
    return "\t".join(COLUMNS) + "\n"


def separated_line(trace: TraceFacts, look: Look) -> str:
    """A trace as a tab-separated line: plain numbers (seconds, USD), the whole id, nothing cut."""
    scores = ", ".join(f"{look.clean(name)}={value:g}" for name, value in trace.scores.items())
    time = format_iso(trace.time) if trace.time is not None and is_absolute(trace.time) else trace.created or ""
    numbers = [
        _plain(None if trace.duration is None else round(trace.duration, 6)),
        _plain(trace.tokens),
        _plain(trace.cost),
        str(trace.spans),
        str(trace.errors),
    ]
    fields = [look.clean(time), look.clean(trace.name or ""), *numbers, scores, look.clean(trace.id or "")]
    return "\t".join(fields) + "\n"


def columns_for(traces: Sequence[TraceFacts], look: Look) -> list[Column]:
    """The columns that a page of traces needs, in the width there is."""
    shown = [_cells(trace, look) for trace in traces]
    widths = {
        name: max(len(_TITLES.get(name, name)), *(cells(row[name]) for row in shown))
        for name in COLUMNS
        if any(row[name] for row in shown) or name in ("name", "id")
    }
    return _narrowed(widths, look)


def usual_columns(look: Look) -> list[Column]:
    """Columns for traces that are not known yet."""
    return _narrowed(dict(_USUAL), look)


def heading(columns: Sequence[Column], look: Look) -> str:
    """The line of column names."""
    line = _GAP.join(pad(_TITLES.get(one.name, one.name), one.width, one.name in _RIGHT) for one in columns)
    return look.paint(line.rstrip(), BOLD) + "\n"


def line(trace: TraceFacts, columns: Sequence[Column], look: Look) -> str:
    """One trace in these columns."""
    texts = _cells(trace, look)
    parts = []
    for name, width in columns:
        text = texts[name][_YEAR:] if name == "time" and width < _USUAL["time"] else texts[name]
        filled = pad(cut(text, width, look.ellipsis), width, name in _RIGHT)
        parts.append(look.paint(filled, *_style(name, trace)) if text else filled)
    return _GAP.join(parts).rstrip() + "\n"


def _style(name: str, trace: TraceFacts) -> tuple[str, ...]:
    if name == "errors" or (name == "name" and trace.errors):
        return (RED,)
    return (DIM,) if name in ("time", "id") else ()


def _cells(trace: TraceFacts, look: Look) -> dict[str, str]:
    name = look.clean(trace.name or ("" if trace.rooted else "(no root yet)"))
    return {
        "time": amounts.moment(trace.time),
        "name": name or "(no name)",
        "duration": amounts.duration(trace.duration),
        "tokens": amounts.tokens(trace.tokens),
        "cost": amounts.cost(trace.cost),
        "spans": amounts.integer(trace.spans),
        "errors": f"{look.cross} {trace.errors:,}" if trace.errors else "",
        "scores": look.clean(amounts.scores(trace.scores, look.dot)),
        "id": look.clean((trace.id or "")[-FEW:]),
    }


def _narrowed(widths: dict[str, int], look: Look) -> list[Column]:
    """Leaves out the year, then columns, until all fit; what is free then goes to names and scores."""
    if look.width is None:
        return [Column(name, width) for name, width in widths.items()]
    least = {name: min(width, _NARROWEST.get(name, width)) for name, width in widths.items()}
    while (free := look.width - sum(least.values()) - len(_GAP) * (len(least) - 1)) < 0:
        if least.get("time") == _USUAL["time"]:
            least["time"] -= _YEAR
        elif gone := next((name for name in _DISPENSABLE if name in least), None):
            del least[gone]
        else:
            break
    for name in _NARROWEST:
        more = min(widths[name] - least[name], max(free, 0)) if name in least else 0
        free -= more
        if more:
            least[name] += more
    return [Column(name, width) for name, width in least.items()]


def _plain(value: float | None) -> str:
    if value is None or not isfinite(value):
        return ""
    return f"{int(value)}" if value == int(value) else f"{round(value, 9):.9f}".rstrip("0")
