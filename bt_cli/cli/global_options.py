"""The options that stand before or after a command.

They are the same parameter objects on the program and on every command, so that the parser itself
accepts them in both places; each writes its value into the session. The later one wins.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any, get_args

import typer
from typer.core import TyperOption

from bt_cli.cli import completion
from bt_cli.cli.progress import Mode
from bt_cli.cli.session import session_of
from bt_cli.cli.shared_option import shared_option

PANEL = "Global options"
_CHOICES = {"progress": get_args(Mode)}


def _remember(ctx: typer.Context, option: TyperOption, value: Any) -> None:
    if value is None or option.name is None or ctx.obj is None:
        return
    choices = _CHOICES.get(option.name)
    if choices and value not in choices:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(choices)}.")
    setattr(session_of(ctx).options, option.name, value)


def _print_version(ctx: typer.Context, _option: TyperOption, value: bool | None) -> None:
    if value and not ctx.resilient_parsing:
        from bt_cli import __version__

        typer.echo(f"bt {__version__}")
        raise typer.Exit


@cache
def global_options() -> list[TyperOption]:
    """The options, made once and shared by every command."""
    valued = partial(shared_option, PANEL, _remember)
    flag = partial(valued, is_flag=True)
    return [
        valued("--project", "-p", metavar="NAME", help="The project.", autocompletion=completion.projects),
        valued("--experiment", metavar="NAME", help="The experiment.", autocompletion=completion.experiments),
        valued("--store", metavar="STORE", help="Where spans live: a file (bt help stores)."),
        flag("--json", help="Answer and errors as one JSON object."),
        flag("--quiet", "-q", help="No talk; errors and lost data are told."),
        flag("--verbose", "-v", help="More talk."),
        flag("--color/--no-color", help="Colours (default: on a terminal)."),
        valued("--progress", metavar="auto|bar|plain|off", help="How to show progress."),
        flag("--no-input", help="Never ask."),
        flag("--debug", help="A traceback for a bug."),
        flag("--version", help="Print the version.", callback=_print_version, is_eager=True),
    ]
