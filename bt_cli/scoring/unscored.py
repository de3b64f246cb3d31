"""Spans as they were before scoring: without what score spans of ours say was added to them.

A scorer that is given metadata, spans or the trace would else find other arguments after each run,
and never be found to have been run on the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bt_cli.scoring.base import Case
from bt_cli.scoring.inputs import Source
from bt_cli.scoring.reuse import OURS
from bt_cli.spans.canonical import digest
from bt_cli.spans.facts import facts_of
from bt_cli.spans.row import LINKAGE, PAYLOAD, Row
from bt_cli.spans.text import decode

_Added = tuple[str, dict[str, Any]]
"""The name of a score, and the metadata that its scorer added."""
_NOTES = ("scorer_errors", "bt_scores")


def app_spans(trace: Sequence[Row]) -> list[dict[str, Any]]:
    """The spans of a trace that are the app's, as `app_span` tells them."""
    results = _results(trace)
    return [_told(row, results.get(row.span_id, [])) for row in trace if not _is_scoring(row)]


def app_span(row: Row, trace: Sequence[Row]) -> dict[str, Any]:
    """A span in Braintrust's field names, decoded; fields that it does not have, or that hold nothing, are left out."""
    return _told(row, _results(trace).get(row.span_id, []))


def _told(row: Row, results: Sequence[_Added]) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(row, name) for name in LINKAGE}
    told["span_parents"] = decode(row.span_parents)
    told |= {name: decode(written) for name in PAYLOAD if (written := getattr(row, name)) is not None}
    if results:
        names = {name for name, _ in results}
        told["scores"] = {key: one for key, one in _object(told.get("scores")).items() if key not in names}
        told["metadata"] = _without(told.get("metadata"), results)
    return {key: value for key, value in told.items() if value not in (None, {})}


def digest_of(spans: Any) -> str:
    """Digits that stand for some spans."""
    return digest(spans).hex()


def _metadata(case: Case) -> Any:
    metadata = case.value("metadata")
    if not isinstance(metadata, dict):
        return metadata
    results = _results(case.trace).get(case.row.span_id)
    return (_without(metadata, results) if results else metadata) or None


own_metadata = Source(_metadata, "metadata")
"""The metadata of the scored span, without what scoring added to it."""


def _is_scoring(row: Row) -> bool:
    return row.span_attributes is not None and '"scorer"' in row.span_attributes and facts_of(row).purpose == "scorer"


def _results(trace: Sequence[Row]) -> dict[str, list[_Added]]:
    """The name and metadata of each score span, by the ``span_id`` of the span that was scored."""
    found: dict[str, list[_Added]] = {}
    for row in trace:
        if _is_scoring(row):
            facts = facts_of(row)
            if facts.type == "score" and facts.name is not None:
                metadata = _object(None if row.metadata is None else decode(row.metadata))
                added = {key: value for key, value in metadata.items() if key not in OURS}
                for parent in decode(row.span_parents):
                    found.setdefault(parent, []).append((facts.name, added))
    return found


def _without(metadata: Any, results: Sequence[_Added]) -> dict[str, Any]:
    left = dict(_object(metadata))
    for name, added in results:
        _take(left, name, added)
        for note in _NOTES:
            if isinstance(left.get(note), dict):
                left[note] = {key: one for key, one in left[note].items() if key != name}
                if not left[note]:
                    del left[note]
    return left


def _take(metadata: dict[str, Any], name: str, added: dict[str, Any]) -> None:
    """Takes out of a member what a scorer has added to it, and the member where nothing else is in it."""
    there = metadata.get(name)
    if not isinstance(there, dict) or not added:
        return
    left = {key: one for key, one in there.items() if key not in added or one != added[key]}
    if left:
        metadata[name] = left
    else:
        del metadata[name]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
