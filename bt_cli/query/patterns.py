"""Regular expressions over the decoded texts of a span, searched in linear time by RE2.

An engine that goes back in its text takes longer than anybody lives for some patterns, and nothing can
interrupt it. RE2 knows neither look-around nor back-references, nor do engines that stores have; so a
filter means the same on every store (rule 8). It is loaded with the first pattern that is no plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
_WORD = re.compile(r"\w+")
_WHOLE_TEXT = re.compile(r"\\[Az]|\(\?\w*-")
"""What may ask for the ends of a text, which are no ends of lines."""


def checked(pattern: str, option: str) -> str:
    """``pattern``, if it can be searched for; raises UsageError that names ``option``."""
    for token in _UNKNOWN.finditer(pattern):
        if token.lastgroup:
            what = "look-around is" if token.lastgroup == "around" else "back-references are"
            raise UsageError(
                f"{option}: {what} not supported, at character {token.start() + 1} of {pattern!r}", code="pattern"
            )
    try:
        _finder(pattern)
    except ValueError as error:
        raise UsageError(f"{option}: {error}", code="pattern") from None
    return pattern


def like(pattern: str, ignore_case: bool = False) -> str:
    """SQL's ``LIKE`` as a regular expression: ``%`` any text, ``_`` any character, ``\\`` before one of them itself."""
    parts = [_LIKE.get(token, re.escape(token[-1])) for token in re.findall(r"\\.|.", pattern, re.DOTALL)]
    return f"(?s{'i' if ignore_case else ''})\\A{''.join(parts)}\\z"


_LIKE = {"%": ".*", "_": "."}


def match(value: Any, words: Any) -> bool | None:
    """Whether a text has all of ``words`` as whole words, in any case; None for NULL.

    Of JSON, texts and keys are searched as they read, not as they are escaped.
    """
    if not isinstance(value, str) or not isinstance(words, str):
        return None
    if value[:1] in ("[", "{") and "\\" in value:
        value = text.encode(text.decode(value))
    return _words(words.lower()) <= set(_WORD.findall(value.lower()))


@lru_cache(maxsize=16)
def _words(words: str) -> set[str]:
    return set(_WORD.findall(words))


def includes(value: Any, wanted: Any) -> bool | None:
    """Whether a list in JSON has ``wanted``, or an object has it as a key; None for NULL, false for other values."""
    if value is None:
        return None
    found = text.decode(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
    return isinstance(found, list | dict) and wanted in found


def search(pattern: object, value: object) -> bool | None:
    """Whether the expression is found in a text; None for what is no text. Raises ValueError for a bad expression."""
    return _finder(pattern)(value) if isinstance(pattern, str) and isinstance(value, str) else None


def grep(pattern: str, path: str, *fields: str | None) -> bool:
    """Whether the expression is found in a decoded string at or below ``path`` (JSON list) of any of the fields."""
    literal = pattern if _LITERAL.fullmatch(pattern) else None
    keys: Path = tuple(orjson.loads(path))
    texts: list[str] = []
    for written in fields:
        if written is not None and not (literal and literal not in written and "\\" not in written):
            texts += _strings(_at(text.decode(written), keys))
    # One search over all the texts costs less than one over each; most spans have no match.
    return _finder(_over_lines(pattern))("\n".join(texts)) and any(map(_finder(pattern), texts))


def _over_lines(pattern: str) -> str:
    """An expression that joined lines have wherever a text among them has ``pattern``, and maybe elsewhere too."""
    if _LITERAL.fullmatch(pattern):
        return pattern
    return "" if _WHOLE_TEXT.search(pattern) else f"(?m){pattern}"


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
def _finder(pattern: str) -> Callable[[str], bool]:
    """What tells whether a text has the pattern; raises ValueError for one that RE2 can't search for."""
    if _LITERAL.fullmatch(pattern):
        return lambda text: pattern in text
    import re2

    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    try:
        matching = re2.compile(pattern.encode("utf-8", "surrogateescape"), options).search
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace")
        raise ValueError(f"{pattern!r} is no regular expression: {why}") from None
    return lambda text: matching(text.encode("utf-8", "replace")) is not None
