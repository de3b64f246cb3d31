"""Filters: each condition on traces and on spans, limits, and what has no time."""

from __future__ import annotations

import pytest

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.query.filters import Condition, Scope
from bt_cli.stores.base import ReadStats, Store
from builders import row
from storing import StoreSteps, ids, read, submit


def attributes(name: str, kind: str) -> dict[str, str]:
    """Span attributes as a field of a row."""
    return {"span_attributes": f'{{"name":"{name}","type":"{kind}"}}'}


FIRST = (
    row("first", trace="first", time=100.0, **attributes("answer", "task")),
    row("f1", "first", trace="first", time=150.0, error='"boom"', **attributes("chat_a", "llm")),
    row("f2", "first", trace="first", **attributes("chat_b", "llm")),
)
SECOND = (
    row("second", trace="second", time=200.0, error="null", **attributes("Answer", "task")),
    row("s1", "second", trace="second", time=90.0, **attributes("lookup", "tool")),
)
TIMELESS = (row("third", trace="third", input="1"), row("t1", "third", trace="third", span_attributes='{"name":5}'))

CASES = [
    (Condition("name", "=", "answer"), ["first"], ["first"]),
    (Condition("name", "glob", "chat_*"), ["first"], ["f1", "f2"]),
    (Condition("name", "glob", "[Aa]nswer"), ["first", "second"], ["first", "second"]),
    (Condition("name", "glob", "nothing*"), [], []),
    (Condition("type", "=", "llm"), ["first"], ["f1", "f2"]),
    (Condition("type", "=", "tool"), ["second"], ["s1"]),
    (Condition("error", "is not null"), ["first"], ["f1"]),
    (Condition("error", "is null"), ["third", "first", "second"], ["third", "t1", "first", "f2", "second", "s1"]),
    (Condition("created", ">=", 150.0), ["second"], ["f1", "second"]),
    (Condition("created", "<", 150.0), ["first"], ["first", "s1"]),
    (Condition("trace", "=", "second"), ["second"], ["second", "s1"]),
]


class FilterContract(StoreSteps):
    @pytest.fixture
    def filled(self, store: Store) -> Store:
        """A store of three traces."""
        self.run(store, submit(*FIRST), submit(*SECOND), submit(*TIMELESS))
        return store

    @pytest.mark.parametrize(("condition", "traces", "spans"), CASES, ids=lambda case: str(getattr(case, "field", "")))
    def test_a_match_brings_its_whole_trace(
        self, filled: Store, condition: Condition, traces: list[str], spans: list[str]
    ) -> None:
        """With scope traces, one matching span brings all spans of its trace."""
        found = read(filled, condition)
        whole = {trace[0].id: [one.id for one in trace] for trace in (FIRST, SECOND, TIMELESS)}
        assert ids(found) == [whole[name] for name in traces]

    @pytest.mark.parametrize(("condition", "traces", "spans"), CASES, ids=lambda case: str(getattr(case, "field", "")))
    def test_only_matching_spans(
        self, filled: Store, condition: Condition, traces: list[str], spans: list[str]
    ) -> None:
        """With scope spans, only spans that match themselves come."""
        found = read(filled, condition, scope="spans")
        assert [span for trace in ids(found) for span in trace] == spans

    def test_all_conditions_must_hold_of_one_span(self, filled: Store) -> None:
        """Two conditions that hold of two spans of a trace do not make it match."""
        assert read(filled, Condition("type", "=", "task"), Condition("error", "is not null")) == []

    def test_conditions_together(self, filled: Store) -> None:
        """A time of the trace and a name of a span both count."""
        found = read(filled, Condition("created", "<", 150.0), Condition("name", "glob", "chat*"))
        assert ids(found) == [["first", "f1", "f2"]]

    @pytest.mark.parametrize(("scope", "limit", "expected"), [
        ("traces", 2, [["third", "t1"], ["first", "f1", "f2"]]),
        ("spans", 4, [["third", "t1"], ["first", "f1"]]),
        ("traces", 0, []),
        ("spans", 0, []),
    ])  # fmt: skip
    def test_a_limit_cuts_and_says_so(self, filled: Store, scope: Scope, limit: int, expected: list[list[str]]) -> None:
        """A limit counts traces or spans, and a cut is told."""
        stats = ReadStats()
        found = read(filled, scope=scope, limit=limit, stats=stats)
        assert (ids(found), stats.truncated) == (expected, True)

    @pytest.mark.parametrize(("scope", "limit"), [("traces", 3), ("spans", 7), ("traces", 99)])
    def test_a_limit_that_suffices_cuts_nothing(self, filled: Store, scope: Scope, limit: int) -> None:
        """Exactly as many as there are is not a cut."""
        stats = ReadStats()
        found = read(filled, scope=scope, limit=limit, stats=stats)
        assert (sum(map(len, found)), stats.truncated) == (7, False)

    def test_a_limit_counts_matches(self, filled: Store) -> None:
        """What a filter leaves out does not use up the limit."""
        stats = ReadStats()
        found = read(filled, Condition("name", "=", "lookup"), limit=1, stats=stats)
        assert (ids(found), stats.truncated) == ([["second", "s1"]], False)

    @pytest.mark.parametrize(("scope", "timeless"), [("traces", 1), ("spans", 3)])
    def test_what_has_no_time_is_counted(self, filled: Store, scope: Scope, timeless: int) -> None:
        """A filter by time says how many traces, or spans, it could not match."""
        stats = ReadStats()
        read(filled, Condition("created", ">=", 0.0), scope=scope, stats=stats)
        assert stats.timeless == timeless

    @pytest.mark.parametrize(("scope", "timeless"), [("traces", 0), ("spans", 1)])
    def test_what_other_conditions_leave_out_is_not_counted(self, filled: Store, scope: Scope, timeless: int) -> None:
        """Only what would have matched but for its time counts as timeless."""
        stats = ReadStats()
        read(filled, Condition("created", ">=", 0.0), Condition("type", "=", "llm"), scope=scope, stats=stats)
        assert stats.timeless == timeless

    def test_nothing_is_timeless_without_a_filter_by_time(self, filled: Store) -> None:
        """Whoever does not ask about time loses nothing to it."""
        stats = ReadStats()
        read(filled, Condition("type", "=", "llm"), stats=stats)
        assert stats.timeless == 0

    @pytest.mark.parametrize("part", ["abcd", "wxyz", "abcd-1-wxyz", "span-of-1", "an-of-1"])
    def test_a_trace_by_part_of_an_id(self, store: Store, part: str) -> None:
        """A beginning or end of a trace's or a span's id names the trace."""
        self.run(
            store, submit(row("abcd-1-wxyz", trace="abcd-1-wxyz"), row("span-of-1", "abcd-1-wxyz", trace="abcd-1-wxyz"))
        )
        self.run(store, submit(row("other", trace="other")))
        assert [trace[0].id for trace in read(store, Condition("trace", "=", part))] == ["abcd-1-wxyz"]

    def test_a_whole_id_is_not_ambiguous(self, store: Store) -> None:
        """An id that is also the beginning of another names its own trace."""
        self.run(store, submit(row("trace", trace="trace")), submit(row("trace-2", trace="trace-2")))
        assert ids(read(store, Condition("trace", "=", "trace"))) == [["trace"]]

    def test_an_ambiguous_part(self, store: Store) -> None:
        """A part of two ids is refused with both of them."""
        self.run(store, submit(row("trace-1", trace="trace-1")), submit(row("trace-2", trace="trace-2")))
        with pytest.raises(UsageError, match="trace-1, trace-2"):
            read(store, Condition("trace", "=", "trac"))

    @pytest.mark.parametrize("part", ["nope", "fir", "%irs", "_irst", "*"])
    def test_an_id_of_nothing(self, filled: Store, part: str) -> None:
        """No wildcard and no part of less than four characters names a trace."""
        with pytest.raises(NotFoundError):
            read(filled, Condition("trace", "=", part))
