"""``bt sql``: questions to a store, or to files, in SQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import Struct

from bt_cli.cli import output
from bt_cli.cli.answers import AnswerFormat, formatted, json_object
from bt_cli.cli.commands import Command, command_app
from bt_cli.cli.console import Console, blocks
from bt_cli.cli.drawing import table_look
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.findings import finding_dict
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.sql_source import Asked, asked, query_text
from bt_cli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from bt_cli.stores.base import Answer

WHAT = "What to ask"

app = command_app()


@app.command("sql", cls=Command)
def sql(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Argument(metavar="[QUERY]", help="One SELECT; stdin when piped.", show_default=False)
    ] = None,
    query_file: Annotated[
        str | None, typer.Option("-f", "--query-file", metavar="FILE", help="Read the query.", rich_help_panel=WHAT)
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file", metavar="FILE|-", help="Ask traces that are not imported (repeat).", rich_help_panel=WHAT
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the views, for the sqlite3 program too.", rich_help_panel=WHAT)
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=0, help="At most N rows.", rich_help_panel=WHAT)
    ] = None,
    format: Annotated[
        AnswerFormat | None,
        typer.Option("--format", help="Default: table on a terminal, else tsv.", rich_help_panel=output.PANEL),
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="Boxed.", rich_help_panel=output.PANEL)] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="An object a line.", rich_help_panel=output.PANEL)] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated.", rich_help_panel=output.PANEL)] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="For a pull request.", rich_help_panel=output.PANEL)
    ] = False,
    out: output.OutOption = None,
    force: output.ForceOption = False,
    compress: output.CompressOption = None,
) -> int:
    """Ask in SQL, over the views spans, traces and scores (bt help sql). Nothing can be changed.

    Examples:
      bt sql 'select model, sum(tokens) from spans group by 1'
      bt sql --file run.jsonl "select name, duration from traces order by 2 desc" --json

    Exit codes:
      0  done · 2  usage, SQL that does not work or would write, or no such project
      3, 5  records of --file rejected, all of them · 8  store
      130, 143  interrupted or terminated · 141  the reader went away
    """
    session = session_of(ctx)
    if schema:
        return _print_schema(session.console)
    flags = {"table": table, "jsonl": jsonl, "csv": csv, "markdown": markdown, "json": session.console.json}
    plan = _Plan(
        form=_one_format(format, [name for name, on in flags.items() if on]),
        files=tuple(file or ()),
        limit=limit,
        target=output.Target(out, force, compress, _inputs(session, query, query_file, file or [])),
    )
    if query is None and query_file is None and sys.stdin is not None and sys.stdin.isatty():
        typer.echo(ctx.get_help(), err=True)
        return UsageError.exit_code
    return _run(session, query_text(query, query_file, plan.files), plan)


class _Plan(Struct, frozen=True):
    form: AnswerFormat | None
    files: tuple[str, ...]
    limit: int | None
    target: output.Target


class _Cut:
    """The rows of an answer up to a limit; ``truncated`` once there would have been more."""

    def __init__(self, answer: Answer, limit: int | None) -> None:
        self.answer, self.limit, self.truncated = answer, limit, False
        self.signal = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        try:
            for number, row in enumerate(self.answer):
                if number == self.limit:
                    self.truncated = True
                    return
                yield row
        except Interrupted as interruption:  # what was begun is ended, as JSON must be
            self.truncated, self.signal = True, interruption.exit_code


def _inputs(session: Session, query: str | None, query_file: str | None, files: list[str]) -> list[str]:
    """The files that are read, which ``-o`` must not be."""
    asked_at = [] if query is not None else [query_file or "-"]
    store = [] if files or session.settings.path is None else [str(session.settings.path)]
    return [*files, *asked_at, *store]


def _one_format(named: AnswerFormat | None, flags: list[str]) -> AnswerFormat | None:
    chosen = list(dict.fromkeys([*([named] if named else []), *flags]))
    if len(chosen) > 1:
        raise UsageError(f"one format, not {' and '.join(chosen)}", hint="give one of --format, --json, --csv …")
    return chosen[0] if chosen else None  # type: ignore[return-value]  # the flags are named as formats


def _run(session: Session, statement: str, plan: _Plan) -> int:
    with stopping() as stop:
        try:
            with asked(session, statement, plan.files, stop) as what:
                if stop():
                    return stop.exit_code
                with closing(what.answer(stop)) as answer:
                    return _write(session.console, answer, plan, what)
        except Interrupted as interruption:  # nothing was shown yet, and whoever did it knows
            return interruption.exit_code


def _write(console: Console, answer: Answer, plan: _Plan, what: Asked) -> int:
    on_terminal = plan.target.on_stdout and console.out_is_terminal
    form = plan.form or ("table" if on_terminal else "tsv")
    rows = _Cut(answer, plan.limit)
    look = table_look(console, on_terminal, safe=form in ("table", "markdown"))
    parts = formatted(form, answer.columns, rows, look, on_terminal)
    if form == "json":
        parts = json_object(answer.columns, parts, lambda: _ending(rows, what))
    with plan.target.opened(console) as out:
        for block in blocks(parts):
            out.write(block)
        if rows.signal and not plan.target.on_stdout:
            raise Interrupted(rows.signal - 128)  # before an incomplete file gets its name
    if rows.truncated and not rows.signal:
        console.warn(f"Cut at --limit {plan.limit}: there is more.")
    return first_of(what.exit_code, rows.signal)


def _ending(rows: _Cut, what: Asked) -> dict[str, object]:
    code = first_of(what.exit_code, rows.signal)
    ending: dict[str, object] = {"truncated": rows.truncated, "next_cursor": None, "ok": code == 0, "exit_code": code}
    if what.reports:
        records = sum(one.records_in for one in what.reports)
        rejected = sum(one.records.rejected for one in what.reports)
        findings = [finding_dict(finding) for one in what.reports for finding in one.findings]
        ending |= {"input": {"records": records, "rejected": rejected}, "findings": findings}
    return ending


def _print_schema(console: Console) -> int:
    """The statements that make the views; they need no store."""
    from bt_cli.stores.sqlite.views import COLUMNS, create_statements

    statements = dict(zip(COLUMNS, create_statements(), strict=True))
    if console.json:
        views = [{"name": name, "columns": list(COLUMNS[name]), "sql": sql} for name, sql in statements.items()]
        console.emit_json({"schema": "bt/sql-views/1", "views": views})
    else:
        console.emit_text("".join(f"{one};\n" for one in statements.values()))
    return 0
