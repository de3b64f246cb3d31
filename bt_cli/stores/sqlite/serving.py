"""The SQLite store as a server needs it: objects, whole transactions, rows by arrival. See `bt_cli.stores.serving`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from bt_cli.errors import NotFoundError
from bt_cli.spans.container import Container, Kind
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.experiments import Summarised, base_of, experiment_name, summarised
from bt_cli.stores.serving import RowsAsked, StoredObject, StoredRow, Written
from bt_cli.stores.sqlite import careful
from bt_cli.stores.sqlite.arrival import rows_asked
from bt_cli.stores.sqlite.conditions import add_functions
from bt_cli.stores.sqlite.connect import transaction, translated
from bt_cli.stores.sqlite.interrupting import interruptible
from bt_cli.stores.sqlite.objects import describe, find_objects
from bt_cli.stores.sqlite.settling import link
from bt_cli.stores.sqlite.statements import drop_emptied, forget_touched
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.writing import known_traces, write_new_rows

_KEY = "SELECT key FROM spans WHERE container = ? AND id = ?"


class ServingSqliteStore(SqliteStore):
    """A SQLite store that a server stands before, or a program logs to: see `bt_cli.stores.logging`."""

    pages_url = None

    def __init__(self, path: str, read_only: bool = False, stop: Callable[[], int] = lambda: 0) -> None:
        super().__init__(path, read_only, stop)
        add_functions(self.db)
        if not read_only:
            with translated(path):
                forget_touched(self.db)
                # What is acknowledged is safe from a power cut: each commit waits for the disk.
                self.db.execute("PRAGMA synchronous = FULL")

    def objects(
        self, kind: Kind, *, project: str | None = None, name: str | None = None, id: str | None = None
    ) -> list[StoredObject]:
        """The objects of a kind, by project and name."""
        with translated(self.path):
            return find_objects(self.db, kind, project, name, id)

    def open_object(self, container: Container, about: Mapping[str, Any]) -> tuple[StoredObject, bool]:
        """The object, made with ``about`` where it is not there; and whether it was there."""
        with translated(self.path):
            there = self._find(container) is not None
            self._open_container(container)
            if not there and about:
                describe(self.db, container, about)
            (found,) = find_objects(self.db, container.kind, container.project, container.name)
            return found, there

    def register(self, container: Container, about: Mapping[str, Any], *, fresh: bool = False) -> StoredObject:
        """The object, made with ``about`` where it is not there, or anew."""
        with translated(self.path), transaction(self.db):  # a name that is free stays so until it is taken
            if container.kind == "experiment":
                container = self._named(container, fresh)
            made, _ = self.open_object(container, about)
        return made

    def _named(self, container: Container, fresh: bool) -> Container:
        def is_taken(name: str) -> bool:
            return self._find(Container(container.project, name)) is not None

        return Container(container.project, experiment_name(container.experiment, fresh, is_taken))

    def object_by_id(self, kind: Kind, id: str) -> StoredObject | None:
        """The object with this id."""
        return next(iter(self.objects(kind, id=id)), None)

    def summarize(self, id: str, other: str | None = None) -> Summarised:
        """What an experiment comes to."""
        found = self._experiment(id)
        base = self._experiment(other) if other else base_of(self, found)
        lines = summarised(self, found.container, None if base is None else base.container)
        return Summarised(None if base is None else base.container.name, lines)

    def _experiment(self, id: str) -> StoredObject:
        found = self.object_by_id("experiment", id)
        if found is None:
            raise NotFoundError(f"there is no experiment with the id {id}")
        return found

    def attach(self, content: bytes, filename: str, content_type: str, key: str | None = None) -> str:
        """Keeps an attachment beside the store; its key."""
        return self._files.attach(content, filename, content_type, key)

    def describe(self, container: Container, about: Mapping[str, Any]) -> StoredObject:
        """Replaces the members of what is said of an object that are in ``about``."""
        with translated(self.path):
            self._open_project(container)
            self._found(container)
            describe(self.db, container, about)
            (found,) = find_objects(self.db, container.kind, container.project, container.name)
            return found

    def _open_project(self, container: Container) -> None:
        """Gives the logs of a project that has only experiments or datasets a place of their own."""
        if container.kind == "project_logs" and find_objects(self.db, "project_logs", container.project, None):
            self._open_container(container)

    def apply(self, batches: Sequence[tuple[Container, Sequence[Submission]]]) -> Written:
        """Stores batches in one transaction, which is durable when this returns."""
        with translated(self.path), transaction(self.db):
            outcomes = [self._write(container, submissions) for container, submissions in batches]
            xact = self.last_transaction()
            self.db.execute("DELETE FROM touched")
        return Written(xact, outcomes)

    def _write(self, container: Container, submissions: Sequence[Submission]) -> list[Outcome]:
        number = self._open_container(container)
        known = known_traces(self.db, number, submissions)
        outcomes = self._write_all_new(number, submissions) or self._write_in_turn(number, submissions)
        link(self.db, number)
        if not known:
            return outcomes
        return [_told_apart(one, outcome, known) for one, outcome in zip(submissions, outcomes, strict=True)]

    def _write_all_new(self, number: int, submissions: Sequence[Submission]) -> list[Outcome] | None:
        """Inserts rows that nothing is known of; None where some are stored already, or ask for more."""
        if any(one.terms is not None and (one.terms.deleted or one.terms.comment) for one in submissions):
            return None
        return write_new_rows(self.db, number, submissions)

    def _write_in_turn(self, number: int, submissions: Sequence[Submission]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for deleted, some in groupby(submissions, lambda one: one.terms is not None and one.terms.deleted):
            if deleted:
                outcomes += [self._delete_row(number, one.rows[0].id) for one in some]
            else:
                outcomes += careful.write(self.db, number, list(some))
        return outcomes

    def _delete_row(self, number: int, row_id: str) -> Outcome:
        keys = self.db.execute(_KEY, (number, row_id)).fetchall()
        careful.forget_rows(self.db, keys)
        drop_emptied(self.db, [key >> 32 for (key,) in keys])
        return Outcome("changed", changed=1) if keys else Outcome("unchanged", unchanged=1)

    def rows(self, asked: RowsAsked, stop: Callable[[], int] = lambda: 0) -> list[StoredRow]:
        """The rows asked for, all at once."""
        with translated(self.path), interruptible(self.db, stop):
            numbers = {number: one for one in asked.containers if (number := self._find(one)) is not None}
            return rows_asked(self.db, numbers, asked)

    def last_transaction(self) -> int:
        """The number of the last transaction; 0 for none."""
        with translated(self.path):
            return int(self.db.execute("SELECT last FROM transactions").fetchone()[0])


def _told_apart(submission: Submission, outcome: Outcome, known: set[str | None]) -> Outcome:
    """The outcome of one row; a new one in a stored trace has ``changed`` that trace."""
    if outcome.status == "new" and submission.rows[0].root_span_id in known:
        return Outcome("changed", new=outcome.new)
    return outcome
