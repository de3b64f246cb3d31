"""A scoring run for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bt_cli.render.amounts import aligned, integer
from bt_cli.render.charts import finished, sparks, wrapped
from bt_cli.render.look import BOLD, DIM, GREEN, RED, YELLOW, Look, cut
from bt_cli.render.score_words import (
    NO_REASON,
    baseline_words,
    check_words,
    is_low,
    judge_words,
    run_words,
    verdict_words,
)
from bt_cli.render.table import READABLE, Cell, Column, boxed
from bt_cli.spans.score_run import ScoreRun
from bt_cli.spans.score_tally import LowScore, ScorerNumbers

_COLUMNS = [
    Column("score", right=False, least=READABLE),
    Column("mean"),
    Column("min", 3),
    Column("p10", 3),
    Column("median", 2),
    Column("0 to 1", 1, right=False),
    Column("scored"),
    Column("skipped"),
    Column("errors"),
    Column("not run"),
]
_COLORS = {"passed": GREEN, "failed": RED, "unknown": YELLOW, "incomplete": YELLOW}
_MARKS = {"passed": "✓", "failed": "✗", "unknown": "?"}
_ASCII_MARKS = {"passed": "+", "failed": "x", "unknown": "?"}
_SHOWN = 5
"""Choices and reasons that are told."""
_LONGEST_NAME = 24


def run_text(run: ScoreRun, look: Look) -> str:
    """The run as a box of scorers with what there is to know about each below it, and the verdict at the end."""
    title = cut(look.clean(run.source), look.room - 2)
    text = f"{look.paint(title, BOLD)}\n{wrapped(look, run_words(run, look.dot))}"
    if run.scorers:
        text += boxed(_COLUMNS, [_row(one, look) for one in run.scorers], look)
        text += "".join("".join(_more(one, look)) for one in run.scorers)
    text += "".join(_baseline(run, look))
    if run.judge is not None:
        text += wrapped(look, f"judge: {judge_words(run.judge, look.dot)}")
    return finished(look, text + verdict_text(run, look))


def verdict_text(run: ScoreRun, look: Look) -> str:
    """The verdict and a line for each gate; nothing where nothing was asked."""
    marks = _ASCII_MARKS if look.ascii else _MARKS
    text = ""
    if run.verdict.state != "none":
        text += "gates: " + look.paint(verdict_words(run.verdict), _COLORS[run.verdict.state]) + "\n"
    for check in run.verdict.checks:
        text += f"  {look.paint(marks[check.state], _COLORS[check.state])} {look.clean(check_words(check))}\n"
    return text


def _row(one: ScorerNumbers, look: Look) -> list[Cell]:
    numbers = [Cell(aligned("score", value)) for value in (one.mean, one.min, one.p10, one.median)]
    counts = [
        Cell(integer(one.scored)),
        Cell(integer(one.skipped)),
        Cell(integer(one.errors), "red" if one.errors else ""),
        Cell(integer(one.not_run), "red" if one.not_run else ""),
    ]
    return [Cell(look.clean(one.name)), *numbers, Cell(sparks(look, one.tenths)), *counts]


def _more(one: ScorerNumbers, look: Look) -> Iterator[str]:
    name = cut(look.clean(one.name), _LONGEST_NAME)
    for what, counts in (("chose", one.choices), ("skipped", one.why_skipped), ("errors", one.why_failed)):
        if counts:
            yield wrapped(look, f"{name} {what}: {_counted(counts, look)}")
    if one.worst and is_low(one.worst[0]):
        lowest = look.dot.join(_low(low, look) for low in one.worst if is_low(low))
        yield look.paint(wrapped(look, f"{name} lowest: {lowest}").rstrip("\n"), DIM) + "\n"


def _counted(counts: Mapping[str, int], look: Look) -> str:
    told = [f"{look.clean(kind) or NO_REASON} ({integer(number)})" for kind, number in list(counts.items())[:_SHOWN]]
    more = len(counts) - len(told)
    return look.dot.join([*told, *([f"and {more} more"] if more else [])])


def _low(low: LowScore, look: Look) -> str:
    """The score and the end of an id, by which ``bt view`` finds it."""
    where = low.trace if low.span in ("", low.trace) else low.span
    return f"{aligned('score', low.score)} {look.clean(where[-8:])}"


def _baseline(run: ScoreRun, look: Look) -> Iterator[str]:
    if run.comparison is None:
        return
    yield f"baseline {cut(look.clean(run.comparison.base), look.room // 2)}:\n"
    for measure in run.comparison.scores:
        name = cut(look.clean(measure.name), _LONGEST_NAME)
        yield look.fit(f"  {name}  {baseline_words(measure)}", look.room) + "\n"
