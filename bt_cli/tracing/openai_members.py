"""What the ``openai`` package's objects consist of, whichever version made them; some providers leave objects."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any


def member(value: Any, name: str) -> Any:
    """A member of a model or of a dict; None where it has none."""
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def as_dict(value: Any) -> Any:
    """A model with all its members, those that are None too; anything else as it is."""
    dump = getattr(value, "model_dump", None)
    if not callable(dump):
        return value
    with warnings.catch_warnings():  # models of generic types would warn of members that are of a type of their own
        warnings.simplefilter("ignore", UserWarning)
        return dump()


def is_given(value: object) -> bool:
    """False for what stands for an argument that was left away."""
    return type(value).__name__ not in ("NotGiven", "Omit")
