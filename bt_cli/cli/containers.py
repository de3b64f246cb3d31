"""What `bt projects` and `bt experiments` share: how containers are told, and how they are deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli.drawing import print_table
from bt_cli.cli.session import Session
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.stores.base import ContainerInfo


YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def info_dict(info: ContainerInfo) -> dict[str, object]:
    """A container as JSON."""
    return {
        "ref": info.container.ref,
        "project": info.container.project,
        "experiment": info.container.experiment,
        "id": info.id,
        "traces": info.traces,
        "spans": info.spans,
        "created": info.created,
    }


def stored(session: Session) -> list[ContainerInfo]:
    """Every container of the store."""
    with session.opened("read") as store:
        return store.containers()


def print_list(session: Session, items: Sequence[dict[str, object]], columns: Sequence[str]) -> None:
    """A list as a table, or as one object."""
    if session.console.json:
        session.console.emit_json({"items": list(items), "truncated": False, "next_cursor": None})
    else:
        print_table(session.console, columns, ([item[column] for column in columns] for item in items))


def print_one(session: Session, schema: str, content: dict[str, object]) -> None:
    """One thing as a table of its fields, or as one object."""
    if session.console.json:
        session.console.emit_json({"schema": schema, "ok": True, "exit_code": 0, **content})
    else:
        print_table(session.console, ("field", "value"), [(name, _in_words(value)) for name, value in content.items()])


def _in_words(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def total(counts: Iterable[int | None]) -> int | None:
    """The sum of some counts; None where one of them is not known."""
    found = list(counts)
    return None if None in found else sum(one or 0 for one in found)


def _inside(infos: Sequence[ContainerInfo]) -> str:
    traces, spans = total(one.traces for one in infos), total(one.spans for one in infos)
    return "all its traces" if traces is None or spans is None else f"{count(traces, 'trace')}, {count(spans, 'span')}"


def delete(session: Session, what: str, infos: Sequence[ContainerInfo], yes: bool) -> int:
    """Deletes containers after showing what is in them and asking; the exit code.

    Raises UsageError where nobody can be asked and ``--yes`` was not given.
    """
    inside = _inside(infos)
    shown = visible(what)
    if not yes:
        if not session.console.can_ask:
            raise UsageError(f"{shown} has {inside}; deleting is for good", hint="add --yes")
        if not session.console.confirm(f"Delete {shown} with {inside} from {visible(session.store_shown)}?"):
            session.console.note("Nothing was deleted.")
            return 0
    with session.opened("write") as store:
        spans = sum(store.delete(one.container) for one in infos)
    deleted = {"containers": [one.container.ref for one in infos], "spans": spans}
    if session.console.json:
        session.console.emit_json({"schema": "bt/delete/1", "ok": True, "exit_code": 0, "deleted": deleted})
    session.console.note(f"Deleted {shown}: {inside}.")
    return 0
