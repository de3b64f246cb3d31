"""The row of a span while it is written: what the store does not have yet.

A span stands once in the queue of its worker, however often it changes before the worker comes to it; so
that a span which began and ended meanwhile is written once, whole.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bt_cli.spans import text
from bt_cli.spans.merge import MERGED, merge_text
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms
from bt_cli.stores.base import Conflict, Submission

if TYPE_CHECKING:
    from bt_cli.tracing.attachments import BaseAttachment
    from bt_cli.tracing.target import Target

_lock = threading.Lock()
"""One for all drafts: it is held for a few steps at a time, and one is easily made anew after a fork."""


def _renew() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew)


class Logged(NamedTuple):
    """A row as it goes to the store."""

    target: Target
    submission: Submission
    attachments: Sequence[BaseAttachment] = ()

    @property
    def size(self) -> int:
        """About how many bytes its JSON has."""
        return sum(len(value) for value in _texts(self.submission.rows[0]))

    def take(self) -> Logged:
        """Itself: it is whole."""
        return self

    def peek(self) -> Logged:
        """Itself."""
        return self

    def share(self) -> None:
        """Nothing: who forks does not change it any more."""


class Change(Protocol):
    """Something in the queue of a worker."""

    @property
    def target(self) -> Target:
        """Where it belongs."""

    def take(self) -> Logged:
        """The row that is to be written now; called by the worker, once for each time it was queued."""

    def peek(self) -> Logged:
        """The same row, which stays to be written."""

    def share(self) -> None:
        """Another process may change the row before it is written here."""


class Place(NamedTuple):
    """What places a span; a row keeps it for good."""

    id: str
    span_id: str
    root_span_id: str
    span_parents: str
    """JSON text of a list."""
    created: str
    time: float
    """``created`` in epoch seconds."""


class Draft:
    """The unwritten changes of one span."""

    __slots__ = ("_attachments", "_changes", "_queued", "_shared", "_written", "place", "target")

    def __init__(self, target: Target, place: Place) -> None:
        self.target = target
        self.place = place
        self._changes: list[tuple[str, str]] = []
        self._attachments: list[BaseAttachment] = []
        self._written = False
        self._shared = False
        self._queued = _NEVER  # else the generation of the queue it stands in

    def change(self, fields: Iterable[tuple[str, str]], attachments: Sequence[BaseAttachment] = ()) -> None:
        """Adds fields, names and JSON text, to what is not written yet, and sees to it that it will be.

        They are merged by the worker. May wait for room in its queue, see `Worker.put`.
        """
        worker = self.target.worker
        with _lock:
            self._changes += fields
            if attachments:
                self._attachments += attachments
            if self._queued == worker.generation:
                return
            # After a fork the parent writes what there was; here it is a change to the row of the parent.
            self._written = self._written or self._queued >= 0
            self._queued = worker.generation
        if not worker.put(self):
            with _lock:  # the next change tries again, with all that there is
                self._queued = _NEVER if not self._written else _TAKEN

    def take(self) -> Logged:
        """The row of all changes so far: the first time the whole row, then amendments to it."""
        with _lock:
            written = self._row()
            self._changes, self._attachments, self._written, self._queued = [], [], True, _TAKEN
        return written

    def peek(self) -> Logged:
        """The same row, which stays to be written."""
        with _lock:
            return self._row()

    def share(self) -> None:
        """After a fork: what the child has written already is not to be replaced by what was before it."""
        self._shared = True

    def _row(self) -> Logged:
        row = row_of(Row(*self.place), self._changes)
        if self._written:
            row.created = row.time = None
        conflict: Conflict = "merge" if self._written or self._shared else "replace"
        submission = Submission([row], None, conflict, tree=False, terms=_NO_TERMS)
        return Logged(self.target, submission, self._attachments)


_NEVER, _TAKEN = -1, -2
_NO_TERMS = Terms()


def row_of(row: Row, fields: Iterable[tuple[str, str]]) -> Row:
    """``row`` with fields, names and JSON text, each merged into those before it of its name.

    Those that Braintrust has no field for are unknown keys.
    """
    merged: dict[str, str] = {}
    for name, value in fields:
        there = merged.get(name)
        merged[name] = value if there is None else _merged(there, value)
    unknown: dict[str, str] = {}
    for name, value in merged.items():
        if name in _FIELDS:
            setattr(row, name, value)
        else:
            unknown[name] = value
    if unknown:
        row.extra = text.join({name: text.raw(value) for name, value in unknown.items()})
    return row


def _merged(there: str, new: str) -> str:
    """As `merge_text`, with a short way for the end of a span, which nearly every one has."""
    if new.startswith(_END) and _END[1:] not in there and len(there) > 2 and there[0] == "{":
        return f"{there[:-1]},{new[1:]}"
    return merge_text(there, new)


_END = '{"end":'
_FIELDS = frozenset(MERGED) - {"extra", "server"}


def _texts(row: Row) -> list[str]:
    return [value for name in (*_FIELDS, "extra") if (value := getattr(row, name)) is not None]
