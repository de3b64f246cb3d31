"""Paths to a value of a span, as ``--by`` and ``--group-by`` take them."""

from __future__ import annotations

from bt_cli.cli.refs import nearest_hint
from bt_cli.errors import UsageError
from bt_cli.query.fields import NAMES, resolve
from bt_cli.spans.paths import Path

_COMPUTED = ("duration", "tokens", "is_root")
"""Fields that a filter can ask about, but no span has a value of."""


def value_path(option: str, written: str) -> str:
    """``written``, whose first word is a field of a span: ``input``, ``metadata.model``, ``extra.mine``.

    Raises UsageError with the nearest field for another word.
    """
    try:
        path = Path(written).written
    except ValueError:
        raise UsageError(f"{option} {written}: not a path", hint="as id, name, metadata.model") from None
    first, *rest = path.split(".")
    if first in _COMPUTED or resolve(first, tuple(rest)) is None:
        names = [name for name in NAMES if name not in _COMPUTED]
        hint = f"{nearest_hint(first, names)}; for a key of your own: extra.{path}"
        raise UsageError(f"{option} {written}: {first!r} is no field that a span has a value of", hint=hint)
    return path
