"""``bt store``: info, verify, vacuum, backup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from bt_cli.cli.commands import Command, nested
from bt_cli.cli.containers import print_one
from bt_cli.cli.progress import Meter
from bt_cli.cli.session import Session, session_of
from bt_cli.errors import StoreError, UsageError
from bt_cli.render.amounts import count, size

app = nested("""Look at, check, shrink and back up a store.

Examples:
  bt store info
  bt store backup /backup/spans.db

Exit codes: 0 done, or sound · 2 usage, or no such store · 8 store: corrupt, locked, disk full""")


@app.command("info", cls=Command)
def info(ctx: typer.Context) -> int:
    """Show a store's size, schema and counts; of one behind an API, what it is.

    Example:
      bt store info --json
    """
    session = session_of(ctx)
    if session.settings.kind == "braintrust":
        from bt_cli.stores.braintrust.about import store_info as info_of

        content = info_of(session.settings.store)
    else:
        from bt_cli.stores.sqlite.maintenance import store_info

        content = store_info(_url(session))
    print_one(session, "bt/store-info/1", content)
    return 0


@app.command("verify", cls=Command)
def verify(ctx: typer.Context) -> int:
    """Check that a store is sound; exit 8 if it is not.

    Example:
      bt store verify
    """
    from bt_cli.stores.sqlite import maintenance

    session = session_of(ctx)
    problems = maintenance.verify(_url(session))
    code = StoreError.exit_code if problems else 0
    if session.console.json:
        session.console.emit_json(
            {"schema": "bt/store-verify/1", "ok": not problems, "exit_code": code, "problems": problems}
        )
    for problem in problems:
        session.console.warn(problem)
    told = f"{count(len(problems), 'problem')} in" if problems else "Sound:"
    session.console.note(f"{told} {session.store_shown}")
    return code


@app.command("vacuum", cls=Command)
def vacuum(ctx: typer.Context) -> int:
    """Give the room of deleted spans back to the disk.

    Example:
      bt store vacuum
    """
    from bt_cli.stores.sqlite import maintenance

    session = session_of(ctx)
    before, after = maintenance.vacuum(_url(session))
    if session.console.json:
        print_one(session, "bt/store-vacuum/1", {"bytes_before": before, "bytes_after": after})
    session.console.note(f"{size(before)} → {size(after)}: {session.store_shown}")
    return 0


@app.command("backup", cls=Command)
def backup(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="FILE", help="Where the copy goes; a new file.")],
) -> int:
    """Copy a store, also while others write to it.

    Example:
      bt store backup /backup/spans.db
    """
    from bt_cli.stores.sqlite import maintenance

    session = session_of(ctx)
    url = _url(session)
    with session.meter() as meter:
        copied = maintenance.backup(url, target, _copied(session, meter))
    if session.console.json:
        print_one(session, "bt/store-backup/1", {"path": target, "bytes": copied})
    session.console.note(f"{size(copied)} → {target}")
    return 0


def _url(session: Session) -> str:
    """The store's URL, if it is a SQLite file; raises UsageError for any other."""
    if session.settings.path is None:
        raise UsageError(f"{session.settings.store} is no SQLite file, and bt store works on those")
    return session.settings.store


def _copied(session: Session, meter: Meter) -> Callable[[int, int], None]:
    """What `maintenance.backup` calls with pages left and in all, shown as bytes."""
    from bt_cli.pipeline.progress import Progress

    whole = session.settings.path.stat().st_size if session.settings.path and session.settings.path.is_file() else 0

    def show(left: int, pages: int) -> None:
        meter(Progress(bytes_read=whole * (pages - left) // max(pages, 1), bytes_total=whole))

    return show
