"""One run's writes to one container.

Most batches hold only rows that the store has never seen. They are inserted on trust; where the
unique index on ids objects, the batch is rolled back and goes the careful way (`careful.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import orjson
from msgspec.structs import astuple

from bt_cli.spans.terms import first_version
from bt_cli.stores.base import Known, Outcome, Settlement, Submission
from bt_cli.stores.sqlite import settling
from bt_cli.stores.sqlite.connect import patiently, roll_back, translated
from bt_cli.stores.sqlite.places import Places
from bt_cli.stores.sqlite.schema import POSITION_BITS
from bt_cli.stores.sqlite.statements import (
    Touched,
    forget_touched,
    has_loose_ends,
    insert_rows,
    remember,
    touch,
)

Write = Callable[[int, Sequence[Submission]], list[Outcome]]
_STORED_TRACES = (
    "SELECT root_span_id FROM traces WHERE container = ? AND root_span_id IN (SELECT value FROM json_each(?))"
)
_NEW = Outcome("new", new=1)
"""What becomes of nearly every row of a server: made once."""
_KNOWN = "SELECT spans, anonymous, tree, key FROM sources WHERE hash = ?"


class SqliteWriting:
    """Writes on a connection; each batch is done when `commit` returns."""

    id_query = "SELECT id FROM spans WHERE key = ?"

    def __init__(self, db: sqlite3.Connection, path: str, container: Callable[[], int]) -> None:
        self.db = db
        self._path = path
        self._open_container = container
        self._container: int | None = None
        self._batch: list[Submission] = []
        with translated(path):
            forget_touched(db)

    @property
    def container(self) -> int:
        """The container's number; made when first asked for."""
        if self._container is None:
            self._container = self._open_container()
        return self._container

    def _present_container(self) -> int:
        """The container's number, made again where another process has deleted it; within a transaction."""
        if not self.db.execute("SELECT 1 FROM containers WHERE container = ?", (self.container,)).fetchone():
            self._container = None
        return self.container

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """Those of ``sources`` that are the last version applied; touches the traces of single rows."""
        with translated(self._path):
            known, traces = find_known(self.db, sources)
            touch(self.db, ((trace, 1, 0, 0) for trace in traces))
            return known

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """The id of the first row of known records."""
        with translated(self._path):
            return {key: self.db.execute(self.id_query, (key,)).fetchone()[0] for key in records}

    def add(self, submission: Submission) -> None:
        """Puts a submission into the batch."""
        self._batch.append(submission)

    def commit(self) -> list[list[Outcome]]:
        """Stores the batch in one transaction."""
        batch, self._batch = self._batch, []
        return [self.apply(batch)]

    def drain(self) -> list[list[Outcome]]:
        """Nothing is ever in flight."""
        return []

    def close(self) -> None:
        """Nothing is held."""

    def apply(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Stores a batch in one transaction; its outcomes."""
        if all([one.source is not None for one in submissions]):
            try:
                return self._in_transaction(self._write_new, submissions)
            except sqlite3.IntegrityError:
                pass
        from bt_cli.stores.sqlite import careful

        return self._in_transaction(partial(careful.write, self.db), submissions)

    def _in_transaction(self, write: Write, submissions: Sequence[Submission]) -> list[Outcome]:
        with translated(self._path):
            patiently(lambda: self.db.execute("BEGIN IMMEDIATE"))
            try:
                outcomes = write(self._present_container(), submissions)
                self.db.execute("COMMIT")
            except BaseException:
                roll_back(self.db)
                raise
            return outcomes

    def _write_new(self, container: int, submissions: Sequence[Submission]) -> list[Outcome]:
        """Inserts everything; raises sqlite3.IntegrityError if any id or tree is in the store already."""
        places = Places(self.db, container)
        places.open_traces(roots_of(submissions))
        parameters = []
        sources = []
        for submission in submissions:
            rows = submission.rows
            keys = places.next_keys(rows)
            parameters += [(key, container, *astuple(row)) for key, row in zip(keys, rows, strict=True)]
            assert submission.source is not None  # `apply` sees to that
            sources.append((keys[0], submission.source, len(rows), submission.anonymous, submission.tree))
        insert_rows(self.db, parameters)
        remember(self.db, sources, new=True)
        touch(self.db, touched(places, submissions))
        places.store()
        return [Outcome("new", new=len(submission.rows)) for submission in submissions]

    def settle(self) -> Settlement:
        """See `bt_cli.stores.base.Writing`."""
        with translated(self._path):
            if self._container is None and not self.db.execute("SELECT 1 FROM touched").fetchone():
                return Settlement()
            container = self.container
            # This commit waits for the disk, and with it for all commits before it: what the report
            # says is stored is safe from a power cut.
            self.db.execute("PRAGMA synchronous = FULL")
            patiently(lambda: self.db.execute("BEGIN IMMEDIATE"))
            try:
                settlement = settling.settle(self.db, container)
                self.db.execute("UPDATE containers SET runs = runs + 1 WHERE container = ?", (container,))
                self.db.execute("COMMIT")
            except BaseException:
                roll_back(self.db)
                raise
            finally:
                self.db.execute("PRAGMA synchronous = NORMAL")
            return settlement


def roots_of(submissions: Sequence[Submission]) -> set[str | None]:
    """The traces that a batch writes to."""
    roots = {submission.rows[0].root_span_id for submission in submissions}
    for submission in submissions:
        if len(submission.rows) > 1:
            roots.update([row.root_span_id for row in submission.rows])
    return roots


def known_traces(db: sqlite3.Connection, container: int, submissions: Sequence[Submission]) -> set[str | None]:
    """Those of the traces that a batch writes to that are stored."""
    named = orjson.dumps([root for root in roots_of(submissions) if root is not None]).decode()
    return {root for (root,) in db.execute(_STORED_TRACES, (container, named))}


def write_new_rows(db: sqlite3.Connection, container: int, submissions: Sequence[Submission]) -> list[Outcome] | None:
    """Inserts rows of which nothing is remembered; None, and nothing done, where some id is stored already.

    Within the caller's transaction.
    """
    rows = [row if one.terms is None else first_version(row, one.terms) for one in submissions for row in one.rows]
    places = Places(db, container)
    places.open_traces({row.root_span_id for row in rows})
    db.execute("SAVEPOINT new_rows")
    try:
        insert_rows(db, [(places.next_key(row), container, *astuple(row)) for row in rows])
        places.store()
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO new_rows")
        return None
    finally:
        db.execute("RELEASE new_rows")
    return [_NEW if len(one.rows) == 1 else Outcome("new", new=len(one.rows)) for one in submissions]


def find_known(db: sqlite3.Connection, sources: Sequence[bytes]) -> tuple[dict[bytes, Known], list[int]]:
    """Those of ``sources`` that are stored, and the traces of those that were single rows."""
    known = {}
    traces = []
    for source in sources:
        for spans, anonymous, tree, key in db.execute(_KNOWN, (source,)):
            known[source] = Known(spans, bool(anonymous), bool(tree), key)
            if not tree:
                traces.append(key >> POSITION_BITS)
    return known, traces


def touched(places: Places, submissions: Iterable[Submission]) -> list[Touched]:
    """The traces that need a look at the end: those of single rows, and of fragments of trees."""
    marks = {}
    for submission in submissions:
        if has_loose_ends(submission):
            for row in submission.rows:
                trace = places.trace_of(row)
                marks[trace] = (trace, not submission.tree, places.is_new(trace), True)
    return list(marks.values())
