"""Output formats: rows or trees → bytes. One file a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Literal

from bt_cli.errors import UsageError
from bt_cli.spans.row import Row

FORMATS = {
    "rows": "bt_cli.writers.rows:write_rows",
    "tree": "bt_cli.writers.tree:write_tree",
    "otlp": "bt_cli.writers.otel.json_requests:write_otlp",
    "otlp-proto": "bt_cli.writers.otel.protobuf_requests:write_otlp_protobuf",
}
"""Name of ``--to`` → ``module:function`` of (rows of one trace, with_container) → text, or bytes."""

To = Literal["rows", "tree", "otlp", "otlp-proto", "csv", "parquet"]
"""The names of `FORMATS` and of `bt_cli.writers.table.spool.TABLES`, for type checkers and for the command line."""

Writer = Callable[[Sequence[Row], bool], bytes]


def open_writer(name: str) -> Writer:
    """What writes the rows of one trace in a format, as bytes. Raises UsageError for an unknown one."""
    if name not in FORMATS:
        raise UsageError(f"--to {name}: no such format", hint=f"formats: {', '.join(FORMATS)}")
    module, _, function = FORMATS[name].partition(":")
    write: Callable[[Sequence[Row], bool], str | bytes] = getattr(import_module(module), function)

    def written(rows: Sequence[Row], with_container: bool) -> bytes:
        made = write(rows, with_container)
        return made.encode() if isinstance(made, str) else made

    return written
