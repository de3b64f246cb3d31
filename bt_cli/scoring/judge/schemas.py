"""Whether an answer has the parts that a scorer will look for.

A full check by jsonschema takes over a millisecond. This one knows what the schemas of tools use, and is
lenient with text, where a list of reasons is as good as one.
"""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def misfit(value: Any, schema: dict[str, Any]) -> str | None:
    """What is wrong with ``value``, in a few words; None where it fits."""
    return _misfit(value, schema, "the answer", schema.get("$defs", {}))


def _misfit(value: Any, schema: dict[str, Any], name: str, defined: dict[str, Any]) -> str | None:
    if "$ref" in schema:
        schema = defined.get(schema["$ref"].rpartition("/")[2], {})
    if "enum" in schema:
        chosen = value.strip() if isinstance(value, str) else value
        return None if chosen in schema["enum"] else _no_choice(value, schema["enum"], name)
    kind = schema.get("type")
    if kind in _TYPES and not isinstance(value, _TYPES[kind]):
        return f"{name} is no {kind}"
    if isinstance(value, dict):
        return _parts_misfit(value, schema, defined)
    items = schema.get("items")
    if isinstance(value, list) and items:
        return next((wrong for one in value if (wrong := _misfit(one, items, f"an item of {name}", defined))), None)
    return None


def _parts_misfit(value: dict[str, Any], schema: dict[str, Any], defined: dict[str, Any]) -> str | None:
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        return f"it lacks {', '.join(missing)}"
    known = schema.get("properties", {}).items()
    return next(
        (wrong for name, part in known if name in value and (wrong := _misfit(value[name], part, name, defined))), None
    )


def _no_choice(value: Any, offered: list[Any], name: str) -> str:
    shown = repr(value)[:40]
    return f"{name} is {shown}, not one of {', '.join(map(str, offered))}"
