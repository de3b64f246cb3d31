"""``bt compare``: two or more runs, per score and per case."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec import Struct

from bt_cli.cli.commands import command_app
from bt_cli.cli.compare_output import Found, print_found, warn_of
from bt_cli.cli.drawing import PANEL, AsciiOption, MarkdownOption, check_form
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.filter_options import wanted_traces
from bt_cli.cli.gate_options import GATE, Gated, GateOption, MaxMissingOption
from bt_cli.cli.left_out import warn_left_out
from bt_cli.cli.ref_arguments import ref_argument
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import StopFlag, stopping
from bt_cli.cli.subject import subject
from bt_cli.cli.value_paths import value_path
from bt_cli.cli.visible import visible
from bt_cli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from bt_cli.pipeline.options import ErrorLimit
    from bt_cli.query.filters import SpanFilter
    from bt_cli.spans.cases import Side
    from bt_cli.spans.gate import Rule, Verdict

app = command_app()

Only = Literal["regressions", "improvements", "changed"]
BaseArgument = Annotated[str, ref_argument("BASE", "A project, an experiment, a file, or - for stdin.")]
OthersArgument = Annotated[list[str], ref_argument("OTHER…", "What to compare with it.")]


@app.command("compare", cls=Gated)
def compare(
    ctx: typer.Context,
    base: BaseArgument,
    others: OthersArgument,
    by: Annotated[
        str, typer.Option("--by", metavar="input|id|metadata.PATH", help="What makes two traces one case; any field.")
    ] = "input",
    per_case: Annotated[
        bool, typer.Option("--per-case", help="Also each case, and what one side lacks.", rich_help_panel=PANEL)
    ] = False,
    only: Annotated[
        Only | None, typer.Option("--only", help="Only the cases that moved so.", rich_help_panel=PANEL)
    ] = None,
    markdown: MarkdownOption = False,
    ascii: AsciiOption = False,
    gate: GateOption = None,
    max_missing: MaxMissingOption = None,
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

    --fail-on-regression without a name (at the end, before an option or a
    file) is for every score of BASE. A mean that falls by more than DELTA
    (default 0) fails, whether or not that is noise: DELTA is the noise to
    allow, in the measure's unit or as a share of BASE (latency=10%). latency,
    tokens and cost fail when they rise. Where OTHER lacks cases of BASE, or
    their values, there is no verdict; --max-missing 5 or 2% allows some.
    Cases that only OTHER has are new ones and no fault.

    Exit codes:
      0  done, every gate passed · 2  usage, or no such project, experiment or trace
      3  some records of a FILE could not be read; or too little to judge by
      4  a regression · 5  a FILE cannot be used · 8  store
      130, 143  interrupted or terminated · 141  the reader went away
    """
    session = session_of(ctx)
    check_form(session.console, markdown)
    if [base, *others].count("-") > 1:
        raise UsageError("- is standard input, which can be read once", hint="name a file for one of them")
    plan = _Plan(
        names=(base, *others),
        by=value_path("--by", by),
        wanted=wanted_traces(session, time.time()),
        rules=tuple(_rule(one) for one in gate or ()),
        limit=_limit(max_missing, bool(gate)),
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
    limit: ErrorLimit
    per_case: bool
    only: Only | None
    markdown: bool
    ascii: bool


def _rule(written: str) -> Rule:
    from bt_cli.spans.gate import Rule

    try:
        return Rule.parse(written)
    except ValueError:
        raise UsageError(
            f"--fail-on-regression {written}: not NAME or NAME=DELTA", hint="--fail-on-regression Factuality=0.02"
        ) from None


def _limit(max_missing: str | None, gated: bool) -> ErrorLimit:
    from bt_cli.pipeline.options import ErrorLimit

    if max_missing is None:
        return ErrorLimit()
    if not gated:
        raise UsageError("--max-missing is for a gate, and there is none", hint=f"add {GATE}")
    return ErrorLimit.parse(max_missing, "--max-missing", "cases")


def _run(session: Session, plan: _Plan) -> int:
    from bt_cli.pipeline.compare import compare_sides
    from bt_cli.spans.gate import judge
    from bt_cli.spans.pairs import cases_of

    sides, read_codes = _sides(session, plan)
    found = []
    for other in sides[1:]:
        compared = compare_sides(sides[0], other, plan.by)
        told = cases_of(sides[0], other, plan.only) if plan.per_case else None
        found.append(Found(compared, told, judge(compared, plan.rules, plan.limit.exceeded)))
    code = first_of(*read_codes, *(_gate_code(verdict) for one in found for verdict in one.verdicts))
    print_found(session.console, found, code, plan.markdown, plan.ascii)
    warn_of(session.console, found)
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
        warn_left_out(session.console, plan.wanted, stats.timeless, stats.truncated, visible(found.name))
        return side, found.exit_code


def _gate_code(verdict: Verdict) -> int:
    return {"passed": 0, "failed": 4, "unknown": 3, "incomplete": 3}[verdict.state]
