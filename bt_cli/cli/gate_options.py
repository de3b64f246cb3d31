"""``--fail-on-regression``: an option whose value may be left away."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from bt_cli.cli.filter_options import FilteringCommand
from bt_cli.cli.optional_values import is_no_option, with_values
from bt_cli.errors import UsageError

GATE = "--fail-on-regression"
PANEL = "Gate"

GateOption = Annotated[
    list[str] | None,
    typer.Option(GATE, metavar="[NAME[=DELTA]]", help="Exit 4 if a score fell (repeat).", rich_help_panel=PANEL),
]
MaxMissingOption = Annotated[
    str | None,
    typer.Option("--max-missing", metavar="N|P%", help="Cases of BASE that OTHER may lack (0).", rich_help_panel=PANEL),
]


class Gated(FilteringCommand):
    """Lets ``--fail-on-regression`` stand alone: at the end, or with another option or a file behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses with an empty value where none is given. Raises UsageError where a NAME was meant as an argument."""
        whole = with_values(args, GATE, _is_name)
        taken = [behind for one, behind in pairwise(whole) if one == GATE]
        try:
            return super().parse_args(ctx, whole)
        except typer.BadParameter as error:
            missing = error.param if type(error).__name__ == "MissingParameter" else None
            if taken and missing is not None and missing.name in ("base", "others"):
                raise UsageError(
                    f"{missing.human_readable_name} is missing: {taken[0]!r} was taken as the NAME of {GATE}",
                    hint=f"put {GATE} last, or write {GATE}= for every score",
                ) from None
            raise


def _is_name(behind: str) -> bool:
    """Whether what stands behind the option is its value: no other option, and no file that exists."""
    return is_no_option(behind) and not Path(behind).is_file()
