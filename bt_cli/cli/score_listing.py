"""``bt score --list`` and ``--dry-run``: what there is to score with, and what scoring would come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bt_cli.cli.drawing import print_table
from bt_cli.cli.visible import visible
from bt_cli.errors import Interrupted
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.cli.score_flags import ScoreFlags
    from bt_cli.cli.session import Session
    from bt_cli.cli.signals import StopFlag
    from bt_cli.pipeline.score_plan import DryReport, DryScorer
    from bt_cli.scoring.listing import Listed


def print_scorers(session: Session, flags: ScoreFlags) -> None:
    """Every scorer of autoevals: what it needs, and whether it works here."""
    from bt_cli.cli.scoring import models_of
    from bt_cli.scoring.listing import list_scorers

    settings = session.settings
    problem = None if settings.judge_key_present else "no key of a judge is set: BT_JUDGE_API_KEY or OPENAI_API_KEY"
    scorers = list_scorers(models_of(session, flags), problem)
    if session.console.json:
        items = [_item(one) for one in scorers]
        content = {"items": items, "truncated": False, "next_cursor": None}
        session.console.emit_json({"schema": "bt/scorers/1", "ok": True, "exit_code": 0, **content})
        return
    rows = [
        (one.name, one.kind, ", ".join(one.inputs), "yes" if one.works else one.problem, one.about) for one in scorers
    ]
    print_table(session.console, ("scorer", "kind", "needs", "works here", "about"), rows)


def _item(one: Listed) -> dict[str, object]:
    return {
        "name": one.name,
        "kind": one.kind,
        "inputs": one.inputs,
        "arguments": one.arguments,
        "about": one.about,
        "works": one.works,
        "problem": one.problem,
    }


def print_rehearsal(console: Console, report: DryReport, source: str, stop: StopFlag) -> int:
    """What scoring would come to; the exit code. Raises Interrupted for counts that are not complete."""
    if report.interrupted:
        raise Interrupted(stop())
    if console.json:
        console.emit_json(_rehearsal_dict(report, source))
        return 0
    columns = ("scorer", "cases", "to run", "reused", "skipped", "failing", "left", "missing")
    print_table(console, columns, [_rehearsed(one) for one in report.scorers])
    judged = f"; the judge would be asked {report.calls:,} times at least" if report.calls else ""
    counted = f"{count(report.spans, 'case')} in {count(report.traces, 'trace')} of {visible(source)}"
    console.note(f"Dry run, nobody was asked: {counted}{judged}.")
    return 0


def _rehearsed(one: DryScorer) -> tuple[object, ...]:
    missing = ", ".join(f"{reason} ({number:,})" for reason, number in one.skipped.items())
    skipped = sum(one.skipped.values())
    return one.name, one.cases, one.run, one.reused, skipped, one.failing, one.left, missing


def _rehearsal_dict(report: DryReport, source: str) -> dict[str, object]:
    return {
        "schema": "bt/score-plan/1",
        "ok": True,
        "exit_code": 0,
        "source": source,
        "traces": report.traces,
        "cases": report.spans,
        "partial": report.partial,
        "judge_calls_at_least": report.calls,
        "scorers": [
            {
                "name": one.name,
                "judged": one.judged,
                "cases": one.cases,
                "run": one.run,
                "reused": one.reused,
                "skipped": one.skipped,
                "failing": one.failing,
                "left": one.left,
            }
            for one in report.scorers
        ],
    }
