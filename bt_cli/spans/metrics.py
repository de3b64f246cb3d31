"""Metrics of spans: times in seconds, tokens, and what `flatten` fills in where a tree says nothing."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bt_cli.spans import text
from bt_cli.spans.shapes import METRICS, Invalid
from bt_cli.spans.times import SECONDS_FROM, is_absolute, parse_iso, to_seconds

Numbers = dict[str, float | None]

TOKEN_NAMES = frozenset(("tokens", "total_tokens", "prompt_tokens", "completion_tokens"))


def read_metrics(metrics: str, unit: str | None, invalid: Callable[[], Invalid]) -> tuple[str | None, Numbers]:
    """JSON text of ``metrics`` with ``start`` and ``end`` in epoch seconds, and its numbers.

    Text comes back unchanged where it already is so; what is no number goes to ``invalid()``.
    """
    try:
        found: Numbers = METRICS.decode(metrics)
    except msgspec.ValidationError:
        return _normalised(metrics, unit, invalid)
    if unit is None and (found.get("start") or 0) < 1e11 and (found.get("end") or 0) < 1e11:
        return metrics, found
    return _normalised(metrics, unit, invalid)


def _normalised(metrics: str, unit: str | None, invalid: Callable[[], Invalid]) -> tuple[str | None, Numbers]:
    if metrics == "null":
        return metrics, {}
    if not text.is_object(metrics):
        invalid().move("metrics", metrics)
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
        written = invalid().split_members("metrics", text.join(members))
        return written, METRICS.decode(written or "{}")


def _seconds(value: object, unit: str | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return to_seconds(value, unit)


def has_tokens(found: Numbers) -> bool:
    """Whether a span has token metrics."""
    return not TOKEN_NAMES.isdisjoint(found) and any(found.get(name) is not None for name in TOKEN_NAMES)


def fill_metrics(parents: list[int], metrics: list[str | None], found: list[Numbers]) -> None:
    """Fills, in place, what spans of one tree lack: start and end from the descendants' range, and ``tokens``.

    The lists run in pre-order; ``parents`` holds the index of each span's parent. Real times win
    over relative clocks.
    """
    dated = any(is_absolute(numbers.get("start") or 0) for numbers in found)
    floor = SECONDS_FROM if dated else float("-inf")
    starts: list[float | None] = [None] * len(found)
    ends: list[float | None] = [None] * len(found)
    for index in range(len(found) - 1, -1, -1):
        numbers = found[index]
        first, last = starts[index], ends[index]
        start, end = numbers.get("start"), numbers.get("end")
        if (start is None and first is not None) or (end is None and last is not None) or _lacks_total(numbers):
            metrics[index], found[index] = _filled(metrics[index], numbers, first, last)
        if index:
            parent = parents[index]
            starts[parent] = _least(starts[parent], first, start, floor)
            ends[parent] = _greatest(ends[parent], last, end, floor)


def _least(known: float | None, below: float | None, own: float | None, floor: float) -> float | None:
    if own is not None and own >= floor and (known is None or own < known):
        known = own
    return below if below is not None and (known is None or below < known) else known


def _greatest(known: float | None, below: float | None, own: float | None, floor: float) -> float | None:
    if own is not None and own >= floor and (known is None or own > known):
        known = own
    return below if below is not None and (known is None or below > known) else known


def _lacks_total(found: Numbers) -> bool:
    return "tokens" not in found and has_tokens(found)


def _filled(
    metrics: str | None, found: Numbers, first: float | None, last: float | None
) -> tuple[str | None, Numbers]:
    members = text.members(metrics) if metrics is not None and text.is_object(metrics) else {}
    for name, value in (("start", first), ("end", last)):
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
