"""Which spans are cases, and which traces are drawn."""

from __future__ import annotations

import pytest

from bt_cli.errors import UsageError
from bt_cli.scoring.selection import first, picker, sampled
from bt_cli.spans.row import Row
from builders import row


def picked(on: str, *rows: Row) -> list[str]:
    return [one.id for one in picker(on)(rows)]


TRACE = (
    row("a", span_attributes='{"name":"answer","type":"task"}'),
    row("b", "a", span_attributes='{"name":"ask","type":"llm"}'),
    row("s", "a", span_attributes='{"name":"good","type":"score","purpose":"scorer"}'),
    row("j", "s", span_attributes='{"name":"Chat Completion","type":"llm"}'),
)


@pytest.mark.parametrize(
    ("on", "wanted"),
    [("root", ["a"]), ("llm", ["b"]), ("all", ["a", "b"]), ("name:^a", ["a", "b"]), ("name:sw", ["a"])],
)
def test_spans_are_picked(on: str, wanted: list[str]) -> None:
    """By place, type or name; what scoring added, and what lies below it, never is a case."""
    assert picked(on, *TRACE) == wanted


@pytest.mark.parametrize("on", ["leaf", "name:("])
def test_what_picks_nothing_is_refused(on: str) -> None:
    """A word or pattern that is none ends the run before it begins."""
    with pytest.raises(UsageError):
        picker(on)


@pytest.mark.parametrize("on", ["root", "all"])
def test_rows_of_no_known_trace_are_no_cases(on: str) -> None:
    """They may belong anywhere."""
    assert picked(on, row("a", trace=None)) == []


@pytest.mark.parametrize("on", ["root", "all"])
def test_of_equal_span_ids_the_first_is_a_case(on: str) -> None:
    """A score span names its parent by span id, which has to mean one span."""
    twin = row("a")
    twin.id = "b"
    assert picked(on, row("a"), twin) == ["a"]


def test_each_root_is_a_case() -> None:
    """A trace may have several."""
    assert picked("root", row("a"), row("b")) == ["a", "b"]


def test_a_sample_keeps_the_order() -> None:
    """What is drawn comes as it came in."""
    drawn = list(sampled(range(100), str, 20, 0))
    assert (len(drawn), drawn) == (20, sorted(drawn))


def test_a_seed_draws_the_same() -> None:
    """Also where the items come in another order."""
    assert set(sampled(range(100), str, 20, 5)) == set(sampled(reversed(range(100)), str, 20, 5))


def test_another_seed_draws_others() -> None:
    """The seed has a say."""
    assert list(sampled(range(100), str, 20, 5)) != list(sampled(range(100), str, 20, 6))


def test_a_sample_of_few_is_all() -> None:
    """There is no more than there is."""
    assert list(sampled(range(3), str, 20, 0)) == [0, 1, 2]


def test_a_sample_of_none_is_empty() -> None:
    """No number is too small."""
    assert list(sampled(range(3), str, 0, 0)) == []


def test_waiting_does_not_count_as_a_trace() -> None:
    """A None, which says that input is awaited, passes through."""
    assert list(first([None, "a", None, "b", "c"], 2)) == [None, "a", None, "b"]


def test_the_first_none_reads_nothing() -> None:
    """Not even one item is asked for."""
    assert list(first(iter([1]), 0)) == []
