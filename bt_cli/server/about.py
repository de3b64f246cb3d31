"""What is said of projects, experiments and datasets: its members, and the shapes that clients rely on.

One object of a wrong shape would break every list that it is in, for every client: so none is stored, and
none that an older version has stored is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException

Json = dict[str, Any]

_SHAPES: Mapping[str, tuple[type, str]] = {
    "description": (str, "text"),
    "settings": (dict, "an object"),
    "metadata": (dict, "an object"),
    "tags": (list, "a list of texts"),
    "repo_info": (dict, "an object"),
    "base_exp_id": (str, "text"),
    "dataset_id": (str, "text"),
    "dataset_version": (str, "text"),
    "parameters_id": (str, "text"),
    "parameters_version": (str, "text"),
    "public": (bool, "true or false"),
}


def told(body: Mapping[str, Any], members: Sequence[str]) -> Json:
    """What a request says of a new object, of what is kept; null says nothing. Raises HTTPException for odd shapes."""
    said = {name: body[name] for name in members if body.get(name) is not None}
    for name, value in said.items():
        if not _fits(name, value):
            raise HTTPException(400, f"{name} must be {_SHAPES[name][1]}")
    return said


def changed(before: Mapping[str, Any], body: Mapping[str, Any], members: Sequence[str]) -> Json:
    """The members that a request changes: objects are merged, all else is replaced, null takes away.

    Raises HTTPException for odd shapes.
    """
    told(body, members)
    return {name: _merged(before.get(name), body[name]) for name in members if name in body}


def shown(about: Mapping[str, Any], name: str) -> Any:
    """A member of what is said of an object; None where it is absent, or has a shape that no client expects."""
    value = about.get(name)
    return value if value is None or _fits(name, value) else None


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, list):
        return name == "tags" and all(isinstance(tag, str) for tag in value)
    return isinstance(value, _SHAPES[name][0])


def _merged(before: Any, after: Any) -> Any:
    if isinstance(before, dict) and isinstance(after, dict):
        return before | {name: _merged(before.get(name), value) for name, value in after.items()}
    return after
