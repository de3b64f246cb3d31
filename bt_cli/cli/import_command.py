"""The command class of `bt import`, which has the options of scoring only where somebody asks for them.

`bt import` is called in loops, mostly without them, and three dozen options take time to make.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bt_cli.cli.commands import Command


class ImportCommand(Command):
    """Makes the options of scoring for help, completion, and an option that it does not know by itself."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses, with the options of scoring where they may be meant."""
        if ctx.resilient_parsing or not self._knows(args):
            from bt_cli.cli.optional_values import with_values
            from bt_cli.cli.score_options import MARKDOWN, score_options

            self.params = [*self.params, *score_options()]
            args = with_values(args, MARKDOWN)
        return super().parse_args(ctx, args)

    def _knows(self, args: Sequence[str]) -> bool:
        known = {name for param in self.params for name in (*param.opts, *param.secondary_opts)}
        options = args[: args.index("--")] if "--" in args else args
        return all(one.partition("=")[0] in known for one in options if one.startswith("-") and one != "-")
