"""Regular expressions over the decoded texts of a span.

Look-around and back-references are refused: engines that search in linear time, as some stores have,
know neither, and a filter means the same on every store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from bt_cli.errors import UsageError
from bt_cli.query.filters import Path
from bt_cli.spans import text

_UNKNOWN = re.compile(
    r"\\(?:(?P<back>[1-9]|g<)|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<around>\(\?<?[=!])|(?P<named>\(\?P=|\(\?\()", re.DOTALL
)
_LITERAL = re.compile(r"[A-Za-z0-9 _:;,<>=!@#%&~-]+")
"""Patterns that are plain ASCII text, which JSON writes as it is where it uses no escapes."""


def checked(pattern: str, option: str) -> str:
    """``pattern``, if every store can search for it; raises UsageError that names ``option``."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        place = getattr(error, "pos", None)
        where = "" if place is None else f" at character {place + 1}"
        why = f"{pattern!r} is no regular expression: {getattr(error, 'msg', error)}{where}"
        raise UsageError(f"{option}: {why}", code="pattern") from None
    for token in _UNKNOWN.finditer(pattern):
        if token.lastgroup:
            what = "look-around is" if token.lastgroup == "around" else "back-references are"
            raise UsageError(
                f"{option}: {what} not supported, at character {token.start() + 1} of {pattern!r}", code="pattern"
            )
    return pattern


def like(pattern: str, ignore_case: bool = False) -> str:
    """SQL's ``LIKE`` as a regular expression: ``%`` any text, ``_`` any character, ``\\`` before one of them itself."""
    parts = [_LIKE.get(token, re.escape(token[-1])) for token in re.findall(r"\\.|.", pattern, re.DOTALL)]
    return f"(?s{'i' if ignore_case else ''})^{''.join(parts)}\\Z"


_LIKE = {"%": ".*", "_": "."}


def search(pattern: str, value: object) -> bool | None:
    """Whether the expression is found in a text; None for what is no text."""
    return _compiled(pattern).search(value) is not None if isinstance(value, str) else None


def grep(pattern: str, path: str, *fields: str | None) -> bool:
    """Whether the expression is found in a decoded string at or below ``path`` (JSON list) of any of the fields."""
    found = _compiled(pattern).search
    literal = pattern if _LITERAL.fullmatch(pattern) else None
    keys: Path = tuple(orjson.loads(path))
    for written in fields:
        if written is None or (literal and literal not in written and "\\" not in written):
            continue
        if any(found(one) for one in _strings(_at(text.decode(written), keys))):
            return True
    return False


def _at(value: Any, path: Path) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _strings(value: Any) -> Iterator[str]:
    """Every string in a value, without the keys of objects."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
