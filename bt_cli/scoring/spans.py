"""Results → rows: score spans, the judge's calls below them, and what changes in the row that was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Raw

from bt_cli.scoring.base import Call, Result, ScoredTrace
from bt_cli.scoring.calls import call_row
from bt_cli.scoring.patch import patch_of, replaced_scores
from bt_cli.scoring.reuse import Found, earlier_results
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

    The same results give the same rows, in the same order, with the same ids.
    """
    fresh: dict[str, list[Result]] = {}
    for result in scored.results:
        if not result.reused and result.state != "not_run":
            fresh.setdefault(result.span_id, []).append(result)
    if not fresh:
        return NOTHING
    earlier = earlier_results(scored.rows)
    written = Written([], [], set())
    for row in scored.rows:
        if results := fresh.pop(row.span_id, None):
            found = earlier.get(row.span_id, {})
            patch = patch_of(row, results, found)
            if patch is not None:
                written.patches.append(patch)
            written.replaced.update(replaced_scores(row, results, found))
            for result in results:
                written.spans.extend(_spans(row, result, found))
    return written


def put_together(rows: Sequence[Row], written: Written) -> list[Row]:
    """A trace with what scoring writes: rows of the same ids merged and replaced, others at the end."""
    patches = {row.id: row for row in written.patches}
    spans = {row.id: row for row in written.spans}
    kept = [spans.pop(row.id, row) for row in rows]
    return [merge_rows(row, patches[row.id]) if row.id in patches else row for row in kept] + [*spans.values()]


def _spans(row: Row, result: Result, found: Found) -> list[Row]:
    prefix = uuid_prefix(row.time or 0.0)
    place = PLACE + result.name
    span_id = found[result.name].row.id if result.name in found else child_id(prefix, row.id, place)
    calls = result.calls
    start = min([call.start for call in calls], default=None)
    span = Row(span_id, span_id, row.root_span_id, f"[{text.quote(row.span_id)}]", row.created, row.time)
    if start is not None and is_absolute(start):
        span.created, span.time = format_iso(start), start
    span.input = result.arguments
    span.output = f'{{"score":{text.number(result.score)}}}' if result.score is not None else "null"
    span.error = text.quote(result.reason) if result.state == "error" else None
    span.metadata = _metadata(result)
    span.metrics = _times(calls)
    span.span_attributes = f'{{"name":{text.quote(result.name)},"type":"score","purpose":"scorer"}}'
    return [span, *[call_row(span, child_id(prefix, row.id, f"{place}/{n}"), one) for n, one in enumerate(calls)]]


def _metadata(result: Result) -> str:
    members = {key: text.raw(text.encode(value)) for key, value in result.metadata.items()}
    ours: dict[str, Raw] = {"fingerprint": text.raw(text.quote(result.fingerprint))}
    if result.scorer:
        ours["scorer"] = text.raw(text.quote(result.scorer))
    if result.values:
        ours["trials"] = text.raw(text.encode(result.values))
    if result.state == "skipped":
        ours["skipped"] = text.raw(text.quote(result.reason))
    return text.join({**members, **ours})


def _times(calls: Sequence[Call]) -> str | None:
    if not calls:
        return None
    return text.encode({"start": min(call.start for call in calls), "end": max(call.end for call in calls)})
