"""Python values → JSON text, as Braintrust's SDK makes it; never raises, whatever a program logs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from bt_cli.spans import text
from bt_cli.spans.objects import NO_MEMBERS, members_of

UNKNOWN = object()
"""Returned by the function that says what stands for an object, for one that it knows nothing of."""
Replaced = Callable[[object], object]
_NATIVE = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS
_LEAVES = (str, int, bool)
_MOST_LEVELS = 199
"""How deeply a value is nested in one that has to be walked, as with Braintrust's SDK. orjson itself writes 254."""


def to_json(value: object, replaced: Replaced) -> str:
    """The JSON text of a value as it is now; keys stay in the program's order.

    ``replaced`` is asked for each object that is no JSON, and says what stands for it, or `UNKNOWN`. Objects with
    members become objects, sets lists, anything else its text. Cycles and what is nested too deeply are cut, with
    a word in their place; not-a-number and the infinities become text.
    """
    try:
        written = orjson.dumps(value, None, _NATIVE).decode()
    except TypeError:
        return _Walk(replaced).written(value)
    if "null" in written and _has_odd_number(value):
        return _Walk(replaced).written(value)
    return written


def _has_odd_number(value: object) -> bool:
    """Whether JSON that orjson wrote lacks a number: it writes null for those that JSON doesn't have."""
    found = [value]
    for one in found:  # which grows meanwhile
        if type(one) is str or one is None:
            continue
        if isinstance(one, dict):
            found.extend(one.values())
        elif isinstance(one, list | tuple):
            found.extend(one)
        elif isinstance(one, float) and not math.isfinite(one):
            return True
    return False


class _Walk:
    """A walk over a value that isn't JSON as it stands; it makes one that is."""

    def __init__(self, replaced: Replaced) -> None:
        self._replaced = replaced
        self._above: set[int] = set()

    def written(self, value: object) -> str:
        try:
            return text.encode(self._plain(value))
        except ValueError:  # an integer of thousands of digits, which Python refuses to write
            return text.quote(_cut(value))

    def _plain(self, value: Any) -> Any:
        if value is None or type(value) in _LEAVES:
            return value
        if type(value) is float:
            return _number(value)
        if len(self._above) >= _MOST_LEVELS:
            return "<max depth exceeded>"
        if id(value) in self._above:
            return "<circular reference>"
        self._above.add(id(value))
        try:
            return self._opened(value)
        except RecursionError:
            return "<max depth exceeded>"
        except Exception:
            return _cut(value)
        finally:
            self._above.discard(id(value))

    def _opened(self, value: Any) -> Any:
        kind = type(value)
        if kind is dict or isinstance(value, Mapping):
            return {_key(key): self._plain(value[key]) for key in value}
        if kind is tuple or isinstance(value, list | set):
            return [self._plain(one) for one in value]
        if isinstance(value, str | int):
            return value
        if isinstance(value, float):
            return _number(value)
        return self._of_object(value)

    def _of_object(self, value: object) -> Any:
        stands_for_it = self._replaced(value)
        if stands_for_it is not UNKNOWN:
            return self._plain(stands_for_it)
        members = members_of(value)
        return _native(value) if members is NO_MEMBERS else self._plain(members)


def _cut(value: object) -> str:
    return f"<non-sanitizable: {type(value).__name__}>"


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _key(key: object) -> str:
    try:
        return key if type(key) is str else str(key)
    except Exception:
        return f"<non-stringifiable-key: {type(key).__name__}>"


def _native(value: object) -> Any:
    """What orjson makes of times, UUIDs, enumerations and arrays, and the text of anything else."""
    try:
        return orjson.loads(orjson.dumps(value, _text_of, _NATIVE))
    except TypeError:
        return _text_of(value)


def _text_of(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<non-serializable: {type(value).__name__}>"
