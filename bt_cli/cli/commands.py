"""The table of commands, and the group that imports only the one it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from bt_cli.cli.global_options import global_options
from bt_cli.cli.help_layout import write_command_help, write_group_help
from bt_cli.cli.session import Session
from bt_cli.errors import UsageError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "import": ("import_", "Read traces, convert them and store them."),
    "convert": ("convert", "The same conversion as a filter, without a store."),
    "score": ("score", "Run scorers over traces; gates for CI."),
    "export": ("export", "Write stored spans as rows or trees."),
    "view": ("view", "Look at traces: logs, trace, span, thread."),
    "summary": ("summary", "A project, experiment or file in numbers."),
    "compare": ("compare", "Two or more runs, per score and per case."),
    "sql": ("sql", "Ask the store, or files, in SQL."),
    "projects": ("projects", "List, view and delete projects."),
    "experiments": ("experiments", "List, view and delete experiments."),
    "serve": ("serve", "Braintrust's API over a store, for any SDK."),
    "store": ("store", "Look at, check, shrink and back up a store."),
    "status": ("status", "What applies here: store, project, and where each comes from."),
    "help": ("help", "Explain a topic."),
}
"""Name → module below `bt_cli.cli` (which has an ``app``) and summary; help reads it without importing."""


class Command(TyperCommand):
    """A command with the global options, and help in this program's layout."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.params = [*self.params, *global_options()]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes purpose, usage, examples, options and exit codes."""
        write_command_help(self, ctx, formatter)


class Group(TyperGroup):
    """Commands below a command (`bt projects list`), or the whole program."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.params = [*self.params, *global_options()]

    def summaries(self) -> list[tuple[str, str]]:
        """Names and one-line summaries of the commands."""
        return [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes purpose, usage, examples, commands, options and exit codes."""
        write_group_help(self, self.summaries(), ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that ``args`` begin with; raises UsageError with the nearest name."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            raise UsageError(f"{ctx.command_path} has no command {name!r}", hint=self._nearest(ctx, name))
        return name, command, args[1:]

    def _nearest(self, ctx: Any, name: str) -> str:
        from difflib import get_close_matches

        names = self.list_commands(ctx)
        close = get_close_matches(name, names, n=1)
        return f"did you mean {close[0]!r}?" if close else f"commands: {', '.join(names)}"


class Program(Group):
    """The whole program: its commands are imported when called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command's name."""
        return list(COMMANDS)

    def summaries(self) -> list[tuple[str, str]]:
        """Names and summaries, without importing a command."""
        return [(name, summary) for name, (_, summary) in COMMANDS.items()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        app: typer.Typer = import_module(f"bt_cli.cli.{COMMANDS[cmd_name][0]}").app
        command = typer.main.get_command(app)
        command.name, command.short_help = cmd_name, COMMANDS[cmd_name][1]
        return command

    def dispatch(self, arguments: Sequence[str], name: str, session: Session) -> int:
        """Runs a command line; the command's exit code. Unlike `main`, it leaves every error to the caller."""
        self._main_shell_completion({"obj": session}, name)
        try:
            with self.make_context(name, list(arguments), obj=session) as ctx:
                code = self.invoke(ctx)
        except typer.Exit as ending:
            code = ending.exit_code
        return code if isinstance(code, int) else 0


def command_app() -> typer.Typer:
    """An app for the one command of a file; the command is declared with ``cls=Command``."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def nested(help: str) -> typer.Typer:
    """An app of several commands; called without one, it says which there are."""
    app = typer.Typer(
        cls=Group,
        help=help,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
    )

    @app.callback()
    def need_command(ctx: typer.Context) -> None:
        if ctx.invoked_subcommand is None and isinstance(ctx.command, TyperGroup):
            names = ", ".join(ctx.command.list_commands(ctx))
            raise UsageError(f"{ctx.command_path} needs a command: {names}", hint=f"see: {ctx.command_path} --help")

    return app
