"""A batch of which some rows are in the store already: merged, compared, and stored where they differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import orjson
from msgspec import Struct, field
from msgspec.structs import astuple, replace

from bt_cli.spans.merge import merge_rows
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.spans.terms import combined, first_version
from bt_cli.stores.base import Outcome, Status, Submission
from bt_cli.stores.sqlite.places import Places
from bt_cli.stores.sqlite.schema import POSITION_BITS, ROW_COLUMNS
from bt_cli.stores.sqlite.statements import (
    SourceEntry,
    Touched,
    drop_emptied,
    has_loose_ends,
    insert_rows,
    remember,
    touch,
)

_STORED = (
    f"SELECT key, {', '.join(ROW_COLUMNS)} FROM spans WHERE container = ? AND id IN (SELECT value FROM json_each(?))"
)
_UPDATE = f"UPDATE spans SET {', '.join(f'{name} = ?' for name in ROW_COLUMNS)} WHERE key = ?"


class _Slot(Struct):
    """One id during the batch: where it is stored, if it is, and the row as it stands now."""

    row: Row
    key: int = 0
    stored: Row | None = None
    seen: bool = False


def write(db: sqlite3.Connection, container: int, submissions: Sequence[Submission]) -> list[Outcome]:
    """Stores a batch row by row, within the caller's transaction."""
    slots = _stored(db, container, submissions)
    applied = [_apply(slots, submission) for submission in submissions]
    outcomes = [_outcome(slots, one) for one in applied]
    accepted = [one for one, outcome in zip(submissions, outcomes, strict=True) if outcome.status != "rejected"]
    places = Places(db, container)
    places.open_traces({slot.row.root_span_id for slot in slots.values()})
    left = _store(db, container, places, slots)
    remember(db, _sources(slots, zip(submissions, outcomes, strict=True)))
    touch(db, _touched(places, slots, accepted))
    places.store()
    drop_emptied(db, left)
    return outcomes


def _stored(db: sqlite3.Connection, container: int, submissions: Sequence[Submission]) -> dict[str, _Slot]:
    ids = orjson.dumps([row.id for one in submissions for row in one.rows]).decode()
    slots = {}
    for key, *fields in db.execute(_STORED, (container, ids)):
        row = Row(*fields)
        slots[row.id] = _Slot(row, key, row)
    return slots


class _Applied(Struct):
    """What a record did in its turn: ids that were new, ids first met here, and how many it met again."""

    new: int = 0
    first: list[str] = field(default_factory=list)
    folded: int = 0
    problem: Problem | None = None


def _apply(slots: dict[str, _Slot], submission: Submission) -> _Applied:
    """Applies a record to the slots; all of its rows or, with a problem, none."""
    planned: dict[str, Row] = {}
    applied = _Applied()
    for row in submission.rows:
        slot = slots.get(row.id)
        current = planned.get(row.id) or (slot.row if slot else None)
        if current is None:
            planned[row.id] = row if submission.terms is None else first_version(row, submission.terms)
            applied.new += 1
            continue
        if _is_elsewhere(row, current) and not (submission.terms and submission.conflict == "replace"):
            return _Applied(problem=_in_other_trace(row, current))
        combined = _combine(current, row, submission)
        if submission.conflict == "error" and combined != current:
            return _Applied(problem=Problem("conflict", f"id {row.id} is stored with other content", "id"))
        if row.id in planned or slot is None or slot.seen:
            applied.folded += 1
        else:
            applied.first.append(row.id)
        planned[row.id] = combined
    for row_id, row in planned.items():
        slot = slots.setdefault(row_id, _Slot(row))
        slot.row = row
        slot.seen = True
    return applied


def _outcome(slots: dict[str, _Slot], applied: _Applied) -> Outcome:
    """The outcome of a record, once the batch is through: of several versions of an id only the last counts."""
    if applied.problem is not None:
        return Outcome("rejected", problem=applied.problem)
    changed = sum(slots[row_id].row != slots[row_id].stored for row_id in applied.first)
    unchanged = len(applied.first) - changed
    if applied.new and not (applied.first or applied.folded):
        status: Status = "new"
    elif applied.new or changed:
        status = "changed"
    else:
        status = "folded" if applied.folded else "unchanged"
    return Outcome(status, applied.new, changed, unchanged, applied.folded)


def _combine(current: Row, row: Row, submission: Submission) -> Row:
    if submission.conflict == "skip":
        return current
    if submission.terms is not None:
        return combined(current, row, submission.conflict != "replace", submission.terms)
    if submission.conflict == "replace":
        return row if row.root_span_id is not None else replace(row, root_span_id=current.root_span_id)
    return merge_rows(current, row)


def _is_elsewhere(row: Row, current: Row) -> bool:
    """Whether a row names another trace than the one it is stored in."""
    return current.root_span_id != row.root_span_id and None not in (current.root_span_id, row.root_span_id)


def _in_other_trace(row: Row, current: Row) -> Problem:
    message = f"id {row.id} belongs to trace {current.root_span_id} already, not to {row.root_span_id}"
    return Problem("id_in_other_trace", message, "id")


def _store(db: sqlite3.Connection, container: int, places: Places, slots: dict[str, _Slot]) -> set[int]:
    """Inserts new rows, updates changed ones, and moves those whose trace is another now; the traces they left."""
    inserted, updated, removed = [], [], []
    for slot in slots.values():
        if slot.stored is not None and slot.stored.root_span_id != slot.row.root_span_id:
            removed.append((slot.key,))
            slot.key = 0
        if not slot.key:
            slot.key = places.next_key(slot.row)
            inserted.append((slot.key, container, *astuple(slot.row)))
        elif slot.row != slot.stored:
            updated.append((*astuple(slot.row), slot.key))
            places.refresh(slot.key >> POSITION_BITS)
    forget_rows(db, removed)
    insert_rows(db, inserted)
    db.executemany(_UPDATE, updated)
    left = {key >> POSITION_BITS for (key,) in removed}
    for trace in left:
        places.refresh(trace)
    return left


def forget_rows(db: sqlite3.Connection, keys: Sequence[tuple[int]]) -> None:
    """Removes rows by key, with what is remembered of their sources and the count of their trace."""
    db.executemany("DELETE FROM spans WHERE key = ?", keys)
    db.executemany("DELETE FROM sources WHERE key = ?", keys)
    db.executemany("UPDATE traces SET spans = spans - 1 WHERE trace = ? >> 32", keys)


def _sources(slots: dict[str, _Slot], done: Iterable[tuple[Submission, Outcome]]) -> list[SourceEntry]:
    """What to remember of records that were applied; one that was skipped over stored rows was not."""
    return [
        (slots[one.rows[0].id].key, one.source, len(one.rows), one.anonymous, one.tree)
        for one, outcome in done
        if one.source is not None
        and outcome.status != "rejected"
        and (one.conflict != "skip" or outcome.status == "new")
    ]


def _touched(places: Places, slots: dict[str, _Slot], accepted: Sequence[Submission]) -> list[Touched]:
    marks: dict[int, Touched] = {}
    for submission in accepted:
        if submission.source is not None and has_loose_ends(submission):
            for row in submission.rows:
                slot = slots[row.id]
                trace = slot.key >> POSITION_BITS
                changed = slot.row != slot.stored or (trace in marks and bool(marks[trace][3]))
                marks[trace] = (trace, not submission.tree, places.is_new(trace), changed)
    return list(marks.values())
