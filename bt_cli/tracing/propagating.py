"""Traces that go on in another process, by W3C headers: out of a span, and into one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bt_cli.errors import BtError
from bt_cli.spans.slugs import Slug, decode_slug
from bt_cli.tracing.noop import NOOP_SPAN, NoopSpan
from bt_cli.tracing.propagation import Inbound, continued, extract, inject, parent_of, slug_of
from bt_cli.tracing.state import STATE, logger_of_context, span_of_context

if TYPE_CHECKING:
    from bt_cli.tracing.span import Span

_log = logging.getLogger("bt_cli.tracing")


def inject_trace_context(carrier: dict[str, str] | None = None, span: Span | NoopSpan | None = None) -> dict[str, str]:
    """Puts the W3C headers that name a span, the current one unless it is given, into ``carrier``; never raises."""
    return (span or span_of_context.get() or NOOP_SPAN).inject(carrier)


def extract_trace_context(headers: Mapping[str, str]) -> dict[str, str] | None:
    """What ``parent`` of `start_span` takes, from the headers of a request; None where they name no span."""
    return extract(headers)


def inject_span(span: Span, carrier: dict[str, str]) -> dict[str, str]:
    """See `Span.inject`."""
    try:
        inject(carrier, decode_slug(span.export()), span.inbound)
    except (BtError, ValueError) as error:
        _log.warning("bt: the headers of a trace could not be made: %s", error)
    return carrier


def slug_of_headers(headers: Mapping[str, str]) -> tuple[Slug, Inbound] | None:
    """The span that headers name, with what is to be passed on; None, with a warning, where they name none.

    Headers that name no container mean the current one.
    """
    remote = continued(headers)
    if remote is None:
        return None
    parent = remote.parent or _parent_of_current()
    slug = slug_of(parent, remote) if parent else None
    if slug is None:
        _log.warning("bt: headers name a trace but no place for it (%s): a trace begins here", parent)
        return None
    return slug, remote.inbound


def _parent_of_current() -> str | None:
    home = STATE.experiment or logger_of_context.get() or STATE.logger
    if home is None:
        return None
    try:
        return parent_of(decode_slug(home.export()))
    except BtError:
        return None
