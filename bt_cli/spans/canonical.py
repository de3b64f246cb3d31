"""JSON values in one spelling, so that equal ones are found to be equal."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import orjson


def canonical(value: Any) -> str:
    """JSON text of ``value`` with sorted keys and no white space; ``1`` and ``1.0`` are one number."""
    whole = _plain(value)
    try:
        return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # an integer of more than 64 bits, or very deep nesting
        return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> bytes:
    """16 bytes that stand for a JSON value."""
    return blake2b(canonical(value).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _plain(value: Any) -> Any:
    """``value`` with whole floats as integers, as far as floats tell integers apart."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
