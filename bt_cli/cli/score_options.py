"""The options of scoring, which `bt score` and `bt import` share.

`bt score` has them by being declared with ``cls=ScoreCommand``; for `bt import` see
`bt_cli.cli.import_command`. What was given lies in ``session.scoring``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import typer
from typer.core import TyperOption

from bt_cli.cli import completion
from bt_cli.cli.filter_options import FilteringCommand
from bt_cli.cli.optional_values import with_values
from bt_cli.cli.session import session_of

WHAT, JUDGE, LOAD, COST, CACHE = "What is scored", "Judge", "Load", "Cost", "Cache"
GATES, REPORTS = "Gates", "Reports"

MARKDOWN = "--markdown"
_CHOICES = {
    "reduce": ("mean", "median", "mode", "min", "max"),
    "rescore": ("missing", "changed", "errors", "all"),
    "judge_api": ("chat", "responses"),
    "judge_mode": ("auto", "tool", "json-schema"),
}
_LEAST = {"trials": 1, "concurrency": 1, "sample_seed": None}
"""The least number that an option takes; 0 unless it stands here, None for any."""


class ScoreCommand(FilteringCommand):
    """A command with the options of scoring, before those of its own and the filters."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        arguments = sum(param.param_type_name == "argument" for param in self.params)
        self.params = [*self.params[:arguments], *score_options(), *self.params[arguments:]]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses with an empty value where ``--markdown`` has none."""
        return super().parse_args(ctx, with_values(args, MARKDOWN))


def _remember(ctx: typer.Context, option: TyperOption, value: Any) -> None:
    name = option.name
    if value is None or value is False or value == () or name is None or ctx.obj is None:
        return
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(choices)}.")
    least = _LEAST.get(name, 0)
    if isinstance(value, int | float) and least is not None and not value >= least:
        raise typer.BadParameter(f"{value} is less than {least}.")
    session_of(ctx).scoring[name] = value


def _option(panel: str, *names: str, metavar: str | None = None, help: str, **more: Any) -> TyperOption:
    settings: dict[str, Any] = {"type": str, **more}
    return TyperOption(
        param_decls=list(names),
        metavar=metavar,
        help=help,
        callback=_remember,
        expose_value=False,
        rich_help_panel=panel,
        **settings,
    )


def _flag(panel: str, name: str, help: str) -> TyperOption:
    return _option(panel, name, help=help, type=None, is_flag=True)


@cache
def score_options() -> list[TyperOption]:
    """The options, made once."""
    return [*_what(), *_judge(), *_load_and_cost(), *_cache(), *_gates(), *_reports()]


def _what() -> list[TyperOption]:
    return [
        _option(
            WHAT,
            "--score",
            metavar="SPEC",
            help="Run this scorer (repeat).",
            multiple=True,
            autocompletion=completion.scorers,
        ),
        _option(WHAT, "--score-map", metavar="[SCORER.]FIELD=PATH", help="What a scorer gets (repeat).", multiple=True),
        _option(WHAT, "--on", metavar="root|llm|all|name:REGEX", help="Which spans are cases (root)."),
        _option(WHAT, "--first", metavar="N", help="Only the first N traces.", type=int),
        _option(WHAT, "--sample", metavar="N", help="Only N traces, drawn at random.", type=int),
        _option(WHAT, "--sample-seed", metavar="S", help="Draw others (0).", type=int),
        _option(WHAT, "--trials", metavar="N", help="Score each case N times (1).", type=int),
        _option(WHAT, "--reduce", metavar="mean|median|mode|min|max", help="What trials come to (mean)."),
        _option(WHAT, "--rescore", metavar="missing|changed|errors|all", help="Which results to make anew (missing)."),
    ]


def _judge() -> list[TyperOption]:
    return [
        _option(JUDGE, "--judge-model", metavar="MODEL", help="The model that judges; there is no default."),
        _option(JUDGE, "--judge-embedding-model", metavar="MODEL", help="The model of embeddings."),
        _option(JUDGE, "--judge-base-url", metavar="URL", help="An OpenAI-compatible API (api.openai.com/v1)."),
        _option(JUDGE, "--judge-api", metavar="chat|responses", help="Which endpoint to ask."),
        _option(JUDGE, "--judge-mode", metavar="auto|tool|json-schema", help="How to ask for a choice (auto)."),
        _option(JUDGE, "--judge-timeout", metavar="DURATION", help="How long one call may take (60s)."),
        _option(JUDGE, "--judge-retries", metavar="N", help="How often to repeat a failed call (5).", type=int),
        _option(JUDGE, "--judge-max-wait", metavar="DURATION", help="How long to wait for a busy judge (5m)."),
    ]


def _load_and_cost() -> list[TyperOption]:
    return [
        _option(LOAD, "--concurrency", "-j", metavar="N", help="Calls in flight (16).", type=int),
        _option(LOAD, "--rpm", metavar="N", help="At most N requests a minute.", type=float),
        _option(LOAD, "--tpm", metavar="N", help="At most N tokens a minute.", type=float),
        _option(COST, "--max-cost", metavar="USD", help="Begin no call beyond this cost.", type=float),
        _option(COST, "--max-judge-tokens", metavar="N", help="Begin no call beyond N tokens.", type=int),
        _option(COST, "--prices", metavar="FILE", help="USD per million tokens, by model (JSON)."),
    ]


def _cache() -> list[TyperOption]:
    return [
        _option(CACHE, "--judge-cache", metavar="FILE", help="Keep the judge's replies there."),
        _flag(CACHE, "--no-cache", help="Neither read nor keep replies."),
        _flag(CACHE, "--cache-only", help="Call no judge: a reply that is not kept is an error."),
    ]


def _gates() -> list[TyperOption]:
    return [
        _option(GATES, "--fail-under", metavar="NAME=X", help="Exit 4 if the mean is below X (repeat).", multiple=True),
        _option(
            GATES, "--min-pass", metavar="'NAME>=X:P%'", help="Exit 4 if fewer cases have X (repeat).", multiple=True
        ),
        _option(
            GATES,
            "--baseline",
            metavar="RUN|FILE",
            help="Compare with the scores stored there, by input.",
            autocompletion=completion.refs,
        ),
        _option(GATES, "--max-drop", metavar="NAME=X", help="Exit 4 if the mean fell by more (repeat).", multiple=True),
        _option(GATES, "--max-score-errors", metavar="N|P%", help="Failed cases to accept, each scorer (0)."),
        _option(GATES, "--max-skipped", metavar="N|P%", help="Skipped cases to accept, each scorer (100%)."),
        _flag(GATES, "--report-only", help="Judge the gates, and exit 0 where one failed."),
    ]


def _reports() -> list[TyperOption]:
    return [
        _option(REPORTS, "--jsonl", metavar="FILE", help="Write each result as a line of JSON."),
        _option(REPORTS, "--junit", metavar="FILE", help="Write JUnit XML: a suite a scorer, a case a trace."),
        _option(REPORTS, MARKDOWN, metavar="[FILE]", help="Markdown; a step's summary is appended to."),
    ]
