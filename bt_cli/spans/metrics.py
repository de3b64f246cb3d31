"""Metrics of spans: times in seconds, tokens, and what `flatten` fills in where a tree says nothing."""

from __future__ import annotations

import msgspec

from bt_cli.spans import text
from bt_cli.spans.shapes import METRICS, Invalids
from bt_cli.spans.times import is_absolute, parse_iso, to_seconds

Numbers = dict[str, float | None]


def read_metrics(metrics: str, unit: str | None, invalids: Invalids, index: int) -> tuple[str | None, Numbers]:
    """JSON text of ``metrics`` with ``start`` and ``end`` in epoch seconds, and its numbers.

    Text comes back unchanged where it already is so; what is no number goes to ``invalids[index]``.
    """
    try:
        found: Numbers = METRICS.decode(metrics)
    except msgspec.ValidationError:
        return _normalised(metrics, unit, invalids, index)
    if unit is None and in_seconds(found):
        return metrics, found
    return _normalised(metrics, unit, invalids, index)


def in_seconds(found: Numbers) -> bool:
    """Whether the size of its times says that they count seconds already, as far as it has any."""
    start, end = found.get("start") or 0, found.get("end") or 0
    return -IN_SECONDS < start < IN_SECONDS and -IN_SECONDS < end < IN_SECONDS


IN_SECONDS = 1e11
"""Numbers below this count seconds; see `bt_cli.spans.times.to_seconds`."""


def _normalised(metrics: str, unit: str | None, invalids: Invalids, index: int) -> tuple[str | None, Numbers]:
    if metrics == "null":
        return metrics, {}
    if not text.is_object(metrics):
        invalids[index].move("metrics", metrics)
        return None, {}
    members = text.members(metrics)
    for name in ("start", "end"):
        value = text.decode(text.text_of(members[name])) if name in members else None
        seconds = parse_iso(value) if isinstance(value, str) else _seconds(value, unit)
        if seconds is not None and seconds != value:
            members[name] = text.raw(text.number(seconds))
    written: str | None = text.join(members)
    try:
        return written, METRICS.decode(written or "{}")
    except msgspec.ValidationError:
        written = invalids[index].split_members("metrics", text.join(members))
        return written, METRICS.decode(written or "{}")


def _seconds(value: object, unit: str | None) -> float | None:
    """Epoch seconds of a time; None for what is no number, and for a relative clock, which stays as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = to_seconds(value, unit)
    return seconds if unit or is_absolute(seconds) else None


def has_tokens(found: Numbers) -> bool:
    """Whether a span has token metrics."""
    get = found.get
    return (
        get("tokens") is not None
        or get("prompt_tokens") is not None
        or get("completion_tokens") is not None
        or get("total_tokens") is not None
    )


def fill_metrics(parents: list[int], metrics: list[str | None], found: list[Numbers]) -> None:
    """Fills, in place, what spans of one tree lack: start and end from the descendants' range, and ``tokens``.

    The lists run in pre-order, so that a span's descendants follow it; ``parents`` holds the index of
    each span's parent. Real times win over relative clocks.
    """
    lacking = [
        index
        for index, numbers in enumerate(found)
        if numbers.get("start") is None or numbers.get("end") is None or _lacks_total(numbers)
    ]
    if not lacking:
        return
    starts = [numbers.get("start") for numbers in found]
    ends = [numbers.get("end") for numbers in found]
    dated = any(is_absolute(start) for start in starts if start is not None)
    timed = any(time is not None for time in (*starts, *ends))
    for index in lacking:
        below: Range = (None, None)
        if timed and (starts[index] is None or ends[index] is None):
            behind = _behind(parents, index)
            first, last = _known(starts[index + 1 : behind], dated), _known(ends[index + 1 : behind], dated)
            below = min(first, default=None), max(last, default=None)
        if below != (None, None) or _lacks_total(found[index]):
            metrics[index], found[index] = _filled(metrics[index], found[index], below)


Range = tuple[float | None, float | None]


def _behind(parents: list[int], index: int) -> int:
    """The index behind the last descendant of a span."""
    behind = index + 1
    while behind < len(parents) and parents[behind] >= index:
        behind += 1
    return behind


def _known(values: list[float | None], dated: bool) -> list[float]:
    """The values there are; of a trace with real times only those."""
    return [value for value in values if value is not None and (not dated or is_absolute(value))]


def _lacks_total(found: Numbers) -> bool:
    return found.get("tokens") is None and has_tokens(found)


def _filled(metrics: str | None, found: Numbers, below: Range) -> tuple[str | None, Numbers]:
    members = text.members(metrics) if metrics is not None and text.is_object(metrics) else {}
    for name, value in zip(("start", "end"), below, strict=True):
        if value is not None and found.get(name) is None:
            members[name] = text.raw(text.number(value))
    if _lacks_total(found):
        members["tokens"] = text.raw(_total(text.decode(metrics or "{}")))
    written = text.join(members)
    return written, METRICS.decode(written)


def _total(members: dict[str, int | float | None]) -> str:
    """The text of ``total_tokens``, else of prompt + completion; integers stay integers."""
    total = members.get("total_tokens")
    if total is None:
        total = sum(members.get(name) or 0 for name in ("prompt_tokens", "completion_tokens"))
    return text.quote_number(total)
