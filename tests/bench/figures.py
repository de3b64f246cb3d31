"""What a row of the table is, and how two things are measured in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench import Bench

Rounds = list[tuple[float, float]]
MEMORY_LIMIT_MB = 150
"""What a command may take at its peak, with its processes."""


@dataclass(frozen=True)
class Figure:
    """The outcome of one row."""

    measured: str
    ok: bool
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    what: str
    must: str
    measure: Callable[[Bench], Figure]


def alternate(runs: int, a: Callable[[], float], b: Callable[[], float]) -> Rounds:
    """Runs A B A B …"""
    return [(a(), b()) for _ in range(runs)]


def ratio_of(rounds: Rounds, *, at_most: float) -> Figure:
    """The median over the rounds of B's seconds / A's."""
    ratio = median(b / a for a, b in rounds)
    base, seconds = (median(column) for column in zip(*rounds, strict=True))
    shown = f"{ratio:.2f} ({seconds:.3g} s / {base:.3g} s)"
    return Figure(shown, ratio <= at_most, {"ratio": ratio, "rounds": rounds})
