"""What a reading command asks a store for: tests on the fields of a span, as data that each store renders."""

from __future__ import annotations

from typing import Literal, TypeGuard

from msgspec import Struct

Operator = Literal[
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "glob",
    "like",
    "ilike",
    "matches",
    "match",
    "includes",
    "text",
    "is null",
    "is not null",
]
"""``matches`` searches a regular expression; ``match`` whole words, in any case, in a text or in JSON;
``includes`` an item of a list or a key of an object; ``text`` is equality with the text of a string, number
or boolean."""
Scope = Literal["traces", "spans"]
Value = str | int | float | bool | None
Path = tuple[str | int, ...]
"""Keys and indexes that lead into a field's JSON."""


class Condition(Struct, frozen=True, tag=True):
    """One test on a field of a span, or on what ``path`` leads to in it. See `bt_cli.query.fields.FIELDS`.

    A string compares with JSON strings only, a number with numbers, a boolean with booleans; what is
    absent, null or of another type is neither equal nor different, as in SQL. ``tags`` match with any tag.
    Two fields stand for a trace, and only outside of `And`, `Or` and `Not`: ``created`` (epoch seconds) is
    the root's time with scope ``traces``; ``trace`` an id of a trace or a span in it, or a prefix or suffix
    of at least 4 characters.
    """

    field: str
    operator: Operator
    value: Value = None
    path: Path = ()


class Grep(Struct, frozen=True, tag=True):
    """A regular expression that is found in a text of the span: in any, or in those below a field's path."""

    pattern: str
    field: str | None = None
    path: Path = ()


class And(Struct, frozen=True, tag=True):
    """All tests hold."""

    tests: tuple[Test, ...]


class Or(Struct, frozen=True, tag=True):
    """One of the tests holds."""

    tests: tuple[Test, ...]


class Not(Struct, frozen=True, tag=True):
    """The test fails; one that can't be told stays so."""

    test: Test


Test = Condition | Grep | And | Or | Not


class SpanFilter(Struct, frozen=True):
    """Tests that all must hold, over spans; with scope ``traces`` one matching span brings its trace.

    ``created`` conditions test the root's time with scope ``traces``, the span's own with ``spans``;
    spans without a time never match them. ``limit`` counts traces or spans, as the scope says.
    """

    conditions: tuple[Test, ...] = ()
    scope: Scope = "traces"
    limit: int | None = None

    @property
    def by_time(self) -> bool:
        """Whether spans without a time can't match."""
        return any(is_about(one, "created") for one in self.conditions)


def is_about(test: Test, *fields: str) -> TypeGuard[Condition]:
    """Whether a test is a condition on one of these fields."""
    return isinstance(test, Condition) and test.field in fields


EVERYTHING = SpanFilter()
