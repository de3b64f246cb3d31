"""``bt projects``: list, view, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli import completion
from bt_cli.cli.commands import Command, nested
from bt_cli.cli.containers import YesOption, delete, info_dict, print_list, print_one, stored, total
from bt_cli.cli.refs import nearest_hint
from bt_cli.cli.session import session_of
from bt_cli.errors import NotFoundError

if TYPE_CHECKING:
    from bt_cli.stores.base import ContainerInfo

app = nested("""List, view and delete projects.

Examples:
  bt projects list
  bt projects delete old --yes

Exit codes: 0 done · 2 usage, or no such project · 8 store""")

COLUMNS = ("project", "experiments", "traces", "spans", "created")

NameArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help="The project; else -p.", autocompletion=completion.projects)
]


@app.command("list", cls=Command)
def list_(ctx: typer.Context) -> int:
    """List the projects of the store, with what is in them.

    Example:
      bt projects list --json
    """
    session = session_of(ctx)
    infos = stored(session)
    names = dict.fromkeys(info.container.project for info in infos)
    print_list(session, [_project(name, _of(name, infos)) for name in names], COLUMNS)
    return 0


@app.command("view", cls=Command)
def view(ctx: typer.Context, name: NameArgument = None) -> int:
    """Show what is in a project.

    Example:
      bt projects view support
    """
    session = session_of(ctx)
    name = name or session.settings.project
    infos = _found(name, stored(session))
    content = _project(name, infos)
    if session.console.json:
        print_one(session, "bt/project/1", {**content, "containers": [info_dict(one) for one in infos]})
    else:
        print_one(session, "bt/project/1", content)
    return 0


@app.command("delete", cls=Command)
def delete_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The project.", autocompletion=completion.projects)],
    yes: YesOption = False,
) -> int:
    """Delete a project: its logs, experiments and datasets, for good.

    Example:
      bt projects delete old --yes
    """
    session = session_of(ctx)
    return delete(session, f"project {name}", _found(name, stored(session)), yes)


def _of(name: str, infos: Sequence[ContainerInfo]) -> list[ContainerInfo]:
    return [one for one in infos if one.container.project == name]


def _found(name: str, infos: Sequence[ContainerInfo]) -> list[ContainerInfo]:
    found = _of(name, infos)
    if not found:
        known = {one.container.project for one in infos}
        raise NotFoundError(f"there is no project {name!r}", hint=nearest_hint(name, known))
    return found


def _project(name: str, infos: Sequence[ContainerInfo]) -> dict[str, object]:
    spans = [one for one in infos if one.container.dataset is None]  # records of a dataset are none
    return {
        "project": name,
        "experiments": sum(one.container.experiment is not None for one in infos),
        "datasets": sum(one.container.dataset is not None for one in infos),
        "traces": total(one.traces for one in spans),
        "spans": total(one.spans for one in spans),
        "created": min(one.created for one in infos),
    }
