"""The row of a span while it is written: what the store does not have yet.

A span stands once in the queue of its worker, however often it changes before the worker comes to it; so
that a span which began and ended meanwhile is written once, whole.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

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
        return self.submission.rows[0].size

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


class Place(Struct, frozen=True, gc=False):
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

    __slots__ = ("_attachments", "_queued", "_row", "_shared", "_written", "place", "target")

    def __init__(self, target: Target, place: Place) -> None:
        self.target = target
        self.place = place
        self._row = Row(place.id, place.span_id, place.root_span_id, place.span_parents, place.created, place.time)
        self._attachments: Sequence[BaseAttachment] = ()
        self._written = False
        self._shared = False
        self._queued = _NEVER  # else the generation of the queue it stands in

    def change(self, fields: Iterable[tuple[str, str]], attachments: Sequence[BaseAttachment] = ()) -> None:
        """Merges fields, names and JSON text, into what is not written yet, and sees to it that it will be.

        May wait for room in the queue of its worker, see `Worker.put`.
        """
        worker = self.target.worker
        with _lock:
            amend(self._row, fields)
            if attachments:
                self._attachments = (*self._attachments, *attachments)
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
        place = self.place
        with _lock:
            taken = self._logged(self._row)
            self._row = Row(place.id, place.span_id, place.root_span_id, place.span_parents)
            self._attachments, self._written, self._queued = (), True, _TAKEN
        return taken

    def peek(self) -> Logged:
        """The same row, which stays to be written."""
        with _lock:
            return self._logged(replace(self._row))

    def share(self) -> None:
        """After a fork: what the child has written already is not to be replaced by what was before it."""
        self._shared = True

    def _logged(self, row: Row) -> Logged:
        if self._written:
            row.created = row.time = None
        conflict: Conflict = "merge" if self._written or self._shared else "replace"
        submission = Submission([row], None, conflict, tree=False, terms=_NO_TERMS)
        return Logged(self.target, submission, self._attachments)


_NEVER, _TAKEN = -1, -2
_NO_TERMS = Terms()


def amend(row: Row, fields: Iterable[tuple[str, str]]) -> None:
    """Merges fields, names and JSON text, into ``row``; those that Braintrust has no field for are unknown keys."""
    for name, value in fields:
        if name not in _FIELDS:
            name, value = "extra", text.join({name: text.raw(value)})
        there = getattr(row, name)
        setattr(row, name, value if there is None else _merged(there, value))


def _merged(there: str, new: str) -> str:
    """As `merge_text`, with a short way for the times of a span, which nearly every one has."""
    if _is_apart(there, '{"start":', new) or _is_apart(new, '{"end":', there):
        return f"{there[:-1]},{new[1:]}"
    return merge_text(there, new)


def _is_apart(one: str, beginning: str, other: str) -> bool:
    """Whether ``one`` has a single member, which ``other``, an object with members, does not have."""
    return (
        one.startswith(beginning)
        and "," not in one
        and beginning[1:] not in other
        and len(other) > 2
        and other[0] == "{"
    )


_FIELDS = frozenset(MERGED) - {"extra", "server"}
