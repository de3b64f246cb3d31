"""The limit of a read, which is the same for every store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bt_cli.query.filters import SpanFilter
from bt_cli.spans.row import Row
from bt_cli.stores.base import ReadStats


def limited(traces: Iterable[list[Row]], wanted: SpanFilter, stats: ReadStats) -> Iterator[list[Row]]:
    """As many of ``traces``, or of their spans, as the limit allows."""
    left = wanted.limit
    for trace in traces:
        if left is None:
            yield trace
            continue
        kept = trace if wanted.scope == "traces" and left else trace[:left]
        if kept:
            yield kept
        if len(kept) < len(trace):
            stats.truncated = True
            return
        left -= 1 if wanted.scope == "traces" else len(kept)
