"""One span: begun, logged to, ended; every change goes to its draft at once."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextvars import Token
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any

import orjson

from bt_cli.spans.linkage import as_list
from bt_cli.spans.times import format_iso
from bt_cli.tracing.caller import caller
from bt_cli.tracing.draft import Draft, Place
from bt_cli.tracing.event import Encoded, encode_event, merged, stand_in
from bt_cli.tracing.start import Above, Attributes, Start
from bt_cli.tracing.state import STATE, span_of_context
from bt_cli.tracing.values import to_json

if TYPE_CHECKING:
    from bt_cli.tracing.propagation import Inbound
    from bt_cli.tracing.target import Target

_NOTHING = Encoded([], [])
_counted = count(1)
"""``exec_counter``: the order in which this process began its spans, which tells siblings of one moment apart."""


class Span:
    """A unit of work with a beginning and an end. Made by the various ``start_span``, never by its constructor.

    As a context manager it is the current span while the block runs, and ends with it; an exception that
    leaves the block is recorded in ``error`` and goes on untouched.
    """

    __slots__ = ("__weakref__", "_can_be_current", "_draft", "_ended", "_inbound", "_token", "name", "propagated_event")

    def __init__(self, target: Target, start: Start, above: Above | None, *, looks_up: bool = False) -> None:
        where = caller(STATE.settings.environment)
        self.name = start.name or ("root" if above is None else where.name)
        self.propagated_event = start.propagated
        self._inbound = start.inbound
        self._can_be_current = start.set_current is not False
        self._token: Token[Span | None] | None = None
        event = merged(start.event, start.propagated) if start.propagated else start.event
        row_id = event.pop("id", None)
        fields, attachments = encode_event(event) if event else _NOTHING
        self._ended = _end_in(event)
        now = STATE.clock()
        self._draft = Draft(target, _place(row_id, above or (_above_of_context() if looks_up else None), now))
        began = now if start.start_time is None else start.start_time
        first = [
            ("metrics", f'{{"start":{began!r}}}'),
            ("span_attributes", _attributes(self.name, start)),
            ("context", where.context),
        ]
        self._draft.change(first + fields, attachments)

    @property
    def id(self) -> str:
        """The id of its row."""
        return self._draft.place.id

    @property
    def span_id(self) -> str:
        """Its id among the spans of its trace."""
        return self._draft.place.span_id

    @property
    def root_span_id(self) -> str:
        """The id of its trace."""
        return self._draft.place.root_span_id

    @property
    def span_parents(self) -> list[str]:
        """The ids of the spans it is below: one, or none for a root."""
        parents: list[str] = orjson.loads(self._draft.place.span_parents)
        return parents

    @property
    def target(self) -> Target:
        """Where its row belongs."""
        return self._draft.target

    @property
    def inbound(self) -> Inbound | None:
        """What headers brought that are to be passed on."""
        return self._inbound

    def log(self, **event: Any) -> None:
        """Adds to the row: ``input``, ``output``, ``expected``, ``error``, ``scores``, ``metadata``, ``metrics``,
        ``tags``; objects are merged, everything else is replaced. Values are taken as they are now.

        Raises ValueError for what Braintrust's fields don't allow.
        """
        fields, attachments = encode_event(event)
        self._ended = _end_in(event) or self._ended
        if fields:
            self._draft.change(fields, attachments)

    def log_feedback(self, **event: Any) -> None:
        """Scores, an expected answer, tags or a comment on this span; see `bt_cli.tracing.later.log_feedback`."""
        from bt_cli.tracing.later import log_feedback

        log_feedback(self.target, self.id, event)

    def set_attributes(
        self, name: str | None = None, type: str | None = None, span_attributes: Attributes = None
    ) -> None:
        """Changes the name, the type or further attributes; what is None stays."""
        if name is not None:
            self.name = name
        said = {"name": name, "type": type, **(span_attributes or {})}
        given = {key: value for key, value in said.items() if value is not None}
        if given:
            self._draft.change(encode_event({"span_attributes": given}).fields)

    def start_span(
        self,
        name: str | None = None,
        type: str | None = None,
        span_attributes: Attributes = None,
        start_time: float | None = None,
        set_current: bool | None = None,
        parent: str | dict[str, str] | None = None,
        **event: Any,
    ) -> Span:
        """Begins a span below this one, or below ``parent``: a slug, or headers of `extract_trace_context`."""
        propagated = event.pop("propagated_event", None) or self.propagated_event
        start = Start(event, name, type, span_attributes, start_time, set_current, propagated, self._inbound)
        if parent:
            from bt_cli.tracing.parents import below

            return Span(*below(parent, start, self.target.worker))
        return Span(self.target, start, Above(self.span_id, self.root_span_id))

    def end(self, end_time: float | None = None) -> float:
        """Sets ``metrics.end`` to ``end_time`` or now, in epoch seconds, unless it is set already; what it is now."""
        if self._ended is None:
            self._ended = float(STATE.clock() if end_time is None else end_time)
            self._draft.change([("metrics", f'{{"end":{self._ended!r}}}')])
        return self._ended

    def close(self, end_time: float | None = None) -> float:
        """As `end`."""
        return self.end(end_time)

    def flush(self) -> None:
        """Waits until everything that was logged so far is stored, or was given up with a warning."""
        self.target.worker.flush()

    def export(self) -> str:
        """A slug that names this span anywhere: as ``parent`` of spans in other processes, for `update_span`."""
        from bt_cli.tracing.parents import slug_of

        return slug_of(self.target, self._draft.place, self.propagated_event)

    def inject(self, carrier: dict[str, str] | None = None) -> dict[str, str]:
        """Puts the W3C headers that name this span into ``carrier``, which it returns; never raises."""
        from bt_cli.tracing.propagating import inject_span

        return inject_span(self, {} if carrier is None else carrier)

    def link(self) -> str:
        """Where people look at this span, without asking anybody: by names where ids are not known yet."""
        from bt_cli.tracing.links import link_of

        return link_of(self.target, self.id)

    def permalink(self) -> str:
        """Where people look at this span, by ids."""
        from bt_cli.tracing.links import permalink

        return permalink(self.export())

    def set_current(self) -> None:
        """Makes it the span that new ones begin below, in this context."""
        if self._can_be_current:
            self._token = span_of_context.set(self)

    def unset_current(self) -> None:
        """Makes the span current that was so before."""
        token, self._token = self._token, None
        if token is None:
            return
        try:
            span_of_context.reset(token)
        except ValueError:  # it ends in another context, as a generator's does that is thrown away
            if span_of_context.get() is self:
                span_of_context.set(None)

    def __enter__(self) -> Span:
        self.set_current()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.log(error="".join(traceback.format_exception(kind, error, trace)))
        self.unset_current()
        self.end()


def _place(row_id: Any, above: Above | None, now: float) -> Place:
    ids = STATE.ids
    span_id = ids.span()
    if not (isinstance(row_id, str) and row_id):
        row_id = ids.row()
    if above is None:
        return Place(row_id, span_id, ids.trace(span_id), "[]", format_iso(now), now)
    return Place(row_id, span_id, above.root_span_id, as_list([above.span_id]), format_iso(now), now)


def _above_of_context() -> Above | None:
    current = span_of_context.get()
    return None if current is None else Above(current.span_id, current.root_span_id)


def _attributes(name: str, start: Start) -> str:
    """JSON text of ``span_attributes``: what the program gives wins over ``name`` and ``type``."""
    attributes = {"type": start.type, "name": name, **(start.span_attributes or {}), "exec_counter": next(_counted)}
    return to_json({key: value for key, value in attributes.items() if value is not None}, stand_in)


def _end_in(event: Mapping[str, Any]) -> float | None:
    """The end that an event itself gives."""
    metrics = event.get("metrics")
    end = metrics.get("end") if isinstance(metrics, Mapping) else None
    return None if end is None else float(end)
