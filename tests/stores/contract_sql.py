"""Queries over the views: what they show, that they agree with the domain, and that nothing is written."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest

from bt_cli.errors import Interrupted, QueryError
from bt_cli.query.filters import Condition, SpanFilter
from bt_cli.spans.container import Container
from bt_cli.spans.facts import facts_of
from bt_cli.spans.rollup import roll_up, trace_cost, trace_duration, trace_score, trace_tokens
from bt_cli.spans.row import Row
from bt_cli.stores.base import ReadStats, Store
from builders import row
from storing import HERE, THERE, StoreSteps, requires, rows, submit

DEEP = "[" * 3000 + "]" * 3000
TEXTS = {
    '"caf\\u00e9"': "café",
    '"a\\nb"': "a\nb",
    "null": None,
    "123456789012345678901234567890": "123456789012345678901234567890",
    "1e400": "1e400",
    '{"b":1,"a":2}': '{"b":1,"a":2}',
    '"a\\u0000b"': '"a\\u0000b"',
    DEEP: DEEP,
}
ENDLESS = "with recursive n (x) as (select 1 union all select x + 1 from n) select count(*) from n"


def ask(store: Store, statement: str, within: Container | None = None) -> list[tuple[Any, ...]]:
    """All rows of an answer; skips the test for a store that declares to have none."""
    requires(store, "answers_sql")
    with closing(store.query(statement, within, lambda: 0)) as answer:
        return list(answer)


def any_trace(seed: int) -> Iterator[Row]:
    """Spans of a trace whose first parents form any graph: trees, orphans, cycles, and ids that come twice."""
    chance = random.Random(seed)
    count = chance.randint(1, 9)
    for number in range(count):
        parents = [] if chance.random() < 0.3 else [f"s{chance.randrange(count + 1)}"]
        metrics = {
            name: chance.randrange(100)
            for name in (
                "tokens",
                "total_tokens",
                "prompt_tokens",
                "completion_tokens",
                "estimated_cost",
                "start",
                "end",
            )
            if chance.random() < 0.4
        }
        attributes = {"name": "n", "type": chance.choice(["llm", "llm", "tool"])}
        attributes |= {"purpose": "scorer"} if chance.random() < 0.15 else {}
        scores = {"A": chance.choice([None, 0.25, 1])} if chance.random() < 0.6 else {}
        span_id = f"s{chance.randrange(number) if number and chance.random() < 0.1 else number}"
        made = Row(f"{seed}-{number}", span_id, f"t{seed}", orjson.dumps(parents).decode())
        made.metrics, made.span_attributes = orjson.dumps(metrics).decode(), orjson.dumps(attributes).decode()
        made.scores = orjson.dumps(scores).decode()
        made.error = chance.choice([None, "null", '"bad"'])
        yield made


class SqlContract(StoreSteps):
    def test_columns_have_their_names(self, store: Store) -> None:
        """An answer names its columns before its rows are read."""
        requires(store, "answers_sql")
        with closing(store.query("select id, count(*) as n from spans", None, lambda: 0)) as answer:
            assert list(answer.columns) == ["id", "n"]

    def test_an_empty_store_answers(self, store: Store) -> None:
        """Without any span the views are empty."""
        assert ask(store, "select (select count(*) from spans), (select count(*) from traces)") == [(0, 0)]

    @pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:10])
    def test_json_text_is_shown(self, store: Store, text: str) -> None:
        """Rule 8: strings are decoded, other JSON is its text, null is NULL; what SQLite can't parse stays text."""
        fields = dict.fromkeys(("input", "output", "expected", "error"), text)
        self.run(store, submit(row("a", **fields)))
        assert ask(store, "select input, output, expected, error from spans") == [(TEXTS[text],) * 4]

    def test_odd_json_fails_no_query(self, store: Store) -> None:
        """JSON that is nested too deeply for SQLite is NULL where a part of it is asked for."""
        names = ("input", "error", "metadata", "metrics", "scores", "span_attributes")
        self.run(store, submit(row("a", **dict.fromkeys(names, DEEP))))
        assert [len(ask(store, f"select * from {view}")) for view in ("spans", "traces", "scores")] == [1, 1, 0]

    def test_an_explicit_null_is_no_error(self, store: Store) -> None:
        """Rule 4.3: errors are counted without those that are null."""
        self.run(store, submit(row("a", error="null"), row("b", "a", error='"bad"')))
        assert ask(store, "select errors, spans from traces") == [(1, 2)]

    def test_spans_agree_with_their_facts(self, store: Store) -> None:
        """Name, type, model, times, tokens and cost are those that every other command shows."""
        spans = [one for seed in range(30) for one in any_trace(seed)]
        spans[0].metrics, spans[0].metadata = '{"start":2.5,"end":4}', '{"model":"m"}'
        for trace in {one.root_span_id for one in spans}:
            self.run(store, submit(*(one for one in spans if one.root_span_id == trace)))
        names = ("name", "type", "model", "start", "end", "duration", "tokens", "cost")
        shown = ask(store, f"select id, {', '.join(names)} from spans")
        expected = {one.id: tuple(getattr(facts_of(one), name) for name in names) for one in spans}
        assert {found[0]: found[1:] for found in shown} == expected

    def test_filters_see_the_numbers_that_are_shown(self, store: Store) -> None:
        """Duration and tokens of a span are one thing in a filter, in SQL and in its facts."""
        spans = [one for seed in range(30) for one in any_trace(seed)]
        spans[0].metrics = '{"start":1700000000.1,"end":1700000002.51}'
        for trace in {one.root_span_id for one in spans}:
            self.run(store, submit(*(one for one in spans if one.root_span_id == trace)))
        for name in ("duration", "tokens"):
            for one in spans[:60]:
                shown = getattr(facts_of(one), name)
                alike = [other.id for other in spans if shown is not None and getattr(facts_of(other), name) == shown]
                wanted = SpanFilter((Condition(name, "=", shown),), "spans")
                found = [row.id for rows in store.read_traces(HERE, wanted, ReadStats()) for row in rows]
                assert sorted(found) == sorted(alike)

    @pytest.mark.parametrize(
        "seeds", [range(100), pytest.param(range(100, 400), marks=pytest.mark.slow)], ids=["few", "many"]
    )
    def test_traces_agree_with_their_rollup(self, store: Store, seeds: range) -> None:
        """Rules 3.4 and 3.5: tokens, cost, scores, duration and errors of any graph are those of the domain."""
        traces = {f"t{seed}": list(any_trace(seed)) for seed in seeds}
        self.run(store, *(submit(*spans) for spans in traces.values()))
        shown = ask(store, 'select id, tokens, cost, "score.A", duration, errors from traces')
        expected = {
            name: (
                trace_tokens(spans),
                trace_cost(spans),
                trace_score(spans, "A"),
                trace_duration(spans),
                roll_up(spans).errors,
            )
            for name, spans in traces.items()
        }
        assert {found[0]: found[1:] for found in shown} == expected

    def test_a_trace_has_what_its_root_has(self, store: Store) -> None:
        """Name, times, input and output are the root's, wherever it stands, or else the first span's."""
        child = row("b", "a", span_attributes='{"name":"child"}', input='"c"')
        root = row("a", span_attributes='{"name":"root"}', metrics='{"start":1,"end":3.5}', input='"r"', output="[]")
        self.run(store, submit(child, root), submit(row("x", "gone", trace="x", input='"first"')))
        query = "select id, name, start, duration, input, output from traces order by id"
        assert ask(store, query) == [("a", "root", 1, 2.5, "r", "[]"), ("x", None, None, None, "first", None)]

    def test_scores_are_rows(self, store: Store) -> None:
        """One row a score; a null score has no value."""
        self.run(store, submit(row("a", scores='{"A":0.5,"B":null}'), row("b", "a", scores="null")))
        assert ask(store, "select trace, span_id, name, value from scores") == [
            ("a", "a", "A", 0.5),
            ("a", "a", "B", None),
        ]

    def test_a_container_restricts_the_views(self, store: Store) -> None:
        """Of one container, only its spans, traces and scores are there."""
        for number, container in enumerate((HERE, THERE, Container("here", "e"))):
            self.run(store, submit(row("a", scores=f'{{"A":0.{number}}}')), container=container)
        query = "select s.project, s.experiment, value, t.project from spans s, traces t, scores"
        assert ask(store, query, Container("here", "e")) == [("here", "e", 0.2, "here")]

    def test_a_container_that_is_not_there_is_empty(self, store: Store) -> None:
        """A name that the store does not have stands for no spans, never for all."""
        self.run(store, submit(row("a")))
        assert ask(store, "select count(*) from spans", Container("nowhere")) == [(0,)]

    @pytest.mark.parametrize(
        "statement", ["delete from spans", "update main.spans set id = 'x'", "insert into main.traces values (9)"]
    )
    def test_writing_is_refused(self, store: Store, statement: str) -> None:
        """What would write is an error, and the rows are as they were."""
        self.run(store, submit(row("a")))
        with pytest.raises(QueryError, match="only reads"):
            ask(store, statement)
        assert [one.id for one in rows(store)] == ["a"]

    def test_writing_works_after_a_query(self, store: Store) -> None:
        """A query leaves nothing behind that would hold back an import, even one that failed."""
        self.run(store, submit(row("a")))
        with pytest.raises(QueryError):
            ask(store, "select nothing from spans")
        self.run(store, submit(row("b", trace="b")))
        assert ask(store, "select count(*) from traces") == [(2,)]

    def test_a_long_query_can_be_stopped(self, store: Store) -> None:
        """A signal ends a query that would never end by itself."""
        requires(store, "answers_sql")
        with pytest.raises(Interrupted) as caught:
            store.query(ENDLESS, None, lambda: 2)
        assert caught.value.exit_code == 130
