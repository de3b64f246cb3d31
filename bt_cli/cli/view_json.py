"""The ``--json`` of `bt view`: what is shown, and the rows themselves as the store has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import orjson

from bt_cli.render.amounts import plain
from bt_cli.spans.facts import facts_of
from bt_cli.writers.rows import write_rows

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.cli.view_subject import Meant
    from bt_cli.pipeline.viewing import SeenTrace
    from bt_cli.render.thread import Turn
    from bt_cli.spans.attachments import Located
    from bt_cli.spans.facts import Facts
    from bt_cli.spans.message_parts import Part
    from bt_cli.spans.row import Row
    from bt_cli.spans.trace import TraceFacts


def trace_item(trace: TraceFacts) -> dict[str, object]:
    """A trace in short: times as text, durations in seconds, cost in USD."""
    return {
        "id": trace.id,
        "name": trace.name,
        "created": trace.created,
        "duration": seconds(trace.duration),
        "tokens": plain(trace.tokens),
        "cost": trace.cost,
        "spans": trace.spans,
        "errors": trace.errors,
        "scores": _scores(trace.scores),
    }


def _scores(scores: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: plain(value) for name, value in scores.items()}


def seconds(value: float | None) -> float | None:
    """A difference of times, to the microsecond: what lies behind is only the noise of subtracting."""
    return None if value is None else round(value, 6)


def emit_trace(console: Console, found: Meant, seen: SeenTrace | None) -> None:
    """A trace and its spans in the order of the tree, written span by span; null and none for an empty file."""
    head = _head("bt/view-trace/1", found)
    head["trace"] = trace_item(seen.short) if seen else None
    spans = (orjson.dumps(span).decode() for span in (_spans(seen) if seen else ()))
    written = ("," * (place > 0) + span for place, span in enumerate(spans))
    console.emit_parts(chain([orjson.dumps(head).decode()[:-1] + ',"spans":['], written, ["]}\n"]), json=True)


def emit_span(console: Console, found: Meant, attachments: Sequence[Located]) -> None:
    """One span: its facts, the row with every field as the source wrote it, its attachments; null for an empty file."""
    shown = [_span(row, facts_of(row)) for row in found.rows]
    kept = [_attachment(one) for one in attachments]
    console.emit_json({**_head("bt/view-span/1", found), "span": shown[0] if shown else None, "attachments": kept})


def _attachment(one: Located) -> dict[str, object]:
    return {**one.reference._asdict(), "size": one.size, "place": one.place, "lack": one.lack}


def emit_thread(console: Console, found: Meant, seen: SeenTrace | None, turns: Sequence[Turn]) -> None:
    """The turns of a conversation; ``repeated`` counts messages that stand above already."""
    head = _head("bt/view-thread/1", found)
    head["trace"] = trace_item(seen.short) if seen else None
    console.emit_json({**head, "turns": [_turn(turn) for turn in turns]})


def _head(schema: str, found: Meant) -> dict[str, object]:
    """What every answer begins with: where the trace was found is a container of the store, or a file."""
    head: dict[str, object] = {"schema": schema, "ok": found.exit_code == 0, "exit_code": found.exit_code}
    if found.file is not None:
        return {**head, "file": found.file}
    where = found.container
    return {**head, "container": where.ref, "project": where.project, "experiment": where.experiment}


def _spans(seen: SeenTrace) -> Iterator[dict[str, object]]:
    from bt_cli.render.folding import by_start

    waiting = [(branch, 0) for branch in reversed(seen.tops)]
    while waiting:
        branch, depth = waiting.pop()
        waiting += [(child, depth + 1) for child in reversed(by_start(branch.children, seen.facts))]
        place = {"depth": depth, "fragment": seen.why.get(id(branch))}
        yield {**place, **_span(branch.row, seen.facts[id(branch)])}


def _span(row: Row, facts: Facts) -> dict[str, object]:
    return {
        "id": row.id,
        "name": facts.name,
        "type": facts.type,
        "model": facts.model,
        "start": facts.start,
        "end": facts.end,
        "duration": seconds(facts.duration),
        "tokens": plain(facts.tokens),
        "cost": facts.cost,
        "scores": _scores(facts.scores),
        "has_error": facts.error is not None,
        "row": orjson.Fragment(write_rows([row], with_container=True).rstrip("\n")),
    }


def _turn(turn: Turn) -> dict[str, object]:
    return {
        "span_id": turn.row.span_id,
        "name": turn.facts.name,
        "type": turn.facts.type,
        "model": turn.facts.model,
        "duration": seconds(turn.facts.duration),
        "tokens": plain(turn.facts.tokens),
        "error": None if turn.row.error is None else orjson.Fragment(turn.row.error),
        "repeated": turn.repeated,
        "messages": [{"role": one.role, "parts": [_part(part) for part in one.parts]} for one in turn.messages],
    }


def _part(part: Part) -> dict[str, object]:
    from bt_cli.render import span

    made: dict[str, object] = {"kind": part.kind}
    if part.name:
        made["name"] = part.name
    if part.id:
        made["id"] = part.id
    words = span.plain(part)
    made["value"] = orjson.Fragment(part.text) if words is None else words
    return made
