"""A list of traces: one line each, in columns on a terminal, tab-separated in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bt_cli.render import amounts, table
from bt_cli.render.heading import FEW
from bt_cli.render.look import BOLD, DIM, RED, Look, cells, cut, pad
from bt_cli.spans.times import format_iso, is_absolute
from bt_cli.spans.trace import TraceFacts

COLUMNS = ("time", "name", "duration", "tokens", "cost", "spans", "errors", "scores", "id")
_RIGHT = ("duration", "tokens", "cost", "spans", "errors")
_NARROWEST = {"name": 12, "scores": 10}
"""Columns to which these are cut so that others stay as they are."""
_SCANTIEST = {"name": 8, "scores": 6}
"""Columns to which these are cut so that others stay at all."""
_DISPENSABLE = ("spans", "cost", "scores", "tokens", "errors", "duration", "time")
"""What goes first where there is no room."""
_TITLES = {"errors": "err"}
_YEAR, _SECONDS = len("2026-"), len(":11")
_USUAL = {"time": 19, "name": 24, "duration": 9, "tokens": 7, "cost": 9, "spans": 5, "errors": 3, "scores": 24, "id": 8}


class Column(NamedTuple):
    """A column and its width."""

    name: str
    width: int


class Columns(NamedTuple):
    """The columns of a list, the blanks between them, and the names of those for which there is no room."""

    shown: list[Column]
    gap: str
    left_out: list[str]


def separated_heading() -> str:
    """The first line of a list in a pipe."""
    return table.separated_line(COLUMNS, str)


def separated_line(trace: TraceFacts, look: Look) -> str:
    """A trace as a tab-separated line: plain numbers (seconds, USD), the whole id, nothing cut."""
    scores = ", ".join(f"{name}={amounts.plain(value)}" for name, value in trace.scores.items())
    time = format_iso(trace.time) if trace.time is not None and is_absolute(trace.time) else trace.created
    numbers = map(amounts.plain, (trace.duration, trace.tokens, trace.cost))
    fields = (time, trace.name, *numbers, trace.spans, trace.errors, scores, trace.id)
    return table.separated_line(fields, look.clean)


def columns_for(traces: Sequence[TraceFacts], look: Look) -> Columns:
    """The columns that a page of traces needs, in the width there is."""
    shown = [_cells(trace, look) for trace in traces]
    widths = {
        name: max(len(_TITLES.get(name, name)), *(cells(row[name]) for row in shown))
        for name in COLUMNS
        if any(row[name] for row in shown) or name in ("name", "id")
    }
    return _narrowed(widths, look)


def usual_columns(look: Look) -> Columns:
    """Columns for traces that are not known yet."""
    return _narrowed(dict(_USUAL), look)


def heading(columns: Columns, look: Look) -> str:
    """The line of column names."""
    titles = [pad(_TITLES.get(one.name, one.name), one.width, one.name in _RIGHT) for one in columns.shown]
    line = columns.gap.join(titles)
    return look.paint(line.rstrip(), BOLD) + "\n"


def no_room(columns: Columns) -> str:
    """What is said of the columns that are left out; empty where all are there."""
    if not columns.left_out:
        return ""
    return f"No room for: {', '.join(columns.left_out)}. Make the terminal wider, or use --json."


def line(trace: TraceFacts, columns: Columns, look: Look) -> str:
    """One trace in these columns."""
    texts = _cells(trace, look)
    parts = []
    for name, width in columns.shown:
        text = texts[name]
        if name == "time" and width < _USUAL["time"]:
            text = text[_YEAR : _YEAR + width]
        filled = pad(cut(text, width, look.ellipsis), width, name in _RIGHT)
        parts.append(look.paint(filled, *_style(name, trace)) if text else filled)
    return columns.gap.join(parts).rstrip() + "\n"


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


def _narrowed(widths: dict[str, int], look: Look) -> Columns:
    """Shorter times and gaps, then shorter names and scores, then fewer columns; free room goes to names and scores."""
    if look.width is None:
        return Columns([Column(name, width) for name, width in widths.items()], "  ", [])
    least, gap = next(
        ((form, gap) for form, gap in _forms(widths) if _free(form, gap, look.width) >= 0), [*_forms(widths)][-1]
    )
    for name in _DISPENSABLE:
        if _free(least, gap, look.width) < 0:
            least.pop(name, None)
    free = _free(least, gap, look.width)
    for name in _NARROWEST:
        more = min(widths[name] - least[name], max(free, 0)) if name in least else 0
        free -= more
        if more:
            least[name] += more
    left_out = [name for name in widths if name not in least]
    return Columns([Column(name, width) for name, width in least.items()], gap, left_out)


def _forms(widths: dict[str, int]) -> Iterator[tuple[dict[str, int], str]]:
    """Widths and the gap between columns, each narrower than the one before."""
    form = {name: min(width, _NARROWEST.get(name, width)) for name, width in widths.items()}
    yield dict(form), "  "
    for less in (_YEAR, _SECONDS):
        if "time" in form:
            form["time"] -= less
            yield dict(form), "  "
    yield dict(form), " "
    yield {name: min(width, _SCANTIEST.get(name, width)) for name, width in form.items()}, " "


def _free(form: dict[str, int], gap: str, width: int) -> int:
    return width - sum(form.values()) - len(gap) * (len(form) - 1)
