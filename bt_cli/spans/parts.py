"""What a few traces, or single spans, come to: the parts that add up to a summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from bt_cli.spans.canonical import canonical, digest
from bt_cli.spans.facts import facts_of
from bt_cli.spans.paths import Path
from bt_cli.spans.rollup import NEEDED, is_usable, roll_up, spans_of_scorers
from bt_cli.spans.row import Row

LONGEST_GROUP = 1_000
"""Characters of a group's JSON text; of longer ones the beginning and a digest are kept."""


class Part(Struct, array_like=True, gc=False):
    """What some traces of one group come to; a small thing that travels between processes."""

    traces: int = 0
    spans: int = 0
    errors: int = 0
    """Spans with an error, without scorers."""
    failed: int = 0
    """Traces with such a span."""
    durations: list[float] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=dict)
    claims: list[tuple[float, float]] = field(default_factory=list)
    """For each trace whose parents' own sums of tokens disagree: what they say, and what was counted."""
    begin: float | None = None
    end: float | None = None
    """Epoch seconds of the earliest and the latest trace."""


class Parts(Struct, array_like=True, gc=False):
    """Parts by group: the canonical JSON text of the value that they share, empty where there is none.

    A trace whose spans lie in several groups counts in each; ``again`` says how often beyond the
    first, and ``failed_again`` how often so with an error.
    """

    groups: dict[str, Part] = field(default_factory=dict)
    again: int = 0
    failed_again: int = 0

    def part(self, key: str) -> Part:
        """The part of one group."""
        return self.groups.setdefault(key, Part())


def needed_fields(group_by: Path | None) -> tuple[str, ...]:
    """The fields of a row that a summary looks at."""
    return (*NEEDED, "time", *([group_by.field] if group_by else []))


def parts_of_traces(traces: Iterable[Sequence[Row]], group_by: Path | None) -> Parts:
    """Whole traces by the group of their root (of the first span where there is no root)."""
    parts = Parts()
    for rows in traces:
        rolled = roll_up(rows)
        root = rows[rolled.root or 0]
        part = parts.part(group_of(group_by, root))
        part.traces += 1
        part.spans += len(rows)
        part.errors += rolled.errors
        part.failed += rolled.errors > 0
        _add_values(part, rolled.duration, rolled.tokens, rolled.cost, rolled.scores)
        _add_time(part, root.time)
        if rolled.disagrees:
            part.claims.append((rolled.claimed, rolled.used))
    return parts


def parts_of_spans(traces: Iterable[Sequence[Row]], group_by: Path | None) -> Parts:
    """Single spans, each in the group of its own value; a trace counts once in each group."""
    parts = Parts()
    for rows in traces:
        facts = [facts_of(row) for row in rows]
        rolled = roll_up(rows, facts)
        of_scorers = spans_of_scorers(rows, facts)
        seen: dict[str, bool] = {}
        for index, (row, fact) in enumerate(zip(rows, facts, strict=True)):
            key = group_of(group_by, row)
            part = parts.part(key)
            part.spans += 1
            failed = fact.error is not None and index not in of_scorers
            part.errors += failed
            _add_values(part, fact.duration, rolled.calls.get(index), rolled.costs.get(index), fact.scores)
            _add_time(part, row.time)
            part.traces += key not in seen
            part.failed += failed and not seen.get(key, False)
            seen[key] = seen.get(key, False) or failed
        parts.again += len(seen) - 1
        parts.failed_again += max(sum(seen.values()) - 1, 0)
    return parts


def group_of(group_by: Path | None, row: Row) -> str:
    """The group that a row belongs to."""
    value = None if group_by is None else group_by.of(row)
    if value is None:
        return ""
    written = canonical(value)
    if len(written) > LONGEST_GROUP:
        return canonical(f"{written[:LONGEST_GROUP]}… ({digest(value).hex()[:12]})")
    return written


def _add_values(
    part: Part, duration: float | None, tokens: float | None, cost: float | None, scores: dict[str, float | None]
) -> None:
    for value, kept in ((duration, part.durations), (tokens, part.tokens), (cost, part.costs)):
        if value is not None and is_usable(value):
            kept.append(value)
    for name, value in scores.items():
        values = part.scores.setdefault(name, [])
        if value is not None:
            values.append(value)


def _add_time(part: Part, time: float | None) -> None:
    if time is not None:
        part.begin = time if part.begin is None else min(part.begin, time)
        part.end = time if part.end is None else max(part.end, time)
