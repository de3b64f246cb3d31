"""SQL as text: where a name stands in a query, the word it begins with, and what to say to one that would write."""

from __future__ import annotations

import re

from bt_cli.errors import QueryError

_HIDDEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_FIRST = re.compile(r"[\s;(]*(?:explain\s+(?:query\s+plan\s+)?)?(\w+)", re.IGNORECASE)
_READING = frozenset(("SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"))


def plain(statement: str) -> str:
    """``statement`` with blanks in place of its texts and comments; every other place stays the same."""
    return _HIDDEN.sub(lambda found: " " * len(found.group()), statement)


def place_of_name(name: str, statement: str) -> int | None:
    """Where a name stands first, outside of texts and comments, in quotation marks or without."""
    if name.startswith('"'):
        place = plain(statement).find(name)
        return None if place < 0 else place
    parts = r'["`\]]?\s*\.\s*["`\[]?'.join(re.escape(part) for part in name.split("."))
    found = re.search(rf"(?<!\w){parts}(?!\w)", plain(statement), re.IGNORECASE)
    return found and found.start()


def writing_verb(statement: str) -> str:
    """The word that a statement begins with, where no query begins so; else nothing."""
    found = _FIRST.match(plain(statement))
    word = found[1].upper() if found else ""
    return "" if word in _READING else word


def refusal(what: str) -> QueryError:
    """The error for what would change something."""
    hint = "bt sql reads; bt import and bt projects delete change a store"
    return QueryError(f"a query only reads: {what} was refused", hint=hint, code="read_only")
