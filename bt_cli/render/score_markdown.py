"""A scoring run as Markdown, for a job's summary or a pull request: the verdict first, the worst folded."""

from __future__ import annotations

from bt_cli.render.amounts import aligned, integer
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table
from bt_cli.render.score_words import (
    NO_REASON,
    baseline_words,
    check_words,
    is_low,
    judge_words,
    run_words,
    verdict_words,
)
from bt_cli.render.table import Column
from bt_cli.spans.score_run import ScoreRun
from bt_cli.spans.score_tally import ScorerNumbers

_NUMBERS = ("mean", "min", "p10", "median", "scored", "skipped", "errors", "not run")
_LOWEST = [Column("score", right=False), Column("value"), Column("trace", right=False)]
_REASONS = [*(Column(name, right=False) for name in ("score", "what", "which")), Column("cases")]
_MARKS = {"passed": "✅", "failed": "❌", "unknown": "⚠️", "incomplete": "⚠️"}
_LONGEST = 400


def run_markdown(run: ScoreRun, look: Look) -> str:
    """The run; whatever Markdown or HTML knows in names and reasons is shown, not obeyed."""
    source = escaped(look.clean(run.source), 60)
    mark = f"{_MARKS[run.verdict.state]} " if run.verdict.state in _MARKS else ""
    text = f"### {mark}Scores of {source}: {verdict_words(run.verdict)}\n\n"
    if run.stopped:
        text += f"**Stopped: {escaped(look.clean(run.stopped), _LONGEST)}**\n\n"
    for check in run.verdict.checks:
        text += f"- {_MARKS[check.state]} {escaped(look.clean(check_words(check)), _LONGEST)}\n"
    text += "\n" if run.verdict.checks else ""
    text += table(_columns(run), [_row(one, run, look) for one in run.scorers])
    text += f"\n{run_words(run, ' · ')}\n"
    if run.judge is not None:
        text += f"\nJudge: {escaped(judge_words(run.judge, ' · '), _LONGEST)}\n"
    return text + _details(run, look)


def _columns(run: ScoreRun) -> list[Column]:
    baseline = [Column("against the baseline", right=False)] if run.comparison is not None else []
    return [Column("score", right=False), *map(Column, _NUMBERS), *baseline]


def _row(one: ScorerNumbers, run: ScoreRun, look: Look) -> list[str]:
    numbers = [aligned("score", value) for value in (one.mean, one.min, one.p10, one.median)]
    counts = [integer(number) for number in (one.scored, one.skipped, one.errors, one.not_run)]
    baseline = []
    if run.comparison is not None:
        found = next((measure for measure in run.comparison.scores if measure.name == one.name), None)
        baseline = [aligned("score", None) if found is None else escaped(baseline_words(found), _LONGEST)]
    return [escaped(look.clean(one.name)), *numbers, *counts, *baseline]


def _details(run: ScoreRun, look: Look) -> str:
    """The lowest scores with their ids, and why cases failed, were skipped, or what the judge chose."""
    lowest = [
        [escaped(look.clean(one.name)), aligned("score", low.score), f"`{_code(look.clean(low.trace))}`"]
        for one in run.scorers
        for low in one.worst
        if is_low(low)
    ]
    reasons = [
        [escaped(look.clean(one.name)), what, escaped(look.clean(kind) or NO_REASON, 160), integer(number)]
        for one in run.scorers
        for what, counts in (("error", one.why_failed), ("skipped", one.why_skipped), ("chose", one.choices))
        for kind, number in counts.items()
    ]
    text = _folded("Lowest scores", table(_LOWEST, lowest)) if lowest else ""
    if reasons:
        text += _folded("Errors, skipped cases, choices", table(_REASONS, reasons))
    return text


def _folded(title: str, inner: str) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{inner}\n</details>\n"


def _code(text: str) -> str:
    """``text`` within a code span of a table, which knows no escapes but that of the bar."""
    return text.replace("`", "'").replace("|", "\\|")
