"""``bt help``: texts about what no single command explains."""

from __future__ import annotations

from typing import Annotated

import typer

from bt_cli.cli import completion
from bt_cli.cli.commands import COMMANDS, Command, command_app
from bt_cli.cli.refs import nearest_hint
from bt_cli.cli.session import session_of
from bt_cli.cli.topics import TOPICS, read_topic
from bt_cli.errors import NotFoundError

app = command_app()


@app.command("help", cls=Command)
def help_(
    ctx: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", autocompletion=completion.topics),
    ] = None,
) -> int:
    """Explain a topic: formats, ids, exit-codes, environment, filters, scoring, gates, sql, stores, tracing.

    Examples:
      bt help formats
      bt help exit-codes

    Exit codes:
      0  done · 2  no such topic
    """
    console = session_of(ctx).console
    if topic is None:
        console.emit_text(f"Topics: {', '.join(TOPICS)}\nRead one: bt help formats\nCommands: bt --help\n")
    elif topic in TOPICS:
        console.emit_text(read_topic(topic))
    elif topic in COMMANDS:
        console.emit_text(_command_help(ctx, topic))
    else:
        hint = nearest_hint(topic, [*TOPICS, *COMMANDS])
        raise NotFoundError(f"there is no topic {topic!r}", hint=hint)
    return 0


def _command_help(ctx: typer.Context, name: str) -> str:
    """The help of another command, as ``bt NAME --help`` prints it."""
    root = ctx.find_root()
    command = root.command.get_command(root, name)  # type: ignore[attr-defined]  # the root is always a group
    with command.make_context(name, [], parent=root, resilient_parsing=True) as inner:
        return f"{inner.get_help()}\n"
