"""Looks into JSON text of any shape: what is not there is none, and nothing raises."""

from __future__ import annotations

import msgspec

from bt_cli.spans import text

Members = dict[str, str]
"""The members of an object as JSON text."""


def members(json: str | None) -> Members:
    """The members of an object; none where it is no object."""
    if json is None or json[:1] != "{":
        return {}
    try:
        return {key: text.text_of(value) for key, value in text.members(json).items()}
    except (msgspec.DecodeError, RecursionError):
        return {}


def items(json: str | None) -> list[str]:
    """The items of an array; none where it is no array."""
    if json is None or json[:1] != "[":
        return []
    try:
        return [text.text_of(value) for value in text.items(json)]
    except (msgspec.DecodeError, RecursionError):
        return []


def word(json: str | None) -> str | None:
    """The text of a JSON string; None for anything else."""
    value = text.decode(json) if json is not None and json[:1] == '"' else None
    return value if isinstance(value, str) else None


def first_word(value: Members, *names: str) -> str:
    """The first of these members that is a text which says something; empty where there is none."""
    return next((found for name in names if (found := word(value.get(name)))), "")


def count(json: str | None) -> int | None:
    """The whole number that JSON text is; None for anything else."""
    value = text.decode(json) if json else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def left(value: Members, *shown: str) -> str | None:
    """An object without members that are shown elsewhere and nulls (rule 4.3); None where nothing is left."""
    rest = {name: text.raw(one) for name, one in value.items() if name not in shown and one != "null"}
    return text.join(rest) if rest else None
