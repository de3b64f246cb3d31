"""Traces to draw, in a few characters, and looks to draw them with."""

from __future__ import annotations

from typing import Any

import orjson

from bt_cli.cli.visible import visible
from bt_cli.pipeline.viewing import SeenTrace, seen_trace
from bt_cli.render.budget import width_within, within
from bt_cli.render.folding import entries
from bt_cli.render.heading import heading
from bt_cli.render.look import Look
from bt_cli.render.tree import blocks
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from builders import row


def look(**options: Any) -> Look:
    """A look that spells control characters out."""
    return Look(visible, visible, **options)


def span(
    span_id: str, *parents: str, name: str | None = None, type: str | None = None, at: Any = None, **fields: Any
) -> Row:
    """A row with a name (its id unless given), a type, and (start, end); other fields as values."""
    attributes = {"name": name or span_id, **({"type": type} if type else {})}
    if at is not None:
        fields["metrics"] = {"start": at[0], "end": at[1], **fields.get("metrics", {})}
    texts = {key: orjson.dumps(value).decode() for key, value in fields.items()}
    return row(span_id, *parents, span_attributes=orjson.dumps(attributes).decode(), **texts)


def seen(*rows: Row) -> SeenTrace:
    """A trace of these rows."""
    return seen_trace(Container("p"), list(rows))


def drawn(
    *rows: Row, fold: int | None = None, depth: int | None = None, most: int | None = None, **options: Any
) -> str:
    """The text of a trace."""
    if most is not None:
        options["width"] = width_within(most, options.get("width"))
    trace, how = seen(*rows), look(**options)
    shown = entries(trace.tops, trace.facts, fold, depth, how.ascii)
    text = blocks(shown, trace.facts, trace.why, how)
    if most is not None:
        return within(trace.short, [*text], most, how)
    return heading(trace.short, how) + "".join(block.text for block in text)


def tree_lines(*rows: Row, **options: Any) -> list[str]:
    """The lines of the tree, without the heading."""
    text = drawn(*rows, **options)
    return text[text.index("\nid ") + 1 :].splitlines()[1:]
