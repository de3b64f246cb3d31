"""``bt score --list`` and ``--dry-run``: what there is to score with, and what scoring would come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.cli.score_flags import ScoreFlags
    from bt_cli.cli.session import Session
    from bt_cli.pipeline.score import DryReport
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
    session.console.table(("scorer", "kind", "needs", "works here", "about"), rows)


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


def print_rehearsal(console: Console, report: DryReport, source: str) -> None:
    """What scoring would come to: cases, results that are reused, inputs that are missing, calls of a judge."""
