"""A query as a tree in JSON, as the SDKs send it: its expressions written out as SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.btql_clauses import SHAPES, Clauses, literal
from bt_cli.spans import text

_OPERATORS = {
    "eq": "=",
    "is": "=",
    "ne": "<>",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "like": "LIKE",
    "ilike": "ILIKE",
    "match": "MATCH",
    "includes": "INCLUDES",
    "contains": "INCLUDES",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "mod": "%",
    "in": "IN",
}
_BESIDE_NULL = {"ne": "IS NOT"}
"""What a comparison with null means; others are ``IS``."""
_SUFFIXES = {"isnull": "IS NULL", "isnotnull": "IS NOT NULL"}
_PREFIXES = {"not": "NOT", "neg": "-"}
_CLAUSES = {
    "select",
    "dimensions",
    "measures",
    "from",
    "filter",
    "sort",
    "limit",
    "cursor",
    "preview_length",
}
_UNSET: tuple[Any, ...] = (None, [], {})
_DEEPEST = 100


def clauses_of_tree(query: Mapping[str, Any]) -> Clauses:
    """The clauses of a tree. Raises QueryError that names the key of what can't be read."""
    unknown = sorted(key for key, value in query.items() if key not in _CLAUSES and value not in _UNSET)
    if unknown:
        raise QueryError(f"there is no {unknown[0]} here", hint=f"clauses: {', '.join(sorted(_CLAUSES))}")
    source, shape = _source(query.get("from"))
    limit, cursor, preview = (query.get(key) for key in ("limit", "cursor", "preview_length"))
    sorts = _is(list, query.get("sort") or [], "sort")
    return Clauses(
        source,
        shape,
        select=_listed(query, "select"),
        dimensions=_listed(query, "dimensions"),
        measures=_listed(query, "measures"),
        filter="" if query.get("filter") is None else expression(query["filter"], "filter"),
        sort=", ".join(_sorting(one, f"sort[{index}]") for index, one in enumerate(sorts)),
        limit="" if limit is None else _whole(limit, "limit"),
        cursor=_is(str, cursor, "cursor") if cursor else "",
        preview=-1 if preview is None else int(_whole(preview, "preview_length")),
    )


def expression(node: Any, path: str, level: int = 0) -> str:
    """One expression as SQL; ``path`` is where it stands, for messages."""
    if level > _DEEPEST:
        raise QueryError(f"{path} is nested too deeply")
    if not isinstance(node, Mapping):
        return _value(node, path)
    op = str(node.get("op"))

    def below(key: str) -> str:
        return expression(node.get(key), f"{path}.{key}", level + 1)

    if op in ("and", "or"):
        parts = _children(node, path)
        return f"({f' {op.upper()} '.join(expression(one, where, level + 1) for where, one in parts)})"
    if op in _SUFFIXES:
        return f"({below('expr')} {_SUFFIXES[op]})"
    if op in _PREFIXES:
        return f"({_PREFIXES[op]} {below('expr')})"
    if op in _OPERATORS:
        right = below("right")
        written = _BESIDE_NULL.get(op, "IS") if right == "NULL" else _OPERATORS[op]
        return f"({below('left')} {written} {right})"
    if op not in _LEAVES:
        known = sorted((*_OPERATORS, *_PREFIXES, *_SUFFIXES, *_LEAVES, "and", "or"))
        raise QueryError(f"{path}: there is no op {op!r} here", hint=f"ops: {', '.join(known)}")
    return _LEAVES[op](node, path)


def _children(node: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    """The tests in ``and`` or ``or``, which both of its forms have."""
    if "children" in node:
        children = _is(list, node["children"], f"{path}.children")
        found = [(f"{path}.children[{index}]", one) for index, one in enumerate(children)]
    else:
        found = [(f"{path}.{key}", node.get(key)) for key in ("left", "right")]
    if not found:
        return [(path, {"op": "literal", "value": node["op"] == "and"})]
    return found


def _source(node: Any) -> tuple[str, str]:
    """``from``: a call, and the shape."""
    if not isinstance(node, Mapping) or node.get("op") != "function":
        raise QueryError("from is no function", hint='as {"op":"function","name":{"op":"ident","name":["dataset"]},…}')
    shape = node.get("shape") or "spans"
    if shape not in SHAPES:
        raise QueryError(f"from.shape: there is no shape {shape!r}", hint=f"shapes: {', '.join(SHAPES)}")
    return _call(node, "from"), shape


def _call(node: Mapping[str, Any], path: str) -> str:
    name = node.get("name")
    parts = name.get("name") if isinstance(name, Mapping) else [name]
    if not isinstance(parts, Sequence) or len(parts) != 1 or not str(parts[0]).isidentifier():
        raise QueryError(f"{path}.name is no name of a function")
    arguments = _is(list, node.get("args") or [], f"{path}.args")
    return f"{parts[0]}({', '.join(expression(one, f'{path}.args[{i}]') for i, one in enumerate(arguments))})"


def _name(node: Mapping[str, Any], path: str) -> str:
    parts = _is(list, node.get("name"), f"{path}.name")
    if not parts or not all(isinstance(one, str | int) for one in parts):
        raise QueryError(f"{path}.name is no list of names")
    written = _quoted(str(parts[0]))
    for one in parts[1:]:
        written += f"[{one}]" if isinstance(one, int) else f".{_quoted(one)}"
    return written


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _interval(node: Mapping[str, Any], path: str) -> str:
    unit = str(node.get("unit", ""))
    if not unit.isalpha():
        raise QueryError(f"{path}.unit is no unit of time")
    return f"INTERVAL {_whole(node.get('value'), f'{path}.value')} {unit.upper()}"


def _value(value: Any, path: str) -> str:
    """A literal; a list in brackets."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, int | float):
        return text.encode(value)
    if isinstance(value, list):
        return f"({', '.join(expression(one, f'{path}[{index}]') for index, one in enumerate(value))})"
    raise QueryError(f"{path} is no value")


def _star(node: Mapping[str, Any], path: str) -> str:
    return "*"


_LEAVES: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "literal": lambda node, path: _value(node.get("value"), f"{path}.value"),
    "ident": _name,
    "star": _star,
    "function": _call,
    "interval": _interval,
}


def _listed(query: Mapping[str, Any], clause: str) -> str:
    """A list of columns, each an expression with or without an alias."""
    listed = query.get(clause) or []
    return ", ".join(_column(one, f"{clause}[{i}]") for i, one in enumerate(_is(list, listed, clause)))


def _column(node: Any, path: str) -> str:
    if not isinstance(node, Mapping):
        raise QueryError(f"{path} is no column")
    if "expr" not in node or node.get("op") not in (None, "as"):
        return expression(node, path)
    alias = node.get("alias")
    named = f" AS {_quoted(str(alias))}" if alias else ""
    return expression(node["expr"], f"{path}.expr") + named


def _sorting(node: Any, path: str) -> str:
    if not isinstance(node, Mapping) or node.get("dir", "asc") not in ("asc", "desc"):
        raise QueryError(f"{path} is no order", hint='as {"expr":{"op":"ident","name":["created"]},"dir":"desc"}')
    return f"{expression(node.get('expr'), f'{path}.expr')} {node.get('dir', 'asc').upper()}"


def _whole(value: Any, path: str) -> str:
    if isinstance(value, Mapping):
        value = value.get("value")
    return str(_is(int, value, path))


def _is(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise QueryError(f"{path} is no {_KINDS[kind]}")
    return value


_KINDS = {list: "list", str: "text", int: "whole number"}
