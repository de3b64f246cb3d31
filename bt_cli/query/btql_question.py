"""What a query over Braintrust's API asks for, whatever form it came in."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from bt_cli.query.filters import Path, Test

Shape = Literal["spans", "traces", "summary"]


class Column(Struct, frozen=True):
    """One column of an answer: its name, and where its value lies in a row; an empty path is all of the row."""

    name: str
    path: Path


class Question(Struct, frozen=True):
    """What a query asks for.

    Rows of ``names`` (ids or names of containers of one ``kind``) that pass ``test``, sorted by ``sort``,
    after the place ``after``, at most ``limit``. Where ``tree`` is set, tests or the order are more than
    that (``other``): then sqlglot's ``tree`` of the statement ``written`` finds the rows, or with no
    ``columns`` the values themselves.
    """

    kind: str
    names: tuple[str, ...]
    shape: Shape
    columns: tuple[Column, ...] | None
    test: Test | None = None
    sort: Literal["place", "created", "other"] = "place"
    newest_first: bool = True
    limit: int | None = None
    after: int | None = None
    preview: int = -1
    """Characters of ``input`` and other payload that are shown; -1 for all."""
    tree: Any = None
    written: str = ""
