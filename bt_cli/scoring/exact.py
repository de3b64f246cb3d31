"""Our own scorer `JSONEqual`, and what autoevals' offline scorers are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bt_cli.scoring.base import Value
from bt_cli.spans.canonical import canonical
from bt_cli.spans.conversation import texts
from bt_cli.spans.text import decode


def json_equal(arguments: Mapping[str, Any]) -> Value:
    """1 where output and expected are the same JSON, in any order of keys; text that holds JSON counts as that."""
    same = canonical(_opened(arguments["output"])) == canonical(_opened(arguments["expected"]))
    return Value(1.0 if same else 0.0)


def _opened(value: Any) -> Any:
    """A text that is a JSON object or list as that; any other text stays text, as with ExactMatch."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        opened = decode(value.strip())
        return value if isinstance(opened, str) else opened
    return value


def numbers(arguments: Mapping[str, Any], coerce: bool) -> dict[str, Any]:
    """The two numbers of NumericDiff. Raises TypeError for what is none."""
    return {name: _number(name, value, coerce) for name, value in arguments.items()}


def _number(name: str, value: Any, coerce: bool) -> Any:
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and coerce:
        return float(value.strip().replace(",", ""))
    hint = "; NumericDiff(coerce=True) reads numbers out of text" if isinstance(value, str) else ""
    raise TypeError(f"{name} is no number{hint}")


def lists(arguments: Mapping[str, Any]) -> dict[str, list[str]]:
    """The two lists of ListContains, their items as text. Raises TypeError for what is none.

    autoevals takes a text for the list of its characters.
    """
    return {name: _list(name, value) for name, value in arguments.items()}


def _list(name: str, value: Any) -> list[str]:
    opened = _opened(value)
    if not isinstance(opened, list):
        raise TypeError(f"{name} is no list")
    return texts(opened)
