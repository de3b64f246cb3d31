"""Positional arguments that name what to read."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bt_cli.cli import completion


def ref_argument(metavar: str, help: str) -> Any:
    """An argument that names containers (REF), and files where the ``metavar`` says so; names complete."""
    return typer.Argument(metavar=metavar, help=help, autocompletion=completion.refs, show_default=False)


SubjectArgument = Annotated[
    str | None, ref_argument("[REF|FILE|-]", "A project, an experiment, a file of traces, or - for stdin.")
]
"""One container or file, for a command that reads either; see `bt_cli.cli.subject`."""
