"""The bar of a span: when it ran, within the time of its trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bt_cli.spans.facts import Facts
from bt_cli.spans.times import is_absolute


class Range(NamedTuple):
    """The time that a trace takes, in the clock that its spans share."""

    start: float
    end: float

    def share(self, facts: Facts) -> tuple[float, float] | None:
        """Where a span begins and ends, 0 to 1; None where it is on another clock or without times."""
        start, end = facts.start, facts.end
        if start is None or end is None or not self.start <= start <= self.end:
            return None
        whole = self.end - self.start
        return ((start - self.start) / whole, min((max(end, start) - self.start) / whole, 1.0)) if whole else (0.0, 1.0)


def range_of(every: Iterable[Facts]) -> Range | None:
    """From the first start to the last end; of spans on a relative clock only if no span has a date.

    Scoring may be days later: its spans have no say.
    """
    timed = [one for one in every if one.start is not None and one.end is not None and one.purpose != "scorer"]
    dated = [one for one in timed if is_absolute(one.start or 0.0)]
    chosen = dated or timed
    if not chosen:
        return None
    return Range(min(one.start or 0.0 for one in chosen), max(one.end or 0.0 for one in chosen))


def bar(share: tuple[float, float] | None, width: int, ascii: bool = False) -> str:
    """A bar of ``width`` columns, drawn to half a column; what takes no time is still to be seen."""
    if share is None:
        return " " * width
    first = min(int(share[0] * 2 * width), 2 * width - 1)
    last = min(max(round(share[1] * 2 * width), first + 1), 2 * width)
    if ascii:
        left, right = first // 2, (last + 1) // 2
        return " " * left + "=" * (right - left) + " " * (width - right)
    drawn = []
    for column in range(width):
        halves = (first <= 2 * column < last, first <= 2 * column + 1 < last)
        drawn.append({(True, True): "█", (True, False): "▌", (False, True): "▐"}.get(halves, " "))
    return "".join(drawn)
