"""A scoring run for programs: the ``--json`` object, a line a result, and the table of a pipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bt_cli.render.amounts import plain
from bt_cli.render.compare_json import comparison_dict
from bt_cli.render.score_words import check_words
from bt_cli.spans.score_gates import Check
from bt_cli.spans.score_run import ScoreRun
from bt_cli.spans.score_tally import Outcome, ScorerNumbers

SCHEMA = "bt/score/1"
NUMBERS = ("mean", "min", "p10", "median", "max")
COUNTS = ("scored", "skipped", "errors", "not_run", "reused")


def run_dict(run: ScoreRun, code: int, source: Mapping[str, object]) -> dict[str, Any]:
    """The ``--json`` object; ``source`` says what was read: store and container, or file."""
    use = run.judge
    return {
        "schema": SCHEMA,
        "ok": code == 0,
        "exit_code": code,
        "verdict": run.verdict.state,
        "report_only": run.verdict.report_only,
        "source": dict(source),
        "traces": run.traces,
        "cases": run.cases,
        "partial": run.partial,
        "scorers": [_scorer(one) for one in run.scorers],
        "gates": [_check(one) for one in run.verdict.checks],
        "baseline": None if run.comparison is None else comparison_dict(run.comparison, ()),
        "judge": None if use is None else {name: plain(getattr(use, name)) for name in use.__struct_fields__},
        "stopped": run.stopped or None,
        "replaced": run.replaced,
        "refused": run.refused,
        "timeless": run.timeless,
        "truncated": run.truncated,
        "elapsed_s": round(run.elapsed, 3),
    }


def result_dict(result: Outcome, trace: str) -> dict[str, Any]:
    """One result, as a line of ``--jsonl``."""
    return {
        "trace_id": trace,
        "span_id": result.span_id,
        "name": result.name,
        "state": result.state,
        "score": result.score,
        "reason": result.reason or None,
        "values": list(result.values),
        "reused": result.reused,
        "metadata": dict(result.metadata),
    }


def scorer_table(run: ScoreRun, shown: Callable[[str], str]) -> tuple[tuple[str, ...], list[list[object]]]:
    """Columns, and a row for each scorer."""
    rows: list[list[object]] = [
        [
            shown(one.name),
            *("" if (value := plain(getattr(one, name))) is None else value for name in NUMBERS),
            *(getattr(one, name) for name in COUNTS),
        ]
        for one in run.scorers
    ]
    return ("scorer", *NUMBERS, *COUNTS), rows


def _scorer(one: ScorerNumbers) -> dict[str, Any]:
    return {
        "name": one.name,
        **{name: plain(getattr(one, name)) for name in NUMBERS},
        **{name: getattr(one, name) for name in COUNTS},
        "tenths": one.tenths,
        "choices": one.choices,
        "why_skipped": one.why_skipped,
        "why_failed": one.why_failed,
        "worst": [{"score": plain(low.score), "trace_id": low.trace, "span_id": low.span} for low in one.worst],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "gate": check.kind,
        "name": check.name,
        "state": check.state,
        "value": plain(check.value),
        "wanted": plain(check.wanted),
        "threshold": plain(check.threshold),
        "lack": check.lack or None,
        "message": check_words(check),
    }
