"""What is wrong with the text of a filter, and where: places are those of what was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from bt_cli.errors import QueryError, UsageError

EXAMPLE = "--filter \"scores.Factuality < 0.5 and metadata.model = 'gpt-4o' and error is null\""
_QUOTED = re.compile(
    r"""'(?:[^']|'')*+'|"(?:[^"]|"")*+"|(?P<open>['"])|(?P<comment>--|/\*|\{\#)""",
    re.DOTALL,
)
_EXCERPT = 200
"""Characters of an expression that an error shows."""
LONGEST = 10_000
"""Words and signs of an expression: its values stay below the 32,766 that SQLite binds."""
DEEPEST = 20
"""Levels of and, or and not within each other: SQLite's own parser takes less than 100 of anything."""
BEYOND = "beyond"
"""The code of an error about an expression that may well be right, but is more than tests on fields can say."""


class Written(Struct, frozen=True):
    """The text that an expression stands in: of an option, or of a whole query."""

    text: str
    option: str | None = None


def check_quotes(written: Written) -> None:
    """Refuses what the parser would drop or not find the place of: comments, and a quote that stays open."""
    for found in _QUOTED.finditer(written.text):
        if found["comment"]:
            raise fault(written, found.start(), "a comment is no part of a filter")
        if found["open"]:
            raise fault(written, found.start(), "a quote is not closed")


def unreadable(written: Written, tokens: Sequence[Any], error: Any) -> UsageError:
    """What is wrong where the parser stumbled: at a token, or for want of one."""
    about = error.errors[0]
    place = next((token for token in tokens if (token.line, token.col) == (about["line"], about["col"])), None)
    if about["description"].startswith("Expecting )") and place is tokens[-1]:
        return fault(written, _unclosed(tokens), "a parenthesis is not closed")
    return fault(written, place.start if place else 0, f"cannot be read at {about['highlight']!r}")


def _unclosed(tokens: Sequence[Any]) -> int:
    """Where the last parenthesis opens that nothing closes."""
    opened = []
    for token in tokens:
        if token.token_type.name == "L_PAREN":
            opened.append(token.start)
        elif token.token_type.name == "R_PAREN" and opened:
            opened.pop()
    return opened[-1] if opened else 0


def place_of(node: Any) -> int:
    """Where a node begins: sqlglot knows that of names and values, so of what is in it, or around it."""
    while node is not None:
        starts = [one.meta["start"] for one in node.walk() if "start" in one.meta]
        if starts:
            return int(min(starts))
        node = node.parent
    return 0


def fault(written: Written, at: int, why: str, hint: str | None = None, code: str | None = None) -> UsageError:
    """The error at a place of an expression; the hint is an example, unless there is a better one."""
    if written.option is None:
        told = QueryError(why, hint=hint, code=code)
        told.point_at(written.text, at)
        return told
    message = f"{written.option}: {why} (character {at + 1} of {_excerpt(written.text, at)!r})"
    return UsageError(message, hint=hint or f"as in {EXAMPLE}", code="filter")


def too_deep(written: Written) -> UsageError:
    """The error for tests within tests within tests."""
    why, hint = "nested too deep", f"at most {DEEPEST} levels of and, or and not"
    if written.option is None:
        return QueryError(f"the filter is {why}", hint=hint)
    return UsageError(f"{written.option}: {why}", hint=hint, code="filter")


def _excerpt(written: str, at: int) -> str:
    """All of an expression, of a long one what stands around a place."""
    if len(written) <= _EXCERPT:
        return written
    begin = max(0, at - _EXCERPT // 2)
    end = begin + _EXCERPT
    return f"{'…' if begin else ''}{written[begin:end]}{'…' if end < len(written) else ''}"
