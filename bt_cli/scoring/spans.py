"""Results → rows: score spans, the judge's calls below them, and what changes in the row that was scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from bt_cli.scoring.base import Call, Result, ScoredTrace
from bt_cli.scoring.calls import call_row, superseded_row
from bt_cli.scoring.patch import patch_of, replaced_scores
from bt_cli.scoring.reuse import Found, calls_below, earlier_results
from bt_cli.spans import text
from bt_cli.spans.ids import child_id, uuid_prefix
from bt_cli.spans.merge import merge_rows
from bt_cli.spans.row import Row
from bt_cli.spans.times import format_iso, is_absolute

PLACE = "/score/"
"""What stands between the id of a scored row and the name of the score in what a score span's id is made of."""


class Written(NamedTuple):
    """What scoring writes of a trace: patches of scored rows, and whole spans; both go by their ids.

    ``replaced`` are the names of scores that the application had written itself.
    """

    patches: list[Row]
    spans: list[Row]
    replaced: set[str]


NOTHING = Written([], [], set())


def rows_of(scored: ScoredTrace) -> Written:
    """The rows of new results, in the order of the results; none for reused ones and those not run.

    The same results give the same rows, in the same order, with the same ids. Where an earlier run made
    more calls, its further ones are emptied and marked as superseded: nothing is ever removed from a store.
    """
    fresh: dict[str, list[Result]] = {}
    for result in scored.results:
        if not result.reused and result.state != "not_run":
            fresh.setdefault(result.span_id, []).append(result)
    if not fresh:
        return NOTHING
    earlier = earlier_results(scored.rows)
    calls = calls_below(scored.rows) if earlier else {}
    written = Written([], [], set())
    for row in scored.rows:
        if not fresh:
            break
        if results := fresh.pop(row.span_id, None):
            found = earlier.get(row.span_id, {})
            patch = patch_of(row, results, found)
            if patch is not None:
                written.patches.append(patch)
            written.replaced.update(replaced_scores(row, results, found))
            for result in results:
                written.spans.extend(_spans(row, result, found, calls))
    return written


def put_together(rows: Sequence[Row], written: Written) -> list[Row]:
    """A trace with what scoring writes: rows of the same ids merged and replaced, others at the end."""
    patches = {row.id: row for row in written.patches}
    spans = {row.id: row for row in written.spans}
    kept = [spans.pop(row.id, row) for row in rows]
    return [merge_rows(row, patches[row.id]) if row.id in patches else row for row in kept] + [*spans.values()]


def _spans(row: Row, result: Result, found: Found, earlier_calls: Mapping[str, Mapping[str, Row]]) -> list[Row]:
    place = PLACE + result.name
    prefix = uuid_prefix(row.time or 0.0)
    known = found[result.name].row if result.name in found else None
    span = _score_span(row, result, known.id if known else child_id(prefix, row.id, place))
    below = earlier_calls.get(known.span_id, {}) if known else {}
    ids = [child_id(prefix, row.id, f"{place}/{number}") for number in range(max(len(result.calls), len(below)))]
    made = [call_row(span, call_id, call) for call_id, call in zip(ids, result.calls, strict=False)]
    left = [superseded_row(below[call_id]) for call_id in ids[len(made) :] if call_id in below]
    return [span, *made, *left]


def _score_span(row: Row, result: Result, span_id: str) -> Row:
    span = Row(span_id, span_id, row.root_span_id, f"[{text.quote(row.span_id)}]", row.created, row.time)
    span.input = result.arguments
    span.output = f'{{"score":{text.number(result.score)}}}' if result.score is not None else "null"
    span.error = text.quote(result.reason) if result.state == "error" else None
    span.metadata = text.encode(_metadata(result))
    span.span_attributes = _attributes(result.name)
    if result.calls:
        _date(span, result.calls)
    return span


@cache
def _attributes(name: str) -> str:
    return f'{{"name":{text.quote(name)},"type":"score","purpose":"scorer"}}'


def _metadata(result: Result) -> dict[str, Any]:
    """The scorer's metadata and ours, whose names win."""
    metadata = {**result.metadata, "fingerprint": result.fingerprint}
    if result.scorer:
        metadata["scorer"] = result.scorer
    if result.values:
        metadata["trials"] = result.values
    if result.state == "skipped":
        metadata["skipped"] = result.reason
    return metadata


def _date(span: Row, calls: Sequence[Call]) -> None:
    """Gives a score span the times of its calls."""
    start, end = min(call.start for call in calls), max(call.end for call in calls)
    span.metrics = text.encode({"start": start, "end": end})
    if is_absolute(start):
        span.created, span.time = format_iso(start), start
