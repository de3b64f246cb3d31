"""``bt experiments``: list, view, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli import completion
from bt_cli.cli.commands import Command, nested
from bt_cli.cli.containers import YesOption, delete, info_dict, print_list, print_one, stored
from bt_cli.cli.refs import resolve
from bt_cli.cli.session import Session, session_of
from bt_cli.errors import UsageError

if TYPE_CHECKING:
    from bt_cli.stores.base import ContainerInfo

app = nested("""List, view and delete experiments.

Examples:
  bt experiments list -p support
  bt experiments view nightly

Exit codes: 0 done · 2 usage, or no such experiment · 8 store""")

COLUMNS = ("experiment", "project", "traces", "spans", "created")

NameArgument = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="The experiment; else --experiment.", autocompletion=completion.experiments),
]


@app.command("list", cls=Command)
def list_(ctx: typer.Context) -> int:
    """List the experiments of a project, or of all without -p.

    Example:
      bt experiments list -p support --json
    """
    session = session_of(ctx)
    project = session.settings.project if session.project_is_named else None
    infos = [one for one in stored(session) if one.container.experiment is not None]
    wanted = [one for one in infos if project in (None, one.container.project)]
    print_list(session, [info_dict(one) for one in wanted], COLUMNS)
    return 0


@app.command("view", cls=Command)
def view(ctx: typer.Context, name: NameArgument = None) -> int:
    """Show what is in an experiment.

    Example:
      bt experiments view nightly -p support
    """
    session = session_of(ctx)
    info = _found(session, name or session.settings.experiment)
    print_one(session, "bt/experiment/1", info_dict(info))
    return 0


@app.command("delete", cls=Command)
def delete_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The experiment.", autocompletion=completion.experiments)],
    yes: YesOption = False,
) -> int:
    """Delete an experiment, for good.

    Example:
      bt experiments delete nightly -p support --yes
    """
    session = session_of(ctx)
    info = _found(session, name)
    return delete(session, f"experiment {info.container}", [info], yes)


def _found(session: Session, name: str | None) -> ContainerInfo:
    """The experiment of that name: in the project if one was named, else the only one in the store."""
    if name is None:
        raise UsageError("which experiment?", hint="bt experiments list shows them")
    infos = stored(session)
    project = session.settings.project if session.project_is_named else None
    container = resolve(f"experiment:{name.removeprefix('experiment:')}", [one.container for one in infos], project)
    return next(one for one in infos if one.container == container)
