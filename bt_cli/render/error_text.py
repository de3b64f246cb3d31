"""An error in one line."""

from __future__ import annotations

from typing import Any

import orjson


def error_line(error: Any) -> str:
    """The first line of an error's message; of a Python traceback the last, which says what happened."""
    text = _message(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return "error"
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]


def _message(error: Any) -> str:
    if isinstance(error, str):
        return error
    if isinstance(error, dict):
        for name in ("message", "error", "detail"):
            if isinstance(error.get(name), str):
                return str(error[name])
    try:
        return orjson.dumps(error).decode()
    except TypeError:  # an integer of more than 64 bits
        return str(error)
