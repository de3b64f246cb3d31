"""Quantiles, means and histograms, against values computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.statistics import Bin, distribution, log_bins, quantile, score_bins


@pytest.mark.parametrize(("values", "fraction", "expected"), [
    ([7.0], 0.99, 7.0),
    ([1.0, 2.0], 0.5, 1.5),
    ([1.0, 2.0, 4.0], 0.5, 2.0),
    ([0.0, 10.0, 20.0, 30.0, 40.0], 0.95, 38.0),
    ([0.0, 10.0, 20.0, 30.0, 40.0], 0.99, 39.6),
    ([0.0, 1.0], 0.0, 0.0),
    ([0.0, 1.0], 1.0, 1.0),
])  # fmt: skip
def test_quantile(values: list[float], fraction: float, expected: float) -> None:
    """Between two ranks it is interpolated: rank 0.95 × 4 = 3.8 of five values lies 0.8 above the fourth."""
    assert quantile(values, fraction) == pytest.approx(expected)


def test_distribution() -> None:
    """Count, sum, mean, ends, median and percentiles of 4, 1, 3, 2."""
    found = distribution([4.0, 1.0, 3.0, 2.0])
    assert (found.n, found.total, found.mean, found.min, found.median, found.max) == (4, 10, 2.5, 1, 2.5, 4)
    assert (found.p95, found.p99) == (pytest.approx(3.85), pytest.approx(3.97))


def test_nothing_has_no_statistics() -> None:
    """Of no numbers nothing is known but that there are none."""
    assert distribution([]) == distribution(iter(()))
    assert (distribution([]).n, distribution([]).mean, distribution([]).p99) == (0, None, None)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_order_does_not_matter(values: list[float], random: object) -> None:
    """The same numbers in another order have exactly the same statistics."""
    other = list(values)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert distribution(other) == distribution(values)


def test_scores_in_tenths() -> None:
    """A score lies in the tenth that begins with it; 1 in the last, 0.3 in the fourth although 0.3 × 10 < 3."""
    assert score_bins([0, 0.05, 0.3, 0.7, 0.95, 1]) == [2, 0, 0, 1, 0, 0, 0, 1, 0, 2]


def test_bins_of_many_magnitudes() -> None:
    """Edges are 1, 2, 5 times a power of ten; a value on an edge opens its bin."""
    assert log_bins([0.2, 0.3, 1.0, 1.9, 2.0]) == [
        Bin(0.2, 0.5, 2),
        Bin(0.5, 1.0, 0),
        Bin(1.0, 2.0, 2),
        Bin(2.0, 5.0, 1),
    ]


def test_zero_falls_in_the_first_bin() -> None:
    """What is zero or less has no magnitude."""
    assert log_bins([0.0, -1.0, 3.0]) == [Bin(2.0, 5.0, 3)]


@pytest.mark.parametrize(("values", "expected"), [([], []), ([0.0], [Bin(1.0, 2.0, 1)])])
def test_bins_without_a_magnitude(values: list[float], expected: list[Bin]) -> None:
    """Nothing has no bins, and nothing but zeros has one."""
    assert log_bins(values) == expected


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40))
def test_every_value_is_in_one_bin(values: list[float]) -> None:
    """Bins follow each other, are ten at most, and hold each value once."""
    bins = log_bins(values)
    assert len(bins) <= 10 and sum(one.count for one in bins) == len(values)
    assert all(one.high == other.low for one, other in zip(bins, bins[1:], strict=False))
    assert bins[0].low <= min(values) and max(values) < bins[-1].high
