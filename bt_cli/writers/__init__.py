"""Output formats: rows or trees → bytes. One file a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from bt_cli.errors import UsageError
from bt_cli.spans.row import Row

FORMATS = {"rows": "bt_cli.writers.rows:write_rows", "tree": "bt_cli.writers.tree:write_tree"}
"""Name of ``--to`` → ``module:function`` of (rows of one trace, with_container) → JSON lines as text."""

Writer = Callable[[Sequence[Row], bool], str]


def open_writer(name: str) -> Writer:
    """The function of a format. Raises UsageError for an unknown one."""
    if name not in FORMATS:
        raise UsageError(f"--to {name}: no such format", hint=f"formats: {', '.join(FORMATS)}")
    module, _, function = FORMATS[name].partition(":")
    writer: Writer = getattr(import_module(module), function)
    return writer
