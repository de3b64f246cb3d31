"""The program that a command line is given to: its commands, and how each ending is told."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EDQUOT, EFBIG, ENOSPC
from signal import SIGINT
from typing import Any, cast

import typer
import typer.main

from bt_cli.cli.commands import Program
from bt_cli.cli.session import Session, session_of
from bt_cli.errors import BtError, Interrupted, StoreError, UsageError

SHORT_HELP = """\
bt keeps spans of LLM applications: it imports traces, stores them as linked spans, gives them back.

  python app.py | bt import -p support       store the traces that a program prints
  bt export -p support --to tree             give them back, one tree a line
  bt convert traces.jsonl | jq .             the same conversion as a filter, nothing stored

All commands: bt --help    A command: bt import --help    Formats, filters, exit codes: bt help
"""

app = typer.Typer(
    name="bt",
    cls=Program,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)


@app.callback()
def program(ctx: typer.Context) -> None:
    """Import, keep, convert and export traces of LLM applications as linked spans.

    Examples:
      python app.py | bt import -p support
      bt export -p support --to tree

    Exit codes: 0 done · 2 usage · 3 some records rejected · 5 input unusable · 8 store
      All of them: bt help exit-codes
    """
    if ctx.invoked_subcommand is None:
        session_of(ctx).console.emit_text(SHORT_HELP)


def execute(arguments: Sequence[str], name: str) -> int:
    """Runs one command line; its exit code. Every error has been told when it returns.

    Lets BrokenPipeError pass: nobody is left to tell.
    """
    session = Session()
    try:
        return cast(Program, typer.main.get_command(app)).dispatch(arguments, name, session)
    except BrokenPipeError:
        raise
    except Exception as error:
        told = _as_told(error)
        _early_options(session, arguments)
        session.console.error(told)
        if session.options.debug:
            _print_traceback()
        return told.exit_code
    except KeyboardInterrupt as ending:
        told = Interrupted(*ending.args or (SIGINT,))
        session.console.error(told)
        return told.exit_code


def _as_told(error: Exception) -> BtError:
    """The error as one of ours, with a sentence and an exit code."""
    if isinstance(error, BtError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage_error(error)
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT, EFBIG):
        return StoreError(f"cannot write: {error.strerror}", hint="make room and run it again", code="disk_full")
    return BtError(
        f"this is a bug in bt: {type(error).__name__}: {error}",
        hint="run it again with --debug and report the traceback",
        code="bug",
    )


def _usage_error(error: Any) -> UsageError:
    """The parser's complaint in our shape; it knows the command whose help to read."""
    path = error.ctx.command_path if getattr(error, "ctx", None) else "bt"
    close = getattr(error, "possibilities", None)
    hint = f"did you mean {close[0]}?" if close else f"see: {path} --help"
    return UsageError(error.message if close else error.format_message().rstrip("."), hint=hint)


def _early_options(session: Session, arguments: Sequence[str]) -> None:
    """Honours what decides how an error is told, even where the parser failed before it came that far."""
    options = list(arguments)
    options = options[: options.index("--")] if "--" in options else options
    session.options.json = session.options.json or "--json" in options
    session.options.debug = session.options.debug or "--debug" in options
    session.console.json = session.options.json


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()
