"""Scoring a file or a pipe: scored traces on the output, in the form that was asked for, and nothing stored."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest

from bt_cli.errors import InputError, LimitError
from bt_cli.pipeline.options import ConvertOptions, InputOptions
from bt_cli.pipeline.score import ScoreReport
from bt_cli.pipeline.score_plan import plan_stream
from bt_cli.pipeline.score_stream import score_stream
from bt_cli.scoring.base import ScoredTrace, Value
from bt_cli.scoring.plan import Plan
from running import SAMPLES
from scoring_fakes import FakeJudge, FakeScorer

To = Literal["tree", "rows"]


def stream(
    *paths: str | Path, scorers: tuple[FakeScorer, ...] = (), to: To = "tree", **plan: Any
) -> tuple[list[bytes], ScoreReport, list[ScoredTrace]]:
    """The lines of a run over some files, its report, and what was seen."""
    out = io.BytesIO()
    seen: list[ScoredTrace] = []
    made = Plan(list(scorers) or [FakeScorer(lambda _: 0.5)], **plan)
    options = InputOptions(tuple(map(str, paths)))
    report = score_stream(options, made, to, out, seen.append, lambda _: None, lambda: 0)
    return out.getvalue().splitlines(keepends=True), report, seen


def test_a_score_span_is_a_child_of_the_scored_span(write: Any) -> None:
    """In a tree it stands below the root, after what the application has there."""
    (line,), report, _ = stream(write({"id": "a", "output": 1, "children": [{"id": "b", "name": "b"}]}))
    tree = orjson.loads(line)
    assert tree["scores"] == {"good": 0.5}
    assert [child.get("name") or child["span_attributes"]["name"] for child in tree["children"]] == ["b", "good"]
    assert (report.traces, report.spans, report.written) == (1, 1, 2)


def test_rows_are_flat(write: Any) -> None:
    """A line a span, those that scoring adds at the end of their trace."""
    lines, _, _ = stream(write({"id": "a", "children": [{"id": "b"}]}, {"id": "c"}), to="rows")
    assert [orjson.loads(line)["root_span_id"] for line in lines] == ["a", "a", "a", "c", "c"]


def test_payload_is_written_as_it_came(tmp_path: Path) -> None:
    """Numbers, escapes, key order and unknown keys, to the byte; only what holds scores is opened."""
    path = tmp_path / "in.jsonl"
    path.write_text(
        '{"id":"a","span_id":"a","output":{"n":1.50,"u":"\\u00e9","b":123456789012345678901},"odd":[1e400]}\n'
    )
    (line,), _, _ = stream(path)
    assert b'"output":{"n":1.50,"u":"\\u00e9","b":123456789012345678901}' in line
    assert b'"odd":[1e400]' in line


@pytest.mark.parametrize("to", ["tree", "rows"])
def test_scored_output_is_input(tmp_path: Path, to: To) -> None:
    """A second run over it reuses everything and writes the same bytes."""
    judge = FakeJudge()

    def ask(_: Any) -> Value:
        judge.ask()
        return Value(0.5, {"choice": "B"})

    scorers = FakeScorer(ask, judged=True), FakeScorer(lambda _: None, "none")
    first, _, _ = stream(SAMPLES / "support.jsonl", scorers=scorers, to=to, judge=judge)
    again = tmp_path / "again.jsonl"
    again.write_bytes(b"".join(first))
    second, report, seen = stream(again, scorers=scorers, to=to, judge=judge)
    assert (second, report.written) == (first, 0)
    assert all(result.reused for one in seen for result in one.results)


def test_rows_that_are_apart_are_one_trace(write: Any) -> None:
    """They wait for the rest of their trace, and are scored whole."""
    rows = [
        {"id": "b", "span_id": "b", "root_span_id": "a", "span_parents": ["a"], "output": 1},
        {"id": "z", "span_id": "z", "root_span_id": "z", "span_parents": []},
        {"id": "a", "span_id": "a", "root_span_id": "a", "span_parents": []},
    ]
    lines, report, seen = stream(write(*rows), to="rows")
    assert (report.traces, [len(one.rows) for one in seen]) == (2, [2, 1])
    assert len(lines) == 5


def test_rejected_records_are_counted(tmp_path: Path) -> None:
    """As in a conversion: the rest is scored, and the exit code is by the report."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"id":"a"}\n{"children":5}\nnonsense\n{"id":"b"}\n')
    lines, report, _ = stream(path)
    assert report.input is not None
    assert (len(lines), report.input.records.rejected, report.input.records.new) == (2, 2, 2)
    assert report.input.exit_code(ConvertOptions(InputOptions())) == 3


def test_a_missing_file_is_told_before_anything_is_written() -> None:
    """Exit 5, as for every command that reads."""
    with pytest.raises(InputError):
        stream("missing.jsonl")


def test_a_trace_comes_out_while_the_next_is_awaited(tmp_path: Path) -> None:
    """A pipe that pauses holds nothing back, also with a judge."""
    reading, writing = os.pipe()
    came = threading.Event()
    lines: list[bytes] = []

    class Out(io.BytesIO):
        def flush(self) -> None:
            lines[:] = self.getvalue().splitlines()
            if lines:
                came.set()

    def feed() -> None:
        os.write(writing, b'{"id":"a","output":1}\n')
        assert came.wait(30)
        os.write(writing, b'{"id":"b","output":2}\n')
        os.close(writing)

    feeding = threading.Thread(target=feed)
    feeding.start()
    plan = Plan([FakeScorer(judged=True)], FakeJudge())
    options = InputOptions((f"/dev/fd/{reading}",))
    score_stream(options, plan, "tree", Out(), lambda _: None, lambda _: None, lambda: 0)
    feeding.join()
    os.close(reading)
    assert [orjson.loads(line)["id"] for line in lines] == ["a", "b"]


def test_after_a_limit_traces_are_passed_on(write: Any) -> None:
    """They come out without a score, and count as not run: a filter loses nothing."""

    def limited(given: Any) -> float:
        if given["output"]:
            raise LimitError("--max-cost 1 is reached")
        return 1.0

    path = write(*[{"id": f"t{n}", "output": n} for n in range(3)])
    lines, report, seen = stream(path, scorers=(FakeScorer(limited),))
    assert [orjson.loads(line).get("scores") for line in lines] == [{"good": 1}, None, None]
    assert isinstance(report.stopped, LimitError)
    assert [one.results[0].state for one in seen] == ["scored", "not_run", "not_run"]


def test_the_first_of_a_stream(write: Any) -> None:
    """Only what is scored is written."""
    lines, report, _ = stream(write(*[{"id": f"t{n}"} for n in range(5)]), first=2)
    assert ([orjson.loads(line)["id"] for line in lines], report.partial) == (["t0", "t1"], True)


def test_a_sample_of_a_stream(write: Any) -> None:
    """Drawn from all of it, in order."""
    lines, _, _ = stream(write(*[{"id": f"t{n:02}"} for n in range(40)]), sample=7)
    drawn = [orjson.loads(line)["id"] for line in lines]
    assert (len(drawn), drawn) == (7, sorted(drawn))


def test_a_score_of_the_application_is_counted_in_a_stream(write: Any) -> None:
    """As it is in a store."""
    _, report, _ = stream(write({"id": "a", "scores": {"good": 0.25}}))
    assert report.replaced == {"good": 1}


def test_a_stream_can_be_rehearsed(write: Any) -> None:
    """What would be run, and what the input is like."""
    path = write({"id": "a"}, {"children": 5}, {"id": "b"})
    plan = Plan([FakeScorer(judged=True)], FakeJudge(), trials=3)
    dry = plan_stream(InputOptions((path,)), plan, lambda _: None, lambda: 0)
    assert (dry.traces, dry.calls, dry.scorers[0].run) == (2, 6, 2)
    assert dry.input is not None and dry.input.records.rejected == 1


def test_a_rehearsal_ends_with_a_signal(write: Any) -> None:
    """It reads no more."""
    dry = plan_stream(InputOptions((write({"id": "a"}),)), Plan([FakeScorer()]), lambda _: None, lambda: 2)
    assert (dry.interrupted, dry.traces) == (True, 0)
