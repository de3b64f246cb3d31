"""What scoring writes: score spans, judge spans, and the patch of the scored row."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bt_cli.errors import JudgeError
from bt_cli.scoring.base import Call, Result, ScoredTrace, Value
from bt_cli.scoring.calls import call_row
from bt_cli.scoring.spans import NOTHING, rows_of
from bt_cli.spans.ids import child_id, uuid_prefix
from bt_cli.spans.row import Row
from builders import row, value
from scoring_fakes import FakeJudge, FakeScorer, again, scored

DATED = row("a", output='"x"', created="2024-01-10T19:57:22.5Z")
DATED.time = 1704916642.5


def said(score: Any, **metadata: Any) -> FakeScorer:
    return FakeScorer(lambda _: Value(score, metadata))


def failed(_: Any) -> float:
    raise ValueError("no")


def root_of(rows: list[Row]) -> Row:
    return rows[0]


def test_an_offline_score_span() -> None:
    """A child of the scored span, without times of its own, with what the scorer was given and what it said."""
    span = again([DATED], said(0.25, choice="B"))[1]
    assert span.id == span.span_id == child_id(uuid_prefix(1704916642.5), "a", "/score/good")
    assert (span.root_span_id, span.span_parents, span.created, span.time) == ("a", '["a"]', DATED.created, DATED.time)
    assert span.span_attributes == '{"name":"good","type":"score","purpose":"scorer"}'
    assert (span.input, span.output, span.metadata) == (
        '{"output":"x"}',
        '{"score":0.25}',
        '{"choice":"B","fingerprint":"f1"}',
    )
    assert (span.metrics, span.error, span.scores) == (None, None, None)


def test_a_skipped_score_span() -> None:
    """Its output is null, its reason stands in its metadata."""
    root, span = again([DATED], FakeScorer(lambda _: None))
    assert (span.output, value(span.metadata)["skipped"], root.scores) == ("null", "no opinion", '{"good":null}')


def test_a_failed_score_span() -> None:
    """The error is told on the span and on the scored row; there is no score."""
    root, span = again([DATED], FakeScorer(failed))
    assert (span.output, span.error) == ("null", '"ValueError: no"')
    assert (root.scores, root.metadata) == (None, '{"scorer_errors":{"good":"ValueError: no"}}')


def test_trials_stand_in_the_metadata() -> None:
    """The value of each."""
    values = iter([0.0, None, 1.0])
    span = again([DATED], FakeScorer(lambda _: next(values)), trials=3)[1]
    assert value(span.metadata) == {"fingerprint": "f1-3-mean", "trials": [0.0, None, 1.0]}


def test_a_judged_score_span_has_the_times_of_its_calls() -> None:
    """From the first to the last, and ``created`` from there (rule 3.3)."""
    judge = FakeJudge()

    def ask(_: Any) -> float:
        judge.ask(start=1.8e9 + 5, end=1.8e9 + 9)
        judge.ask()
        return 1.0

    span = again([DATED], FakeScorer(ask, judged=True), judge=judge)[1]
    assert value(span.metrics) == {"start": 1.8e9, "end": 1.8e9 + 9}
    assert (span.created, span.time) == ("2027-01-15T08:00:00.000000+00:00", 1.8e9)


def test_a_call_is_a_span_below() -> None:
    """With messages, choices, model, host and token counts; its id goes by its number."""
    judge = FakeJudge()

    def ask(_: Any) -> float:
        judge.ask(cost=0.002, attempts=3, cached=True)
        return 1.0

    _, span, call = again([DATED], FakeScorer(ask, judged=True), judge=judge)
    assert call.id == call.span_id == child_id(uuid_prefix(1704916642.5), "a", "/score/good/0")
    assert (call.span_parents, call.root_span_id) == (f'["{span.span_id}"]', "a")
    assert call.span_attributes == '{"name":"Chat Completion","type":"llm","purpose":"scorer"}'
    assert (value(call.input), value(call.output)) == (
        [{"role": "user", "content": "?"}],
        [{"message": {"content": "B"}}],
    )
    assert value(call.metadata) == {"model": "m", "temperature": 0, "host": "127.0.0.1", "attempts": 3, "cached": True}
    assert value(call.metrics) == {
        "start": 1.8e9,
        "end": 1.8e9 + 2,
        "prompt_tokens": 7,
        "completion_tokens": 1,
        "tokens": 8,
        "estimated_cost": 0.002,
    }


@pytest.mark.parametrize(
    ("reply", "output"),
    [
        (None, None),
        ("not json", '"not json"'),
        ("[1]", "[1]"),
        ('{"output":[{"type":"function_call"}]}', '[{"type":"function_call"}]'),
        ('{"results":[{"flagged":false}]}', '[{"flagged":false}]'),
        ('{"data":[{"embedding":[1,2]}],"model":"e"}', '{"embeddings":1}'),
        ('{"error":{"message":"x"}}', '{"error":{"message":"x"}}'),
    ],
)
def test_the_output_of_a_call(reply: str | None, output: str | None) -> None:
    """What answers, by endpoint; of vectors their number; what is malformed as it is."""
    call = Call("Response", "h", '{"input":"?","model":"m"}', 1.0, 2.0, reply)
    span = call_row(row("s"), "c", call)
    assert (span.input, span.output) == ('"?"', output)


def test_a_failed_call_has_its_error() -> None:
    """And whatever is known of the request, be it no JSON."""
    span = call_row(row("s"), "c", Call("Response", "h", "<", 1.0, 2.0, error="HTTP 503"))
    assert (span.error, span.input, span.output) == ('"HTTP 503"', None, None)


def test_the_calls_of_a_failure_are_kept() -> None:
    """They have cost something."""
    judge = FakeJudge()

    def ask(_: Any) -> float:
        judge.ask(reply="{}")
        raise JudgeError("no choice")

    assert len(again([DATED], FakeScorer(ask, judged=True), judge=judge)) == 3


def test_scores_and_metadata_go_to_the_scored_row() -> None:
    """The rest of it stays as it was, to the byte."""
    given = row("a", output='"x"', scores='{"own": 0.50}', metadata='{"a" :1}', extra='{"z":1e400}')
    root = root_of(again([given], said(1.0, choice="A")))
    assert (root.scores, root.metadata) == ('{"own":0.50,"good":1}', '{"a":1,"good":{"choice":"A"}}')
    assert (root.output, root.extra) == (given.output, given.extra)


def test_without_metadata_there_is_none() -> None:
    """An offline scorer that says but a number leaves the metadata alone."""
    assert root_of(again([row("a", metadata='{ "a": 1 }')], said(1.0))).metadata == '{ "a": 1 }'


def test_keys_of_the_user_are_kept() -> None:
    """Into an object of the user's only absent keys go."""
    given = row("a", metadata='{"good":{"choice":"mine","n":null}}')
    root = root_of(again([given], said(1.0, choice="A", n=2, why="x")))
    assert value(root.metadata) == {"good": {"choice": "mine", "n": 2, "why": "x"}}


def test_keys_of_the_user_are_kept_the_second_time() -> None:
    """Only what the last run wrote counts as ours."""
    given = row("a", metadata='{"good":{"choice":"mine"}}')
    once = again([given], said(1.0, choice="A", why="x"))
    twice = again(once, FakeScorer(lambda _: Value(0.5, {"choice": "B", "why": "y"}), fingerprint="f2"))
    assert value(twice[0].metadata) == {"good": {"choice": "mine", "why": "y"}}


@pytest.mark.parametrize("taken", ["5", '"x"', "[]"])
def test_a_name_that_is_taken_goes_aside(taken: str) -> None:
    """Where the user has no object, ours goes under ``bt_scores``, also the second time."""
    once = again([row("a", metadata=f'{{"good":{taken}}}')], said(1.0, choice="A"))
    assert value(once[0].metadata) == {"good": orjson.loads(taken), "bt_scores": {"good": {"choice": "A"}}}
    twice = again(once, FakeScorer(lambda _: Value(1.0, {"choice": "B"}), fingerprint="f2"))
    assert value(twice[0].metadata)["bt_scores"] == {"good": {"choice": "B"}}


@pytest.mark.parametrize(
    "metadata", ["[]", '"x"', '{"good":1,"bt_scores":1,"scorer_errors":1}', '{"good":1,"bt_scores":{"good":1}}']
)
def test_where_there_is_no_place_the_user_wins(metadata: str) -> None:
    """The score spans have all of it."""
    given = row("a", metadata=metadata)
    scorers = said(1.0, choice="A"), FakeScorer(failed, "bad")
    wanted = value(metadata)
    if isinstance(wanted, dict) and "scorer_errors" not in wanted:
        wanted["scorer_errors"] = {"bad": "ValueError: no"}
    assert value(root_of(again([given], *scorers)).metadata) == wanted


def test_a_failure_takes_the_older_score_back() -> None:
    """And the metadata that came with it: a merge removes nothing, so they become null."""
    once = again([DATED], said(1.0, choice="A"))
    root = root_of(again(once, FakeScorer(failed, fingerprint="f2")))
    assert value(root.scores) == {"good": None}
    assert value(root.metadata) == {"good": {"choice": None}, "scorer_errors": {"good": "ValueError: no"}}


def test_a_success_takes_the_error_back() -> None:
    """Only where there was one."""
    root, span = again(again([DATED], FakeScorer(failed)), said(1.0))
    assert (value(root.scores), value(root.metadata)) == ({"good": 1}, {"scorer_errors": {"good": None}})
    assert (span.error, span.output) == (None, '{"score":1}')


def test_what_a_scorer_no_longer_says_becomes_null() -> None:
    """A reason without its score would mislead."""
    once = again([DATED], said(1.0, choice="A", why="x"))
    root = root_of(again(once, FakeScorer(lambda _: Value(0.5, {"choice": "B"}), fingerprint="f2")))
    assert value(root.metadata) == {"good": {"choice": "B", "why": None}}


@pytest.mark.parametrize("say", [lambda _: None, failed])
def test_a_score_of_the_application_outlives_what_has_no_number(say: Any) -> None:
    """Only a number replaces it, however often there is none."""
    once = again([row("a", scores='{"good":0.9}')], FakeScorer(say))
    assert value(again(once, FakeScorer(say, fingerprint="f2"))[0].scores) == {"good": 0.9}


def test_a_score_of_the_application_is_replaced_and_told() -> None:
    """Once: afterwards it is ours."""
    (one,) = scored([[row("a", scores='{"good":0.9}')]], said(0.5))
    rows = again(one.rows, said(0.5))
    (two,) = scored([rows], FakeScorer(lambda _: 0.25, fingerprint="f2"))
    assert (rows_of(one).replaced, rows_of(two).replaced) == ({"good"}, set())
    assert value(rows[0].scores) == {"good": 0.5}


def test_nothing_new_writes_nothing() -> None:
    """Reused results and those not run leave no trace."""
    reused, left = Result("good", "a", "scored", 1.0, reused=True), Result("x", "a", "not_run")
    assert rows_of(ScoredTrace([DATED], [reused, left])) == NOTHING


def test_odd_names_are_names() -> None:
    """Quotes, line ends and brackets stay inside of their strings."""
    name = 'a"b\n[red]'
    root, span = again([DATED], FakeScorer(name=name))
    assert (value(root.scores), value(span.span_attributes)["name"]) == ({name: 1}, name)


def test_half_a_surrogate_pair_is_replaced() -> None:
    """It is no UTF-8, and has no place in a file."""
    span = again([DATED], said(1.0, why="\ud83d!"))[1]
    assert value(span.metadata)["why"] == "\ufffd!"


def asking(judge: FakeJudge, fingerprint: str = "f1", fails: bool = False) -> FakeScorer:
    """One call, then a score or an error."""

    def ask(_: Any) -> float:
        if fails:
            raise JudgeError("no choice")
        judge.ask()
        return 1.0

    return FakeScorer(ask, judged=True, fingerprint=fingerprint)


def superseded(rows: list[Row]) -> list[bool]:
    """Of each span of a call whether it is emptied and marked, and nothing else."""
    calls = [one for one in rows if one.span_attributes and '"llm"' in one.span_attributes]
    marked = [one.metadata == '{"superseded":true}' for one in calls]
    for one, mark in zip(calls, marked, strict=True):
        assert mark == ((one.input, one.output, one.metrics, one.error) == (None, None, None, None))
    return marked


def test_calls_that_are_no_longer_made_are_emptied() -> None:
    """Three trials, then one: two spans keep their places and are marked; three again fill them."""
    judge = FakeJudge()
    three = again([DATED], asking(judge), judge=judge, trials=3)
    one = again(three, asking(judge), judge=judge)
    assert superseded(one) == [False, True, True]
    assert [(now.id, now.span_parents, now.span_attributes, now.created) for now in one[1:]] == [
        (then.id, then.span_parents, then.span_attributes, then.created) for then in three[1:]
    ]
    assert again(one, asking(judge), judge=judge, rescore="all") == one
    assert again(one, asking(judge), judge=judge, trials=3) == three


def test_an_error_without_calls_empties_those_of_the_success() -> None:
    """They belong to a score that no longer holds."""
    judge = FakeJudge()
    failed_later = again(again([DATED], asking(judge), judge=judge), asking(judge, "f2", True), judge=judge)
    assert superseded(failed_later) == [True]


def test_spans_of_others_below_a_score_are_left_alone() -> None:
    """Only ids of ours are emptied, whatever a span says of itself."""
    judge = FakeJudge()
    rows = again([DATED], asking(judge), judge=judge)
    other = row("other", input='"mine"', span_attributes=rows[2].span_attributes)
    other.span_parents = rows[2].span_parents
    odd = row("odd", span_attributes='["scorer"]')
    odd.span_parents = other.span_parents
    left = again([*rows, other, odd], asking(judge, "f2", True), judge=judge)
    assert left[3:] == [other, odd] and superseded(left[:3]) == [True]
