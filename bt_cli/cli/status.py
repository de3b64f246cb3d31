"""``bt status``: what applies here, and where it comes from."""

from __future__ import annotations

import typer

from bt_cli.cli.commands import Command, command_app
from bt_cli.cli.drawing import print_table
from bt_cli.cli.session import session_of
from bt_cli.settings import KEYS, Settings, store_app_url

app = command_app()


@app.command("status", cls=Command)
def status(ctx: typer.Context) -> int:
    """Show what applies here: store, project, experiment, judge, and where each comes from.

    Examples:
      bt status
      bt status --json | jq -r .store

    Exit codes:
      0  done · 2  a bt.toml that does not work
    """
    session = session_of(ctx)
    settings = session.settings
    if session.console.json:
        session.console.emit_json(
            {"schema": "bt/status/1", "ok": True, "exit_code": 0, **_values(settings), "origin": dict(settings.origin)}
        )
        return 0
    print_table(
        session.console,
        ("setting", "value", "from"),
        [(name, _shown(value), settings.origin.get(name, "")) for name, value in _values(settings).items()],
    )
    return 0


def _values(settings: Settings) -> dict[str, object]:
    """Every setting, and what is known about the store and the keys without touching them."""
    values: dict[str, object] = {key: getattr(settings, key) for key in KEYS}
    return {
        "store": values.pop("store"),
        "store_kind": settings.kind,
        "store_exists": settings.path.is_file() if settings.path else None,
        "store_app": store_app_url(settings) if settings.kind == "braintrust" else None,
        **values,
        "api_key_present": settings.api_key_present,
        "judge_key_present": settings.judge_key_present,
    }


def _shown(value: object) -> object:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
