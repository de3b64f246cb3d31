"""Filters: each condition on traces and on spans, limits, and what has no time."""

from __future__ import annotations

import pytest

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.query.expression import parse_filter
from bt_cli.query.filters import And, Condition, Grep, Not, Or, Scope, Test
from bt_cli.stores.base import ReadStats, Store
from builders import row
from storing import StoreSteps, ids, read, submit


def attributes(name: str, kind: str) -> dict[str, str]:
    """Span attributes as a field of a row."""
    return {"span_attributes": f'{{"name":"{name}","type":"{kind}"}}'}


FIRST = (
    row(
        "first",
        trace="first",
        time=100.0,
        input='{"question":"caf\\u00e9?","ids":[7,{"x":"deep"}]}',
        tags='["vip","eu"]',
        scores='{"Factuality":0.25,"Answer Relevance":1}',
        **attributes("answer", "task"),
    ),
    row(
        "f1",
        "first",
        trace="first",
        time=150.0,
        error='"boom"',
        metadata='{"model":"gpt-4o","user":{"id":42},"beta":true,"a.b":"dot"}',
        metrics='{"start":10,"end":12.5,"prompt_tokens":30,"completion_tokens":12}',
        **attributes("chat_a", "llm"),
    ),
    row("f2", "first", trace="first", metadata='{"model":"GPT-4","user":{"id":"42"}}', **attributes("chat_b", "llm")),
)
SECOND = (
    row("second", trace="second", time=200.0, error="null", output='"plain [text]"', **attributes("Answer", "task")),
    row(
        "s1",
        "second",
        trace="second",
        time=90.0,
        metrics='{"start":3,"end":4,"tokens":900,"estimated_cost":0.5}',
        metadata='{"model":null}',
        extra='{"worker":"w-1"}',
        tags="null",
        **attributes("lookup", "tool"),
    ),
)
TIMELESS = (row("third", trace="third", input="1"), row("t1", "third", trace="third", span_attributes='{"name":5}'))

ALL = ["third", "t1", "first", "f1", "f2", "second", "s1"]

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
    (Condition("id", "glob", "f*"), ["first"], ["first", "f1", "f2"]),
    (Condition("root_span_id", "=", "second"), ["second"], ["second", "s1"]),
    (Condition("is_root", "=", True), ["third", "first", "second"], ["third", "first", "second"]),
    (Condition("time", ">", 95.0), ["first", "second"], ["first", "f1", "second"]),
    (Condition("model", "=", "gpt-4o"), ["first"], ["f1"]),
    (Condition("model", "<>", "gpt-4o"), ["first"], ["f2"]),
    (
        Condition("metadata", "is null", None, ("model",)),
        ["third", "first", "second"],
        ["third", "t1", "first", "second", "s1"],
    ),
    (Condition("model", "is not null"), ["first"], ["f1", "f2"]),
    (Condition("model", "like", "gpt%"), ["first"], ["f1"]),
    (Condition("model", "like", "gpt__o"), ["first"], ["f1"]),
    (Condition("model", "like", "GPT\\_4"), [], []),
    (Condition("model", "ilike", "gpt%"), ["first"], ["f1", "f2"]),
    (Condition("model", "matches", "^(gpt|GPT)-4$"), ["first"], ["f2"]),
    (Condition("metadata", "=", 42, ("user", "id")), ["first"], ["f1"]),
    (Condition("metadata", "=", "42", ("user", "id")), ["first"], ["f2"]),
    (Condition("metadata", "text", "42", ("user", "id")), ["first"], ["f1", "f2"]),
    (Condition("metadata", "text", "true", ("beta",)), ["first"], ["f1"]),
    (Condition("metadata", "=", True, ("beta",)), ["first"], ["f1"]),
    (Condition("metadata", "=", 1, ("beta",)), [], []),
    (Condition("metadata", "=", "dot", ("a.b",)), ["first"], ["f1"]),
    (Condition("input", "=", 7, ("ids", 0)), ["first"], ["first"]),
    (Condition("input", "=", "deep", ("ids", 1, "x")), ["first"], ["first"]),
    (Condition("input", "=", "café?", ("question",)), ["first"], ["first"]),
    (Condition("output", "=", "plain [text]"), ["second"], ["second"]),
    (Condition("input", ">", 0), ["third"], ["third"]),
    (Condition("input", ">", ""), [], []),
    (Condition("scores", "<", 0.5, ("Factuality",)), ["first"], ["first"]),
    (Condition("scores", ">=", 1, ("Answer Relevance",)), ["first"], ["first"]),
    (Condition("duration", ">=", 2.5), ["first"], ["f1"]),
    (Condition("duration", "<", 2.5), ["second"], ["s1"]),
    (Condition("tokens", ">", 41), ["first", "second"], ["f1", "s1"]),
    (Condition("tokens", "=", 42), ["first"], ["f1"]),
    (Condition("cost", "=", 0.5), ["second"], ["s1"]),
    (Condition("tags", "=", "eu"), ["first"], ["first"]),
    (Condition("tags", "<>", "eu"), ["third", "first", "second"], [one for one in ALL if one != "first"]),
    (Condition("tags", "like", "v%"), ["first"], ["first"]),
    (Condition("tags", "is not null"), ["first"], ["first"]),
    (Condition("extra", "=", "w-1", ("worker",)), ["second"], ["s1"]),
    (Condition("name", "=", "x' OR '1'='1"), [], []),
    (Condition("input", "match", "CAFÉ deep"), ["first"], ["first"]),
    (Condition("input", "match", "caf"), [], []),
    (Condition("output", "match", "text plain"), ["second"], ["second"]),
    (Condition("metadata", "match", "gpt", ("model",)), ["first"], ["f1", "f2"]),
    (Condition("tags", "match", "VIP"), ["first"], ["first"]),
    (Condition("id", "match", "f1"), ["first"], ["f1"]),
    (Condition("input", "includes", 7, ("ids",)), ["first"], ["first"]),
    (Condition("metadata", "includes", "beta"), ["first"], ["f1"]),
    (Condition("output", "includes", "text"), [], []),
    (Condition("place", ">", 0), ["third", "first", "second"], ALL),
    (Condition("xact", "<", 0), [], []),
    (Grep("caf."), ["first"], ["first"]),
    (Grep("café"), ["first"], ["first"]),
    (Grep("deep", "input", ("ids",)), ["first"], ["first"]),
    (Grep("deep", "input", ("question",)), [], []),
    (Grep("question"), [], []),
    (Grep("^boom$", "error"), ["first"], ["f1"]),
    (Grep("text", "output"), ["second"], ["second"]),
    (And((Condition("type", "=", "llm"), Condition("error", "is null"))), ["first"], ["f2"]),
    (Or((Condition("type", "=", "tool"), Condition("name", "=", "answer"))), ["first", "second"], ["first", "s1"]),
    (Not(Condition("type", "=", "llm")), ["first", "second"], ["first", "second", "s1"]),
    (Not(Condition("model", "=", "gpt-4o")), ["first"], ["f2"]),
]


class FilterContract(StoreSteps):
    @pytest.fixture
    def filled(self, store: Store) -> Store:
        """A store of three traces."""
        self.run(store, submit(*FIRST), submit(*SECOND), submit(*TIMELESS))
        return store

    @pytest.mark.parametrize(("condition", "traces", "spans"), CASES, ids=repr)
    def test_a_match_brings_its_whole_trace(
        self, filled: Store, condition: Test, traces: list[str], spans: list[str]
    ) -> None:
        """With scope traces, one matching span brings all spans of its trace."""
        found = read(filled, condition)
        whole = {trace[0].id: [one.id for one in trace] for trace in (FIRST, SECOND, TIMELESS)}
        assert ids(found) == [whole[name] for name in traces]

    @pytest.mark.parametrize(("condition", "traces", "spans"), CASES, ids=repr)
    def test_only_matching_spans(self, filled: Store, condition: Test, traces: list[str], spans: list[str]) -> None:
        """With scope spans, only spans that match themselves come."""
        found = read(filled, condition, scope="spans")
        assert [span for trace in ids(found) for span in trace] == spans

    @pytest.mark.parametrize(("written", "spans"), [
        ("id in (" + "'no', " * 4_000 + "'f1')", ["f1"]),
        ("metadata.model in (" + "'no', " * 4_000 + "'gpt-4o')", ["f1"]),
        ("tokens = 1 or " * 2_000 + "id = 'f1'", ["f1"]),
        ("id <> 'no' and " * 2_000 + "id = 'f1'", ["f1"]),
        ("not (" * 20 + "id = 'f1'" + ")" * 20, ["f1"]),
        ("(is_root or error is null and not (" * 6 + "not id = 'f1'" + "))" * 6, [one for one in ALL if one != "f1"]),
    ], ids=lambda value: str(value)[:30])  # fmt: skip
    def test_what_can_be_written_can_be_asked(self, filled: Store, written: str, spans: list[str]) -> None:
        """The longest and the deepest expressions that the parser takes are not too much for the store."""
        found = read(filled, parse_filter(written), scope="spans")
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
