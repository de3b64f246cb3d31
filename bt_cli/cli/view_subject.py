"""What the commands of `bt view` share: the trace or span that is meant, and how to draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from bt_cli.cli.drawing import PANEL
from bt_cli.cli.ref_arguments import ref_argument
from bt_cli.cli.refs import existing, is_file
from bt_cli.cli.session import Session
from bt_cli.cli.subject import subject
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError

if TYPE_CHECKING:
    from bt_cli.spans.container import Container
    from bt_cli.spans.row import Row
    from bt_cli.stores.base import Store

WhatArgument = Annotated[str | None, ref_argument("[REF|FILE|-]", "Where to look; left away, the whole store.")]
IdArgument = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="The id; 4 characters do. A file needs none.", show_default=False)
]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", metavar="N", min=40, help="Columns (default: the terminal's).", rich_help_panel=PANEL),
]


class Meant(NamedTuple):
    """The rows of a trace (none in an empty file), the row that was asked for, and the exit code so far."""

    container: Container
    rows: list[Row]
    row: Row | None
    exit_code: int


@contextmanager
def meant(
    session: Session, what: str | None, wanted: str | None, kind: Literal["trace", "span"], stop: Callable[[], int]
) -> Iterator[Meant]:
    """The trace or span that the arguments name: an id, or a REF or file and an id in it.

    Without an id a file gives its first trace. Raises NotFoundError, UsageError for an ambiguous id.
    """
    if what is None:
        raise UsageError(f"name a {kind} by its id, or a file", hint="bt view logs lists traces")
    if wanted is None and not is_file(what):
        with session.opened("read") as store:
            yield _found(store, what, kind, _container(session, store), 0)
        return
    with subject(session, what, stop) as found:
        if wanted is not None:
            yield _found(found.store, wanted, kind, found.container, found.exit_code)
        else:
            yield _first(session, found.store, found.container, what, found.exit_code)


def _container(session: Session, store: Store) -> Container | None:
    """The container that was named on the command line; else ids are looked for in all."""
    if not session.options.project and not session.options.experiment:
        return None
    return existing(session.container, [info.container for info in store.containers()])


def _found(store: Store, wanted: str, kind: Literal["trace", "span"], container: Container | None, code: int) -> Meant:
    from bt_cli.pipeline.viewing import find_one, rows_of_trace

    one = find_one(store, wanted, kind, container)
    rows = rows_of_trace(store, one.container, one.trace)
    row = next((row for row in rows if row.id == one.id), None)
    return Meant(one.container, rows, row, code)


def _first(session: Session, store: Store, container: Container, path: str, code: int) -> Meant:
    from bt_cli.pipeline.viewing import first_trace

    traces = sum(info.traces for info in store.containers())
    rows = first_trace(store, container) if traces else []
    if traces > 1:
        lists = "" if path == "-" else f"; bt view logs {visible(path)} lists them"
        session.console.note(f"The first of {traces:,} traces. Add the id of another to see it{lists}.")
    return Meant(container, rows, rows[0] if rows else None, code)
