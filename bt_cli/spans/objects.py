"""Python objects that say themselves which members they have: dataclasses and pydantic models."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

NO_MEMBERS = object()
"""Stands for the members of an object that doesn't say which it has."""
_BUILT_IN = (dict, list, str, int, float, type(None))


def members_of(value: Any) -> Any:
    """What a mapping, dataclass or pydantic model consists of, one level deep; `NO_MEMBERS` for any other object.

    Of a model that is what it dumps, without members that are None, and of a class of models its JSON schema,
    as Braintrust's SDK has it. A member that cannot be read is told of in its place.
    """
    if isinstance(value, type):
        return _dumped(value, "model_json_schema", {})
    if dataclasses.is_dataclass(value):
        return {field.name: _member(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    # Models of generic types would warn of members that are of a type of their own.
    dumped = _dumped(value, "model_dump", {"exclude_none": True, "warnings": False}, {"exclude_none": True})
    return _dumped(value, "dict", {"exclude_none": True}) if dumped is NO_MEMBERS else dumped


def _member(value: object, name: str) -> Any:
    try:
        return getattr(value, name)
    except Exception:
        return f"<non-sanitizable: {type(value).__name__}.{name}>"


def _dumped(value: object, method: str, *options: dict[str, bool]) -> Any:
    """What a method of pydantic's models returns, with the first of the options that it takes.

    Objects of other kinds may have one of that name by chance.
    """
    dump = getattr(value, method, None)
    if not callable(dump):
        return NO_MEMBERS
    for given in options:
        try:
            dumped = dump(**given)
        except Exception:  # noqa: S112 - it is a program's own method; its failure is no concern of who logs
            continue
        return dumped if isinstance(dumped, _BUILT_IN) else NO_MEMBERS
    return NO_MEMBERS
