"""Whether reading a tree again would fill in what its rows lack: rows stored as they came must not be."""

from __future__ import annotations

from bt_cli.spans import text
from bt_cli.spans.assemble import Branch
from bt_cli.spans.metrics import Numbers, fill_metrics, has_tokens
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import METRICS, fits
from bt_cli.spans.times import is_absolute


def would_fill(top: Branch) -> bool:
    """Whether `flatten` would add times, tokens, a type or ``created`` to any span below ``top``."""
    rows, parents, leaves = _preorder(top)
    metrics = [row.metrics for row in rows]
    found: list[Numbers] = [METRICS.decode(one) if one is not None and fits(METRICS, one) else {} for one in metrics]
    if any(_would_date(row, found[i], rows[parents[i]] if i else None) for i, row in enumerate(rows)):
        return True
    if any(leaves[i] and has_tokens(found[i]) and not _typed(row) for i, row in enumerate(rows)):
        return True
    filled = list(metrics)
    fill_metrics(parents, filled, found)
    return filled != metrics


def _preorder(top: Branch) -> tuple[list[Row], list[int], list[bool]]:
    rows: list[Row] = []
    parents: list[int] = []
    leaves: list[bool] = []
    waiting = [(top, -1)]
    while waiting:
        branch, parent = waiting.pop()
        waiting += [(child, len(rows)) for child in reversed(branch.children)]
        rows.append(branch.row)
        parents.append(parent)
        leaves.append(not branch.children)
    return rows, parents, leaves


def _would_date(row: Row, found: Numbers, parent: Row | None) -> bool:
    if row.created is not None:
        return False
    start = found.get("start")
    return (start is not None and is_absolute(start)) or (parent is not None and parent.created is not None)


def _typed(row: Row) -> bool:
    attributes = row.span_attributes
    return attributes is not None and text.is_object(attributes) and "type" in text.members(attributes)
