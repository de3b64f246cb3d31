"""Token counts of replies, under the names of Braintrust's metrics."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

from msgspec import Struct, field

Metrics = dict[str, int | float]


class Usage(Struct, frozen=True):
    """What a reply used: counts by Braintrust's names, and USD where the server says so."""

    metrics: Metrics = field(default_factory=dict)
    cost: float | None = None

    def plus(self, other: Usage) -> Usage:
        """The sum of two: a call that was repeated has paid for each attempt."""
        if not other.metrics and other.cost is None:
            return self
        names = {**self.metrics, **other.metrics}
        total = {name: self.metrics.get(name, 0) + other.metrics.get(name, 0) for name in names}
        known = [one for one in (self.cost, other.cost) if one is not None]
        return Usage(total, sum(known) if known else None)

    @property
    def tokens(self) -> int:
        """All tokens."""
        return int(self.metrics.get("tokens", 0))


def usage_of(given: Any) -> Usage:
    """The counts in a reply's ``usage``, of either endpoint; empty where it has none."""
    if not isinstance(given, dict):
        return Usage()
    prompt = _count(given, "prompt_tokens", "input_tokens")
    completion = _count(given, "completion_tokens", "output_tokens")
    read = _details(given, "prompt_tokens_details", "input_tokens_details")
    said = _details(given, "completion_tokens_details", "output_tokens_details")
    total = _count(given, "total_tokens")
    if total is None and (prompt is not None or completion is not None):
        total = (prompt or 0) + (completion or 0)
    found = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "tokens": total,
        "prompt_cached_tokens": _count(read, "cached_tokens"),
        "completion_reasoning_tokens": _count(said, "reasoning_tokens"),
    }
    cost = given.get("cost")
    counts: Metrics = {name: count for name, count in found.items() if count is not None}
    return Usage(counts, float(cost) if _is_number(cost) else None)


def _details(given: dict[str, Any], *names: str) -> dict[str, Any]:
    found = next((given[name] for name in names if name in given), None)
    return found if isinstance(found, dict) else {}


def _count(given: dict[str, Any], *names: str) -> int | None:
    value = next((given[name] for name in names if name in given), None)
    return int(value) if _is_number(value) and value >= 0 else None


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
