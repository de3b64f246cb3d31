"""Options that many commands share: parameter objects that write their values where a callback says, not arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperOption

Remember = Callable[[typer.Context, TyperOption, Any], None]


def shared_option(panel: str, remember: Remember, *names: str, help: str, **settings: Any) -> TyperOption:
    """An option of a help panel whose value goes to ``remember``; text, unless ``settings`` say otherwise."""
    return TyperOption(
        param_decls=list(names),
        help=help,
        expose_value=False,
        rich_help_panel=panel,
        **{"type": None if settings.get("is_flag") else str, "callback": remember, **settings},
    )
