"""``bt view logs --follow``: traces as they are stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bt_cli.cli.session import Session
from bt_cli.cli.signals import StopFlag
from bt_cli.cli.subject import Subject
from bt_cli.cli.view_json import trace_item

if TYPE_CHECKING:
    from bt_cli.query.filters import SpanFilter
    from bt_cli.render.look import Look
    from bt_cli.spans.trace import TraceFacts

_BEFORE = 10
"""Traces that are shown first, as `tail` does."""
_PAUSE = 0.2
"""Seconds between two looks at the store."""


def follow_logs(session: Session, found: Subject, wanted: SpanFilter, look: Look, stop: StopFlag) -> None:
    """The newest traces with the newest last, then each that arrives, until a signal."""
    from bt_cli.pipeline.listing import Listed, arriving
    from bt_cli.render import logs as drawn
    from bt_cli.stores.base import ReadStats

    console = session.console
    plain = look.width is None
    columns = drawn.usual_columns(look)
    arrivals = arriving(found.store, found.container, wanted, lambda: time.sleep(_PAUSE), stop)
    before: list[TraceFacts] = []
    if any(info.container == found.container for info in found.store.containers()):
        first = wanted if wanted.limit is not None else replace(wanted, limit=_BEFORE)
        shown = Listed(ReadStats()).traces(found.store, found.container, first, None)
        before = list(stop.until(shown))[::-1]
    if not console.json:
        if not plain and columns.left_out:
            console.warn(drawn.no_room(columns))
        console.emit_text(drawn.separated_heading() if plain else drawn.heading(columns, look))
        console.out.flush()
    for one in stop.until(_both(before, arrivals)):
        if console.json:
            console.emit_json(trace_item(one))
        else:
            console.emit_text(drawn.separated_line(one, look) if plain else drawn.line(one, columns, look))
        console.out.flush()


def _both(before: list[TraceFacts], arrivals: Iterator[TraceFacts]) -> Iterator[TraceFacts]:
    """What is there and what comes; what was stored between the two looks is in both."""
    yield from before
    shown = {one.id for one in before}
    yield from (one for one in arrivals if one.id not in shown)
