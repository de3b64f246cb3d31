"""Scoring what is stored: rows in the store, what is counted, and what stays as it was."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bt_cli.errors import LimitError, NotFoundError, UsageError
from bt_cli.pipeline.export import Layout, export_traces
from bt_cli.pipeline.import_ import import_traces
from bt_cli.pipeline.options import ImportOptions, InputOptions
from bt_cli.pipeline.score import ScoreReport, score_imported, score_store
from bt_cli.pipeline.score_plan import plan_only
from bt_cli.pipeline.touched import Touched
from bt_cli.query.filters import EVERYTHING, Condition, SpanFilter
from bt_cli.scoring.base import ScoredTrace, Value
from bt_cli.scoring.plan import Plan
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Store
from builders import row, value
from scoring_fakes import FakeJudge, FakeScorer

HERE = Container("here")
Scored = tuple[ScoreReport, list[ScoredTrace]]


def score(
    store: Store,
    *scorers: FakeScorer,
    wanted: SpanFilter = EVERYTHING,
    stop: Callable[[], int] = lambda: 0,
    **plan: Any,
) -> Scored:
    """A run over the store: its report, and the traces in the order in which they were seen."""
    seen: list[ScoredTrace] = []
    report = score_store(store, HERE, wanted, Plan(list(scorers), **plan), seen.append, lambda _: None, stop)
    return report, seen


def exported(store: Store, to: str = "rows", container: Container = HERE) -> bytes:
    out = io.BytesIO()
    export_traces(store, [container], EVERYTHING, Layout(to), out, lambda _: None, lambda: 0)
    return out.getvalue()


def some(number: int) -> list[dict[str, Any]]:
    """Traces of two spans each, in the order of their times."""
    return [
        {
            "id": f"t{n:03}",
            "output": n,
            "created": f"2024-01-01T00:{n // 60:02}:{n % 60:02}Z",
            "children": [{"id": f"c{n}"}],
        }
        for n in range(number)
    ]


def failing(_: Any) -> float:
    raise ValueError("no")


def test_scores_are_stored(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """On the root, and in a span below it, at the end of the trace."""
    importing(write(*some(1)))
    report, _ = score(store, FakeScorer(lambda _: 0.5))
    root, child, span = stored()
    assert (value(root.scores), child.scores, span.span_parents, span.output) == (
        {"good": 0.5},
        None,
        '["t000"]',
        '{"score":0.5}',
    )
    assert (report.traces, report.spans, report.written) == (1, 1, 2)


def test_traces_are_seen_in_order_once_they_are_stored(store: Store, write: Any, importing: Any) -> None:
    """Another process that looks into the store finds what was reported."""
    importing(write(*some(30)))
    other = open_store(store.url or "", "read")
    found = []

    def look(scored: ScoredTrace) -> None:
        wanted = SpanFilter((Condition("trace", "=", scored.rows[0].root_span_id),))
        (rows,) = other.read_traces(HERE, wanted, ReadStats())
        found.append((rows[0].id, value(rows[0].scores)))

    score_store(store, HERE, EVERYTHING, Plan([FakeScorer()]), look, lambda _: None, lambda: 0)
    other.close()
    assert found == [(f"t{n:03}", {"good": 1}) for n in range(30)]


def test_scoring_again_writes_nothing(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """All is reused, and counts."""
    importing(write(*some(3)))
    scorers = FakeScorer(), FakeScorer(lambda _: None, "none")
    score(store, *scorers)
    before = stored()
    report, seen = score(store, *scorers)
    assert (report.written, stored()) == (0, before)
    assert all(result.reused for one in seen for result in one.results)


def test_scoring_all_again_gives_the_same_bytes(store: Store, write: Any, importing: Any) -> None:
    """The same results on the same input."""
    importing(write(*some(3)))
    score(store, FakeScorer(lambda _: Value(0.5, {"why": "é"})))
    before = exported(store)
    score(store, FakeScorer(lambda _: Value(0.5, {"why": "é"})), rescore="all")
    assert exported(store) == before


def test_an_import_after_scoring_is_unchanged(store: Store, write: Any, importing: Any) -> None:
    """The file's records are known still, and the scores survive."""
    path = write(*some(3))
    importing(path)
    score(store, FakeScorer(lambda _: Value(0.5, {"why": 1})))
    before = exported(store)
    assert (importing(path).records.unchanged, exported(store)) == (3, before)


@pytest.mark.parametrize("to", ["tree", "rows"])
def test_scored_traces_move_as_they_are(store: Store, write: Any, importing: Any, tmp_path: Path, to: str) -> None:
    """Exported and imported elsewhere they are the same, and scoring them there finds everything."""
    importing(write(*some(3)))
    judge = FakeJudge()

    def ask(_: Any) -> float:
        judge.ask()
        return 0.5

    scorers = FakeScorer(ask, judged=True), FakeScorer(name="offline")
    score(store, *scorers, judge=judge)
    moved = tmp_path / "moved.jsonl"
    moved.write_bytes(exported(store, to))
    other = open_store(":memory:", "write")
    importing(str(moved), into=other)
    assert exported(other) == exported(store)
    report, _ = score(other, *scorers, judge=judge)
    assert report.written == 0
    other.close()


def test_only_wanted_traces_are_scored(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """A filter says which; others are not looked at."""
    importing(write(*some(3)))
    report, seen = score(store, FakeScorer(), wanted=SpanFilter((Condition("trace", "=", "t001"),)))
    assert (report.traces, [one.rows[0].id for one in seen]) == (1, ["t001"])


def test_the_first_traces(store: Store, write: Any, importing: Any) -> None:
    """The report says that it was not all."""
    importing(write(*some(5)))
    report, seen = score(store, FakeScorer(), first=2)
    assert (report.partial, [one.rows[0].id for one in seen]) == (True, ["t000", "t001"])


def test_drawn_traces(store: Store, write: Any, importing: Any) -> None:
    """So many, in order, the same ones each time."""
    importing(write(*some(50)))
    report, seen = score(store, FakeScorer(), sample=10)
    drawn = [one.rows[0].id for one in seen]
    assert (report.partial, len(drawn), drawn) == (True, 10, sorted(drawn))
    assert [one.rows[0].id for one in score(store, FakeScorer(), sample=10)[1]] == drawn


def test_a_drawn_trace_has_its_payload(store: Store, write: Any, importing: Any) -> None:
    """What is looked at without payload at first is read whole for the scorer."""
    importing(write(*some(5)))
    scorer = FakeScorer()
    score(store, scorer, sample=5)
    assert scorer.asked == [0, 1, 2, 3, 4]


def test_a_score_of_the_application_is_counted(store: Store, write: Any, importing: Any) -> None:
    """By its name, once."""
    importing(write(*[{**one, "scores": {"good": 0.25}} for one in some(2)]))
    counts = [score(store, FakeScorer(fingerprint=f))[0].replaced for f in ("f1", "f2")]
    assert counts == [{"good": 2}, {}]


def test_a_missing_container_is_told(store: Store) -> None:
    """As every command does."""
    with pytest.raises(NotFoundError):
        score(store, FakeScorer())


def test_an_odd_choice_is_refused_before_anything_is_read(store: Store) -> None:
    """The container need not even be there."""
    with pytest.raises(UsageError, match="--on leaves"):
        score(store, FakeScorer(), on="leaves")


def test_what_scorers_print_is_no_data(store: Store, write: Any, importing: Any, capsys: Any) -> None:
    """It goes to stderr, from whatever thread."""
    importing(write(*some(2)))
    judge = FakeJudge()

    def talk(_: Any) -> float:
        print("hello")
        return 1.0

    score(store, FakeScorer(talk), FakeScorer(talk, "judged", judged=True), judge=judge)
    assert capsys.readouterr() == ("", "hello\n" * 4)
    assert sys.stdout is not sys.stderr


def test_a_limit_keeps_what_is_finished(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """The rest is counted as not run, the report has the error, and the same command goes on from there."""
    importing(write(*some(5)))

    def limited(given: Any) -> float:
        if given["output"] == 3:
            raise LimitError("--max-cost 1 is reached")
        return 1.0

    report, seen = score(store, FakeScorer(limited))
    assert isinstance(report.stopped, LimitError)
    assert [one.results[0].state for one in seen] == ["scored"] * 3 + ["not_run"] * 2
    after, _ = score(store, scorer := FakeScorer())
    assert (after.stopped, scorer.asked, report.traces) == (None, [3, 4], 5)


def test_a_signal_keeps_what_is_finished(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """And reads no more."""
    importing(write(*some(5)))
    scorer = FakeScorer()
    report, seen = score(store, scorer, stop=lambda: len(scorer.asked) >= 2)
    assert (report.interrupted, len(seen), report.traces) == (True, 2, 2)
    assert [value(one.scores) for one in stored() if one.scores] == [{"good": 1}] * 2


def test_a_scorer_that_breaks_the_run_loses_nothing(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """Even an error of ours leaves the store whole: what was committed stays, and nothing is half written."""
    importing(write(*some(3)))
    with pytest.raises(KeyboardInterrupt):
        score(store, FakeScorer(lambda _: (_ for _ in ()).throw(KeyboardInterrupt())))
    assert len(stored()) == 6


def test_many_traces_go_through_a_process(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """Once it is clear that there are many, another process writes; all is stored, and once."""
    importing(write(*[{"id": f"t{n:05}", "output": n} for n in range(4000)]))
    report, seen = score(store, FakeScorer(), FakeScorer(name="x"))
    assert (len(seen), report.written) == (4000, 12_000)
    assert score(store, FakeScorer(), FakeScorer(name="x"))[0].written == 0


def test_hostile_payload_is_scored(store: Store, importing: Any, tmp_path: Path, stored: Any) -> None:
    """Odd JSON, large and deep values, and keys that occur twice: none stops the run, and all of it stays."""
    deep = "[" * 200 + "]" * 200
    lines = [
        '{"id":"nan","output":NaN,"metadata":{"a":1,"a":2}}',
        '{"id":"lone","output":"\\ud800","metadata":{"k":"\\udc00"}}',
        '{"id":"big","output":"' + "x" * 1_000_000 + '"}',
        f'{{"id":"deep","output":{deep}}}',
        '{"id":"huge","output":123456789012345678901234567890,"scores":{"good":1e400}}',
        '{"id":"odd","scores":"x","metadata":[],"output":"[red]\\u001b[31m"}',
        '{"id":"nul","output":"\\u0000","tags":[1]}',
    ]
    path = tmp_path / "hostile.jsonl"
    path.write_text("\n".join(lines) + "\n")
    importing(str(path))
    before = {one.id: one for one in stored()}
    report, seen = score(store, FakeScorer(lambda given: Value(0.5, {"given": given["output"]})))
    assert (report.traces, {one.results[0].state for one in seen}) == (7, {"scored"})
    for one in stored():
        if one.id in before:
            assert (one.output, one.extra, one.tags) == (
                before[one.id].output,
                before[one.id].extra,
                before[one.id].tags,
            )
            assert value(one.scores) == {"good": 0.5}
    assert score(store, FakeScorer())[0].written == 0


def test_an_id_that_is_taken_is_refused_and_counted(store: Store, write: Any, importing: Any) -> None:
    """A row of another trace that has the id of a score span is left alone."""
    importing(write({"id": "a", "output": 1}))
    score(store, FakeScorer())
    span = json.loads(exported(store).splitlines()[1])["id"]
    other = open_store(":memory:", "write")
    importing(write({"id": span}, {"id": "a", "output": 1}, name="both.jsonl"), into=other)
    report, _ = score(other, FakeScorer(), wanted=SpanFilter((Condition("trace", "=", "a"),)))
    assert report.refused == 1
    other.close()


def imported(store: Store, path: str, *scorers: FakeScorer, **plan: Any) -> list[str]:
    """The ids of the traces that ``bt import --score`` would score."""
    with Touched() as touched:
        import_traces(store, HERE, ImportOptions(InputOptions((path,))), lambda _: None, lambda: 0, touched)
        seen: list[ScoredTrace] = []
        made = Plan(list(scorers) or [FakeScorer()], **plan)
        score_imported(store, HERE, touched, made, seen.append, lambda _: None, lambda: 0)
    return [one.rows[0].id for one in seen]


def test_an_import_scores_what_it_brought(store: Store, write: Any, importing: Any) -> None:
    """In order of their times, without the traces that were there before."""
    importing(write(*some(3)))
    new = [{"id": "late", "created": "2025-01-01"}, {"id": "early", "created": "2023-01-01"}]
    assert imported(store, write(*new, name="new.jsonl")) == ["early", "late"]


def test_an_import_scores_what_is_unchanged(store: Store, write: Any, importing: Any) -> None:
    """A gate is about the whole file, not about what is new in it."""
    path = write(*some(3))
    importing(path)
    assert imported(store, path) == ["t000", "t001", "t002"]


def test_an_import_does_not_score_what_it_rejects(store: Store, write: Any, importing: Any) -> None:
    """The stored trace that a rejected record clashes with was not imported."""
    importing(write({"id": "a", "span_id": "a", "root_span_id": "a"}))
    bad = {"id": "a", "span_id": "a", "root_span_id": "z", "span_parents": []}
    assert imported(store, write(bad, {"id": "b"}, name="bad.jsonl")) == ["b"]


def test_an_import_of_rows_scores_whole_traces(store: Store, write: Any, importing: Any) -> None:
    """A row that found its trace only at the end brings it in."""
    importing(write({"id": "a", "span_id": "a", "root_span_id": "a", "span_parents": []}))
    child = {"id": "c", "span_id": "c", "span_parents": ["a"]}
    assert imported(store, write(child, name="child.jsonl")) == ["a"]


def test_an_import_draws_from_what_it_brought(store: Store, write: Any, importing: Any) -> None:
    """A sample is one of the input."""
    importing(write(*some(20)))
    new = [{"id": f"n{n}"} for n in range(20)]
    drawn = imported(store, write(*new, name="new.jsonl"), sample=5)
    assert len(drawn) == 5
    assert all(one.startswith("n") for one in drawn)


def test_a_record_of_several_traces_brings_them_all(store: Store, write: Any) -> None:
    """Its children may belong elsewhere."""
    record = {"id": "a", "children": [{"id": "b", "root_span_id": "z"}]}
    with Touched() as touched:
        options = ImportOptions(InputOptions((write(record),)))
        import_traces(store, HERE, options, lambda _: None, lambda: 0, touched)
        found = store.read_holding(HERE, touched.ids())
        assert sorted(one.id for trace in found for one in trace) == ["a", "b"]


def test_a_rehearsal_says_what_would_be_done(store: Store, write: Any, importing: Any, stored: Any) -> None:
    """By scorer: run, reused, skipped for which input, failing; it writes nothing and asks nobody."""
    importing(write(*some(3)))
    score(store, FakeScorer(), first=1)
    before: list[Row] = stored()
    needy, judged = FakeScorer(name="needy"), FakeScorer(name="judged", judged=True)
    needy.needs = ("expected",)
    plan = Plan([FakeScorer(), needy, judged], FakeJudge(), trials=1)
    dry = plan_only(store, HERE, EVERYTHING, plan, lambda _: None, lambda: 0)
    assert [(one.name, one.cases, one.run, one.reused, one.skipped) for one in dry.scorers] == [
        ("good", 3, 2, 1, {}),
        ("needy", 3, 0, 0, {"missing expected": 3}),
        ("judged", 3, 3, 0, {}),
    ]
    assert (dry.traces, dry.spans, dry.calls, judged.asked, stored()) == (3, 3, 3, [], before)


def test_a_rehearsal_of_errors_leaves_the_rest(store: Store, write: Any, importing: Any) -> None:
    """With ``--rescore errors`` only failures are run; what was never scored is left."""
    importing(write(*some(2)))
    score(store, FakeScorer(failing), first=1)

    class Broken(FakeScorer):
        def arguments(self, case: Any) -> Any:
            raise ValueError("no")

    plan = Plan([FakeScorer(), Broken(name="broken")], rescore="errors")
    dry = plan_only(store, HERE, EVERYTHING, plan, lambda _: None, lambda: 0)
    assert [(one.run, one.left, one.failing) for one in dry.scorers] == [(1, 1, 0), (0, 2, 0)]
    whole = plan_only(store, HERE, EVERYTHING, Plan([Broken()]), lambda _: None, lambda: 0)
    assert whole.scorers[0].failing == 2


def test_a_row_by_hand_is_scored(store: Store) -> None:
    """Wrong shapes, which an import would not store, don't stop a run: scores become ours, metadata stays."""
    from bt_cli.stores.base import Submission

    writing = store.writing(HERE)
    writing.add(Submission([row("a", scores='"x"', metadata="[]")], b"1"))
    writing.commit()
    writing.close()
    score(store, FakeScorer(lambda _: Value(0.5, {"why": 1})))
    ((root, _),) = store.read_traces(HERE, EVERYTHING, ReadStats())
    assert (root.scores, root.metadata) == ('{"good":0.5}', "[]")


@pytest.mark.parametrize("later", [None, failing])
def test_calls_of_an_earlier_run_are_emptied_in_the_store(
    store: Store, write: Any, importing: Any, stored: Any, later: Any
) -> None:
    """Those that a run no longer makes are replaced whole, and the same run again writes nothing."""
    importing(write(*some(1)))
    judge = FakeJudge()

    def ask(_: Any) -> float:
        judge.ask()
        return 0.5

    score(store, FakeScorer(ask, judged=True), judge=judge, trials=3)
    again = FakeScorer(later or ask, judged=True)
    score(store, again, judge=judge)
    before, left = stored(), 3 if later else 2
    marked = [one for one in before if one.metadata == '{"superseded":true}']
    assert len(before) == 6 and len(marked) == left
    assert {(one.input, one.output, one.metrics, one.error) for one in marked} == {(None, None, None, None)}
    report, _ = score(store, again, judge=judge, rescore="all")
    assert (report.written, stored()) == (0, before)
