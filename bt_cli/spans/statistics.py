"""Statistics of lists of numbers: quantiles, means that do not depend on order, and histograms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import floor, fsum, log10

from msgspec import Struct

_STEPS = (1.0, 2.0, 5.0)


class Distribution(Struct, frozen=True):
    """What is said of some numbers; every value None where there are none."""

    n: int
    total: float | None
    mean: float | None
    min: float | None
    median: float | None
    p95: float | None
    p99: float | None
    max: float | None


class Bin(Struct, frozen=True):
    """How many numbers lie in ``low`` ≤ x < ``high``; the last bin of a scale takes its end too."""

    low: float
    high: float
    count: int


def distribution(values: Iterable[float]) -> Distribution:
    """The distribution of ``values``, the same for any order of them."""
    ordered = sorted(values)
    if not ordered:
        return Distribution(0, None, None, None, None, None, None, None)
    total = fsum(ordered)
    return Distribution(
        n=len(ordered),
        total=total,
        mean=total / len(ordered),
        min=ordered[0],
        median=quantile(ordered, 0.5),
        p95=quantile(ordered, 0.95),
        p99=quantile(ordered, 0.99),
        max=ordered[-1],
    )


def quantile(ordered: Sequence[float], fraction: float) -> float:
    """The value below which ``fraction`` of sorted numbers lie; there must be some.

    Linear interpolation between the two nearest ranks, of which the first is 0 and the last 1: what
    numpy and spreadsheets do (method 7 of Hyndman and Fan). So p50 is the usual median.
    """
    rank = fraction * (len(ordered) - 1)
    below = floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def score_bins(values: Iterable[float], bins: int = 10) -> list[int]:
    """How many scores, which lie within 0–1, fall in each of ``bins`` equal parts; 1 falls in the last."""
    counts = [0] * bins
    for value in values:
        # Decimal fractions such as 0.3 lie just below their product with 10.
        counts[min(floor(value * bins + 1e-9), bins - 1)] += 1
    return counts


def log_bins(values: Sequence[float], most: int = 10) -> list[Bin]:
    """A histogram of positive numbers over many magnitudes: edges 1, 2, 5, 10, 20 …, at most ``most`` bins.

    Where those edges are too many, every second one (or third …) is taken. Zero and less fall in the first.
    """
    if not values:
        return []
    largest = max(values)
    least = min((value for value in values if value > 0), default=1.0)
    first = _step_below(least)
    last = max(_step_below(largest), first) if largest > 0 else first
    stride = -(-(last - first + 1) // most)
    edges = [_edge(step) for step in range(first, last + stride + 1, stride)]
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(max(bisect_right(edges, value) - 1, 0), len(counts) - 1)] += 1
    return [Bin(low, high, count) for low, high, count in zip(edges, edges[1:], counts, strict=False)]


def _edge(step: int) -> float:
    """The ``step``-th of … 0.5, 1, 2, 5, 10 …, where 0 is 1."""
    power, place = divmod(step, len(_STEPS))
    return float(f"{_STEPS[place]:.0f}e{power}")


def _step_below(value: float) -> int:
    """The step of the largest edge that is not above a positive ``value``."""
    # The logarithm may lie just below a power that the value has reached.
    step = (floor(log10(value)) + 2) * len(_STEPS) - 1
    while _edge(step) > value:
        step -= 1
    return step
