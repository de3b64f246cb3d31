"""``--fail-on-regression``: an option whose value may be left away."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bt_cli.cli.filter_options import FilteringCommand
from bt_cli.cli.optional_values import with_values

_GATE = "--fail-on-regression"

GateOption = Annotated[
    list[str] | None,
    typer.Option(
        _GATE,
        metavar="[NAME[=DELTA]]",
        help="Exit 4 if a score fell (repeat).",
        rich_help_panel="Gate",
    ),
]


class Gated(FilteringCommand):
    """Lets ``--fail-on-regression`` stand alone: at the end, or with another option behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses with an empty value where none is given."""
        return super().parse_args(ctx, with_values(args, _GATE))
