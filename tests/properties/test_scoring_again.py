"""Scoring twice is scoring once, whatever the traces look like."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis.strategies import integers

from bt_cli.scoring.base import Value
from bt_cli.scoring.spans import put_together, rows_of
from bt_cli.spans.row import Row
from bt_cli.writers.rows import write_rows
from scoring_fakes import FakeJudge, FakeScorer, scored
from strategies import TRACES, Dice, build_json, build_object, seeded


def build_scored(dice: Dice) -> list[Row]:
    """Some rows of a trace with payload of any kind."""
    rows = []
    for index in range(dice.randint(1, 4)):
        one = Row(f"r{index}", f"r{index}", "r0", "[]" if not index else f'["r{dice.randrange(index)}"]')
        one.output = dice.choice([build_json(dice), None])
        one.metadata = dice.choice([build_object(dice), '{"good":{"n":1},"x":5}', '{"good":[]}', "null", None])
        one.scores = dice.choice(['{"good":0.5}', '{"x":null}', "null", None])
        one.time = dice.choice([None, 5.0, 1.7e9])
        rows.append(one)
    return rows


def odd(arguments: object) -> Value:
    """A score, no opinion or an error, and metadata, by what is given."""
    text = orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS)
    if len(text) % 5 == 0:
        raise ValueError("five")
    score = None if len(text) % 3 == 0 else (len(text) % 7) / 7
    return Value(score, {"n": len(text), "given": str(text)} if len(text) % 2 else {})


def scorers(fingerprint: str = "f1") -> list[FakeScorer]:
    return [FakeScorer(odd, "good", fingerprint=fingerprint), FakeScorer(odd, "x"), FakeScorer(lambda _: 0.5, "y")]


def once(rows: list[Row], fingerprint: str = "f1", **plan: str) -> list[Row]:
    (only,) = scored([rows], *scorers(fingerprint), **plan)
    return put_together(rows, rows_of(only))


@given(seeded(build_scored))
def test_scoring_again_reuses_all_but_failures(rows: list[Row]) -> None:
    """Each result that has a number, or none for a reason, is found in the trace."""
    (one,) = scored([once(rows, on="all")], *scorers(), on="all")
    assert all(result.reused for result in one.results if result.state != "error")


@given(seeded(build_scored))
def test_scoring_again_changes_nothing(rows: list[Row]) -> None:
    """Not a byte, also where failures are run again, or everything is."""
    first = once(rows, on="all")
    assert write_rows(once(first, on="all")) == write_rows(first)
    assert write_rows(once(first, on="all", rescore="all")) == write_rows(first)


@given(seeded(build_scored), integers(1, 3), integers(1, 3))
def test_fewer_or_more_calls_settle_at_once(rows: list[Row], before: int, now: int) -> None:
    """After trials of one number those of another give the same bytes however often, and no span is lost."""
    judge = FakeJudge()

    def ask(_: object) -> float:
        judge.ask()
        return 0.5

    def judged(given: list[Row], trials: int) -> list[Row]:
        scorer = FakeScorer(ask, "good", judged=True)
        (only,) = scored([given], scorer, judge=judge, trials=trials, rescore="all")
        return put_together(given, rows_of(only))

    first = judged(rows, before)
    second = judged(first, now)
    assert write_rows(judged(second, now)) == write_rows(second)
    assert [row.id for row in second][: len(first)] == [row.id for row in first]


@given(seeded(build_scored))
def test_another_scorer_of_the_name_never_doubles(rows: list[Row]) -> None:
    """There is one score span for each case and name."""
    first = once(rows, on="all")
    second = once(first, fingerprint="f2", on="all")
    assert [row.id for row in second] == [row.id for row in first]


@given(seeded(build_scored))
def test_ids_are_unique(rows: list[Row]) -> None:
    """No two spans share one."""
    ids = [row.id for row in once(rows, on="all")]
    assert len(set(ids)) == len(ids)


@settings(max_examples=50)
@given(TRACES)
def test_odd_linkage_is_scored(rows: list[Row]) -> None:
    """Orphans, cycles and span ids that occur twice: each span id is scored once, and nothing else changes."""
    (one,) = scored([rows], FakeScorer(), on="all")
    assert len(one.results) == len({row.span_id for row in rows})
    kept = put_together(rows, rows_of(one))[: len(rows)]
    assert [(row.id, row.input, row.output, row.metadata) for row in kept] == [
        (row.id, row.input, row.output, row.metadata) for row in rows
    ]
