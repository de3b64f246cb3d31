"""``bt compare``: two or more runs, per score and per case."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from msgspec import Struct

from bt_cli.cli import completion
from bt_cli.cli import filter_options as given
from bt_cli.cli.commands import Command, command_app
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.reports import count
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import StopFlag, stopping
from bt_cli.cli.style import PANEL, AsciiOption, MarkdownOption, style_of
from bt_cli.cli.subject import subject
from bt_cli.cli.visible import visible
from bt_cli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from bt_cli.query.filters import SpanFilter
    from bt_cli.spans.cases import Side
    from bt_cli.spans.comparison import CasePair, Comparison
    from bt_cli.spans.gate import Rule, Verdict

app = command_app()

_GATE = "--fail-on-regression"
Only = Literal["regressions", "improvements", "changed"]
BaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="BASE", help="A project, an experiment, a file, or - for stdin.", autocompletion=completion.refs
    ),
]
OthersArgument = Annotated[
    list[str],
    typer.Argument(metavar="OTHER…", help="What to compare with it.", autocompletion=completion.refs),
]
GateOption = Annotated[
    list[str] | None,
    typer.Option(
        _GATE,
        metavar="[NAME[=DELTA]]",
        help="Exit 4 if a score fell (repeat).",
        rich_help_panel="Gate",
    ),
]


class _Gated(Command):
    """Lets ``--fail-on-regression`` stand alone: at the end, or with another option behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses with an empty value where none is given."""
        following = [*args[1:], "-"]
        whole = [
            f"{one}=" if one == _GATE and behind.startswith("-") else one
            for one, behind in zip(args, following, strict=True)
        ]
        return super().parse_args(ctx, whole)


@app.command("compare", cls=_Gated)
def compare(
    ctx: typer.Context,
    base: BaseArgument,
    others: OthersArgument,
    by: Annotated[
        str, typer.Option("--by", metavar="input|id|metadata.PATH", help="What makes two traces one case.")
    ] = "input",
    per_case: Annotated[bool, typer.Option("--per-case", help="Also each case.", rich_help_panel=PANEL)] = False,
    only: Annotated[
        Only | None, typer.Option("--only", help="Only the cases that moved so.", rich_help_panel=PANEL)
    ] = None,
    markdown: MarkdownOption = False,
    ascii: AsciiOption = False,
    gate: GateOption = None,
    trace_id: given.TraceOption = None,
    since: given.SinceOption = None,
    until: given.UntilOption = None,
    window: given.WindowOption = None,
    name: given.NameOption = None,
    type: given.TypeOption = None,
    error: given.ErrorOption = None,
) -> int:
    """Compare runs case by case: scores, latency, tokens and cost.

    Examples:
      bt compare main run.jsonl --fail-on-regression
      bt compare nightly-1 nightly-2 --only regressions --markdown

    A case is all traces whose roots have the same input (any JSON, key order
    aside), id, or value at a path; several traces of a case on one side are
    trials, and their means are compared. Means are over the cases that have a
    value on both sides. The interval is a paired bootstrap: 2,000 resamples,
    the same each run. --only looks at scores, and at latency, tokens and cost
    where there are none.

    --fail-on-regression without a name (at the end) is for every score of BASE. A mean that
    falls by more than DELTA (default 0) fails, whether or not that is noise:
    DELTA is the noise to allow, in the measure's unit or as a share of BASE
    (latency=10%). latency, tokens and cost fail when they rise.

    Exit codes:
      0  done · 2  usage, or no such project, experiment or trace
      3  some records of a FILE could not be read, or no case to judge by
      4  a regression · 5  a FILE cannot be used · 8  store
      130, 143  interrupted or terminated · 141  the reader went away
    """
    session = session_of(ctx)
    if markdown and session.options.json:
        raise UsageError("--markdown and --json are two forms of one answer", hint="give one of them")
    if [base, *others].count("-") > 1:
        raise UsageError("- is standard input, which can be read once", hint="name a file for one of them")
    flags = given.FilterFlags(since, until, window, name, type, error, trace_id)
    plan = _Plan(
        names=(base, *others),
        by=_path(by),
        wanted=flags.to_filter(time.time()),
        rules=tuple(_rule(one) for one in gate or ()),
        per_case=per_case or only is not None,
        only=only,
        markdown=markdown,
        ascii=ascii,
    )
    return _run(session, plan)


class _Plan(Struct, frozen=True):
    names: tuple[str, ...]
    by: str
    wanted: SpanFilter
    rules: tuple[Rule, ...]
    per_case: bool
    only: Only | None
    markdown: bool
    ascii: bool


class _Found(Struct, frozen=True):
    """One comparison, the cases to tell, if any, and what the gates say of it."""

    comparison: Comparison
    cases: list[CasePair] | None
    verdicts: list[Verdict]


def _path(by: str) -> str:
    from bt_cli.spans.paths import Path

    try:
        return Path(by).written
    except ValueError:
        raise UsageError(f"--by {by}: not a path", hint="input, id, metadata.case …") from None


def _rule(written: str) -> Rule:
    from bt_cli.spans.gate import Rule

    try:
        return Rule.parse(written)
    except ValueError:
        raise UsageError(
            f"--fail-on-regression {written}: not NAME or NAME=DELTA", hint="--fail-on-regression Factuality=0.02"
        ) from None


def _run(session: Session, plan: _Plan) -> int:
    from bt_cli.pipeline.compare import compare_sides
    from bt_cli.spans.comparison import cases_of
    from bt_cli.spans.gate import judge

    sides, read_codes = _sides(session, plan)
    found = []
    for other in sides[1:]:
        compared = compare_sides(sides[0], other, plan.by)
        cases = cases_of(sides[0], other, plan.only) if plan.per_case else None
        found.append(_Found(compared, cases, judge(compared, plan.rules)))
    code = first_of(*read_codes, *(_gate_code(verdict) for one in found for verdict in one.verdicts))
    _print(session, found, plan, code)
    _warn(session, found)
    return code


def _sides(session: Session, plan: _Plan) -> tuple[list[Side], list[int]]:
    """Each side read, and the exit codes that reading came to."""
    sides, codes = [], []
    with stopping() as stop:
        for name in plan.names:
            side, code = _side(session, plan, name, stop)
            sides.append(side)
            codes.append(code)
    return sides, codes


def _side(session: Session, plan: _Plan, name: str, stop: StopFlag) -> tuple[Side, int]:
    from bt_cli.pipeline.compare import Question, Source, read_side
    from bt_cli.stores.base import ReadStats

    stats = ReadStats()
    with subject(session, name, stop) as found, session.meter() as meter:
        source = Source(found.store, found.container, found.name)
        side = read_side(source, plan.wanted, Question(plan.by, plan.per_case), stats, meter, stop)
        if stop():
            raise Interrupted(stop())
        if stats.timeless:
            left_out = f"{visible(found.name)}: {count(stats.timeless, 'trace')} without a time left out"
            session.console.warn(f"{left_out}: no filter by time matches.")
        return side, found.exit_code


def _gate_code(verdict: Verdict) -> int:
    return {"passed": 0, "failed": 4, "unknown": 3}[verdict.state]


def _print(session: Session, found: Sequence[_Found], plan: _Plan, code: int) -> None:
    console = session.console
    if console.json:
        console.emit_json(_object(found, code))
        return
    style = style_of(console, plan.ascii, plan.markdown)
    if not plan.markdown and not console.out_is_terminal:
        from bt_cli.render.compare_json import case_table, measure_table

        if plan.per_case:
            console.table(*case_table([(one.comparison, one.cases or []) for one in found], style.shown))
        else:
            console.table(*measure_table([one.comparison for one in found], style.shown))
        return
    from bt_cli.render.compare_text import comparison_markdown, comparison_text

    draw = comparison_markdown if plan.markdown else comparison_text
    console.emit_text("\n".join(draw(one.comparison, one.cases, style) for one in found))


def _object(found: Sequence[_Found], code: int) -> dict[str, object]:
    from bt_cli.render.compare_json import comparison_dict

    items = [comparison_dict(one.comparison, one.cases, one.verdicts) for one in found]
    return {
        "schema": "bt/compare/1",
        "ok": code == 0,
        "exit_code": code,
        "comparisons": {"items": items, "truncated": False, "next_cursor": None},
    }


def _warn(session: Session, found: Sequence[_Found]) -> None:
    from bt_cli.render.measures import amount

    console = session.console
    for one in found:
        compared = one.comparison
        if not compared.matched:
            pair = f"{visible(compared.base)} and {visible(compared.other)}"
            console.warn(f"No case matches by {visible(compared.by)}: {pair} have none in common.")
        kinds = {measure.name: measure.kind for measure in compared.measures}
        for verdict in one.verdicts:
            name = f"{visible(compared.other)}: {visible(verdict.measure)}"
            if verdict.state == "unknown":
                console.warn(f"{name} can't be judged: no case has it on both sides.")
            elif verdict.state == "failed":
                kind = kinds.get(verdict.measure, "score")
                by, allowed = amount(kind, verdict.worse_by), amount(kind, verdict.allowed)
                console.warn(f"{name} is worse by {by}, and {allowed} is allowed.")
