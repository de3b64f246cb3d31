"""How a record was understood that came neither as a tree nor as a row."""

from __future__ import annotations

from msgspec import Struct


class Foreign(Struct, array_like=True, gc=False):
    """The form of such a record, the dialects that its attributes speak, and what had no field of its own.

    ``losses`` are pairs of a name in the source and a reason; see `bt_cli.readers.otel.span.Loss`.
    """

    form: str
    dialects: list[str] = []
    losses: list[tuple[str, str]] = []
    parent: str = ""
    """Where a span says that it belongs: its attribute ``braintrust.parent``."""
