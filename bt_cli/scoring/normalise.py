"""What scorers return → `Value`s that can be written: one number from 0 to 1 or none, and plain metadata."""

from __future__ import annotations

import math
from typing import Any

from bt_cli.scoring.base import Value

_KEYS = ("score", "name", "metadata")


def values_of(result: Any) -> list[Value]:
    """One value, or those of a list, each with its name.

    Takes a number, bool or None, a dict with ``score``, an object with ``score`` (autoevals' and
    Braintrust's Score), or a list of the latter two. Raises ValueError or TypeError for what is no score.
    """
    if not isinstance(result, list | tuple):
        value = _value(result)
        value.name = None  # the key of a score is the name that was asked for, not what a scorer calls itself
        return [value]
    values = [_value(one) for one in result]
    unnamed = sum(value.name is None for value in values)
    if unnamed:
        raise ValueError(f"{unnamed} of {len(values)} scores in a list have no name")
    if len({value.name for value in values}) < len(values):
        raise ValueError("two scores of a list have the same name")
    return values


def _value(result: Any) -> Value:
    if isinstance(result, dict):
        unknown = [key for key in result if key not in _KEYS]
        if "score" not in result or unknown:
            raise ValueError(
                f"a dict is a score by its keys score, name and metadata, not {', '.join(map(str, result))}"
            )
        return _made(result["score"], result.get("name"), result.get("metadata"))
    if hasattr(result, "score"):
        if getattr(result, "error", None) is not None:
            raise ValueError(str(result.error))
        return _made(result.score, getattr(result, "name", None), getattr(result, "metadata", None))
    return _made(result, None, None)


def _made(score: Any, name: Any, metadata: Any) -> Value:
    plain = plain_json(metadata) if metadata is not None else {}
    if not isinstance(plain, dict):
        raise TypeError(f"metadata must be a dict, not {type(metadata).__name__}")
    return Value(number_of(score), plain, None if name is None else _clean(str(name)))


def number_of(score: Any) -> float | None:
    """A score as a float, None for no opinion. Raises ValueError for NaN and what lies outside 0 to 1."""
    if score is None:
        return None
    if not isinstance(score, bool | int | float):
        if isinstance(score, str) or not hasattr(score, "item"):
            raise TypeError(f"a score must be a number from 0 to 1, true, false or none, not {_shown(score)}")
        score = score.item()  # a scalar of numpy
    if not 0 <= score <= 1:
        raise ValueError("the score is not a number (NaN)" if score != score else f"{score} is not from 0 to 1")
    return float(score)


def plain_json(value: Any) -> Any:
    """A value that JSON can say: scalars of numpy as numbers, nested scores as objects, the rest as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _clean(str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_clean(str(key)): plain_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_json(one) for one in value]
    if hasattr(value, "tolist"):  # scalars and arrays of numpy
        return plain_json(value.tolist())
    if hasattr(value, "score") and hasattr(value, "metadata"):
        return {key: plain_json(getattr(value, key, None)) for key in ("name", "score", "metadata")}
    return _clean(str(value))


def _clean(text: str) -> str:
    """Text without lone surrogates, which UTF-8 cannot write."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:60] + '…'}"
