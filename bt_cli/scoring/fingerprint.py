"""Digits that stand for all that can change what a scorer says."""

from __future__ import annotations

from typing import Any

from bt_cli.spans.canonical import digest


def fingerprint(kind: str, target: str, arguments: dict[str, Any], **more: Any) -> str:
    """32 hexadecimal digits; ``more`` is the version, the hash of a source, the judge's models."""
    return digest([kind, target, _plain(arguments), _plain(more)]).hex()


def _plain(value: Any) -> Any:
    """A Python literal as JSON: keys as text, other collections as lists."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(one) for one in value), key=repr)
    return value if isinstance(value, str | int | float | None) else repr(value)
