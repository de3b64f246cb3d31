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
from bt_cli.cli.subject import Subject, subject
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError

if TYPE_CHECKING:
    from bt_cli.spans.container import Container
    from bt_cli.spans.row import Row
    from bt_cli.stores.base import Fields, Found, Store

Kind = Literal["trace", "span"]

WhatArgument = Annotated[str | None, ref_argument("[REF|FILE|-]", "Where to look; left away, the whole store.")]
IdArgument = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="The id; 4 characters do. A file needs none.", show_default=False)
]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", metavar="N", min=40, help="Columns (default: the terminal's).", rich_help_panel=PANEL),
]
MaxCharsOption = Annotated[
    int | None,
    typer.Option(
        "--max-chars", metavar="N", min=200, help="Cut to N characters, and say how much.", rich_help_panel=PANEL
    ),
]


class Meant(NamedTuple):
    """The rows of a trace, or the one of a span (none in an empty file), and the exit code so far.

    ``file`` is the path of what was not imported. ``store`` is where they are, open while they are shown.
    """

    container: Container
    rows: list[Row]
    exit_code: int
    file: str | None
    store: Store


@contextmanager
def meant(
    session: Session,
    what: str | None,
    wanted: str | None,
    kind: Kind,
    stop: Callable[[], int],
    fields: Fields = None,
) -> Iterator[Meant]:
    """The trace or span that the arguments name: an id, or a REF or file and an id in it.

    Without an id a file gives its first trace. Of the rows of a trace only ``fields`` are read. Raises
    NotFoundError, UsageError for an ambiguous id.
    """
    if what is None:
        raise UsageError(f"name a {kind} by its id, or a file", hint="bt view logs lists traces")
    if wanted is None and not is_file(what):
        with session.opened("read", stop) as store:
            yield _anywhere(session, store, what, kind, fields)
        return
    with subject(session, what, stop) as found:
        if wanted is None:
            rows = _first(session, found, kind, fields)
        else:
            rows = _rows(found.store, _find(found, wanted, kind), fields)
        yield Meant(found.container, rows, found.exit_code, found.file, found.store)


def _anywhere(session: Session, store: Store, wanted: str, kind: Kind, fields: Fields) -> Meant:
    """What an id means in the container that was named on the command line; else in all."""
    from bt_cli.pipeline.viewing import find_one

    container = None
    if session.options.project or session.options.experiment:
        container = existing(session.container, [info.container for info in store.containers()])
    one = find_one(store, wanted, kind, container, container.ref if container else "")
    return Meant(one.container, _rows(store, one, fields), 0, None, store)


def _find(found: Subject, wanted: str, kind: Kind) -> Found:
    """What an id means in a file or container."""
    from bt_cli.pipeline.viewing import find_one

    return find_one(found.store, wanted, kind, found.container, found.name if found.file else found.container.ref)


def _rows(store: Store, one: Found, fields: Fields) -> list[Row]:
    from bt_cli.pipeline.viewing import row_of, rows_of_trace

    return rows_of_trace(store, one.container, one.trace, fields) if one.id is None else row_of(store, one)


def _first(session: Session, found: Subject, kind: Kind, fields: Fields) -> list[Row]:
    from bt_cli.pipeline.viewing import first_rows

    traces = sum(info.traces or 0 for info in found.store.containers())
    if traces > 1:
        lists = "" if found.file == "-" else f"; bt view logs {visible(found.name)} lists them"
        session.console.note(f"The first of {traces:,} traces. Add the id of another to see it{lists}.")
    return first_rows(found.store, found.container, kind, fields) if traces else []
