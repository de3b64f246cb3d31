"""Where in the program a span was begun: the nearest function outside this package."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

import orjson

from bt_cli.version import VERSION


class Caller(NamedTuple):
    """A place in a program."""

    context: str
    """JSON text of the field ``context``: the place, and which library made the span."""
    name: str
    """``function:file.py:12``."""


Environment = tuple[tuple[str, str], ...]
"""``type`` and ``name`` of where the program runs, as far as they are known."""


def caller(environment: Environment) -> Caller:
    """The place that called into this package."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith(_OURS) and frame.f_back is not None:
        frame = frame.f_back
    return _told(frame.f_code, frame.f_lineno, environment)


_OURS = "bt_cli."


@lru_cache(maxsize=1024)
def _told(code: CodeType, line: int, environment: Environment) -> Caller:
    """Programs begin their spans in few places."""
    origin: dict[str, object] = {"name": "bt-spans.python", "version": VERSION}
    if environment:
        origin["environment"] = dict(environment)
    said = {
        "caller_functionname": code.co_name,
        "caller_filename": code.co_filename,
        "caller_lineno": line,
        "span_origin": origin,
    }
    name = f"{code.co_name}:{os.path.basename(code.co_filename)}:{line}"
    return Caller(orjson.dumps(said).decode(), name)
