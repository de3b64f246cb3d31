"""W3C headers ↔ where a trace goes on: ``traceparent`` names the span, ``baggage`` the container, as text only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from bt_cli.spans.slugs import Slug

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_PARENT = "braintrust.parent"
_HEADERS = ("traceparent", "baggage", "tracestate")
_MOST_BYTES = 8192
_MOST_MEMBERS = 64
"""The limits of https://www.w3.org/TR/baggage/#limits; a member that doesn't fit is left out whole."""
_REMOTE_ROW = "bt-propagation"
"""Headers don't name the row of a span; a slug has one or no span ids."""


class Inbound(NamedTuple):
    """What headers brought that is nobody's business here, and is passed on as it is."""

    tracestate: str | None = None
    flags: str = "01"
    """The two hexadecimal digits of ``traceparent``; 01 for a trace that is sampled."""


class Continued(NamedTuple):
    """The span that headers name."""

    trace_id: str
    span_id: str
    parent: str | None
    """``project_id:…``, ``project_name:…`` or ``experiment_id:…``; None where the headers don't name a container."""
    inbound: Inbound


def extract(headers: Mapping[str, str]) -> dict[str, str] | None:
    """The headers that name a span, under their lower-case names; None where ``traceparent`` is missing or wrong."""
    found = {name: value for name in _HEADERS if (value := _header(headers, name))}
    return found if _matched(found.get("traceparent")) else None


def continued(headers: Mapping[str, str]) -> Continued | None:
    """The span that headers name; None where ``traceparent`` is missing or wrong."""
    match = _matched(_header(headers, "traceparent"))
    if match is None:
        return None
    trace_id, span_id, flags = match.groups()
    inbound = Inbound(_header(headers, "tracestate"), flags)
    return Continued(trace_id, span_id, _parent_in(_header(headers, "baggage") or ""), inbound)


def slug_of(parent: str, remote: Continued | None = None) -> Slug | None:
    """The slug of a container in the words of ``braintrust.parent``, or of a span there; None for other words."""
    kind, _, name = parent.partition(":")
    ids = (_REMOTE_ROW, remote.span_id, remote.trace_id) if remote else (None, None, None)
    if not name:
        return None
    if kind == "project_name":
        return Slug("project_logs", None, {"project_name": name}, *ids)
    if kind == "project_id":
        return Slug("project_logs", name, None, *ids)
    return Slug("experiment", name, None, *ids) if kind == "experiment_id" else None


def parent_of(slug: Slug) -> str | None:
    """The container of a slug in the words of ``braintrust.parent``; None where they have none for it."""
    if slug.object_id:
        kind = {"project_logs": "project_id", "experiment": "experiment_id"}.get(slug.object_type)
        return f"{kind}:{slug.object_id}" if kind else None
    named = slug.compute_object_metadata_args or {}
    if named.get("project_id"):
        return f"project_id:{named['project_id']}"
    return f"project_name:{named['project_name']}" if named.get("project_name") else None


def inject(carrier: MutableMapping[str, str], slug: Slug, inbound: Inbound | None = None) -> None:
    """Puts the headers that name the span of a slug among those of ``carrier``, whose baggage stays.

    Does nothing where the ids of the span are not those of OpenTelemetry, which the headers are made of.
    """
    inbound = inbound or Inbound()
    traceparent = f"00-{slug.root_span_id}-{slug.span_id}-{inbound.flags}"
    if not _matched(traceparent):
        return
    baggage = _merged(_header(carrier, "baggage") or "", parent_of(slug))
    for name, value in zip(_HEADERS, (traceparent, baggage, inbound.tracestate), strict=True):
        if value:
            for other in _spelled(carrier, name):
                del carrier[other]
            carrier[name] = value


def _matched(traceparent: str | None) -> re.Match[str] | None:
    return _TRACEPARENT.fullmatch(traceparent.strip()) if traceparent else None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """A header by its lower-case name, however it is written."""
    value = headers.get(name)
    if value is None:
        value = next((headers[key] for key in _spelled(headers, name)), None)
    return value if isinstance(value, str) else None


def _spelled(headers: Mapping[str, str], name: str) -> list[str]:
    """The keys that are a header's name in other spellings."""
    return [key for key in headers if key != name and isinstance(key, str) and key.lower() == name]


def _members(baggage: str) -> Iterable[tuple[str, str]]:
    """Key and text of each member of a baggage; what has no value is none."""
    for part in baggage.split(","):
        if "=" in part:
            yield unquote(part.partition(";")[0].partition("=")[0].strip()), part.strip()


def _parent_in(baggage: str) -> str | None:
    """The container that a baggage names, the last where it names several."""
    fitting = ",".join(_fitting(baggage.split(","), _MOST_BYTES, _MOST_MEMBERS))
    named = [member for key, member in _members(fitting) if key == _PARENT]
    value = named[-1].partition(";")[0].partition("=")[2] if named else ""
    return unquote(value.strip()) or None


def _merged(baggage: str, parent: str | None) -> str:
    """Baggage with the member of a container as its last; other members are passed on byte for byte."""
    own = [f"{_PARENT}={quote(parent, safe='')}"] if parent else []
    others = [member for key, member in _members(baggage) if key != _PARENT]
    room = _MOST_BYTES - sum(len(one) + 1 for one in own)
    return ",".join([*_fitting(others, room, _MOST_MEMBERS - len(own)), *own])


def _fitting(members: list[str], room: int, most: int) -> list[str]:
    """The first of the members, as many as there may be and as have room."""
    kept: list[str] = []
    for member in members[:most]:
        room -= len(member.encode("utf-8", "replace")) + bool(kept)
        if room < 0:
            break
        kept.append(member)
    return kept
