"""The tools that a response called, as spans below its own."""

from __future__ import annotations

import json
from typing import Any

from bt_cli.tracing.openai_members import as_dict
from bt_cli.tracing.span import Span

_INPUTS: dict[str, tuple[str, ...]] = {
    "function_call": ("arguments",),
    "web_search_call": ("action",),
    "file_search_call": ("queries",),
    "code_interpreter_call": ("code", "container_id"),
    "computer_call": ("action",),
    "image_generation_call": (),
    "mcp_call": ("arguments",),
}
"""Type of an output item → its members that are the input of a tool."""
_ABOUT = {
    "type": "tool_type",
    "id": "tool_id",
    "call_id": "call_id",
    "status": "status",
    "server_label": "server_label",
}
_NO_OUTPUT = frozenset(("id", "type", "name", "call_id", "server_label", "error"))


def log_tools(span: Span, output: Any) -> None:
    """Begins and ends a span of type ``tool`` below ``span`` for each call among the items of a response."""
    for item in output if isinstance(output, list) else ():
        members = as_dict(item)
        if isinstance(members, dict) and members.get("type") in _INPUTS:
            _log_tool(span, {name: value for name, value in members.items() if value is not None})


def _log_tool(above: Span, item: dict[str, Any]) -> None:
    about = {name: item[member] for member, name in _ABOUT.items() if member in item}
    span = above.start_span(_name(item), "tool", input=_input(item), metadata=about)
    if "error" in item:
        error = _opened(item["error"])
        span.log(error=error if isinstance(error, dict | list) else str(error))
    else:
        span.log(output=_output(item))
    span.end()


def _name(item: dict[str, Any]) -> str:
    name = item.get("name")
    label = item.get("server_label")
    return f"{label}.{name}" if name and label else str(name or item["type"])


def _input(item: dict[str, Any]) -> Any:
    names = _INPUTS[item["type"]]
    found = {name: _opened(item[name]) for name in names if name in item}
    return found.get("arguments") if names == ("arguments",) else found or None


def _output(item: dict[str, Any]) -> Any:
    """What the tool said; the program has yet to run a function."""
    if item["type"] == "function_call":
        return None
    left_away = _NO_OUTPUT.union(_INPUTS[item["type"]])
    found = {name: value for name, value in item.items() if name not in left_away}
    if "output" in found:
        found["output"] = _opened(found["output"])
    return found or None


def _opened(value: Any) -> Any:
    """The JSON in a text that is an object or a list; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
