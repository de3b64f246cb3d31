"""The bar of a span."""

from __future__ import annotations

import pytest

from bt_cli.render.waterfall import Range, bar, range_of
from bt_cli.spans.facts import facts_of
from seeing import span


@pytest.mark.parametrize(
    ("share", "drawn", "ascii"),
    [
        ((0.0, 1.0), "████", "===="),
        ((0.5, 1.0), "  ██", "  =="),
        ((0.125, 0.375), "▐▌  ", "==  "),
        ((0.5, 0.5), "  ▌ ", "  = "),
        ((1.0, 1.0), "   ▐", "   ="),
        (None, "    ", "    "),
    ],
)
def test_bar(share: tuple[float, float] | None, drawn: str, ascii: str) -> None:
    """Where the span ran, to half a column; what takes no time is still to be seen."""
    assert bar(share, 4) == drawn
    assert bar(share, 4, ascii=True) == ascii


def test_dates_beat_relative_clocks() -> None:
    """Times of a relative clock don't stretch the range of dated spans."""
    dated, relative = facts_of(span("a", at=(1.7e9, 1.7e9 + 2))), facts_of(span("b", at=(0, 5)))
    found = range_of([relative, dated])
    assert found == Range(1.7e9, 1.7e9 + 2) and found.share(relative) is None
    assert range_of([relative]) == Range(0, 5)


def test_scoring_days_later_does_not_squeeze_the_bars() -> None:
    """Spans of scorers have no say in the range, and no bar outside of it."""
    scorer = facts_of(span("s", at=(1.8e9, 1.8e9 + 2)))
    scorer.purpose = "scorer"
    found = range_of([facts_of(span("a", at=(1.7e9, 1.7e9 + 2))), scorer])
    assert found == Range(1.7e9, 1.7e9 + 2)
    assert found.share(scorer) is None


def test_no_times_no_range() -> None:
    """Without times there is nothing to scale to."""
    assert range_of([facts_of(span("a"))]) is None


def test_a_trace_of_no_length() -> None:
    """Where everything happens at once, bars are full."""
    assert Range(1, 1).share(facts_of(span("a", at=(1, 1)))) == (0, 1)
