"""The traces that a run of single rows wrote to, counted by what became of their rows."""

from __future__ import annotations

import sqlite3

from bt_cli.stores.base import Settlement
from bt_cli.stores.braintrust.wire import Rows

_UNCHANGED, _CHANGED, _NEW = 0, 1, 2
_STATE = {"n": _NEW, "a": _CHANGED, "c": _CHANGED}
_ADD = "INSERT INTO traces VALUES (?, ?) ON CONFLICT DO UPDATE SET state = max(state, excluded.state)"
_AT_ONCE = 10_000


class TouchedTraces:
    """Traces by what is known of them: new, changed, or as they were. In bounded memory."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._recent: dict[str, int] = {}

    def add(self, rows: Rows, statuses: str) -> None:
        """Counts rows with the letter of each; rejected ones touch nothing."""
        recent = self._recent
        for letter in {*statuses} - {"r"}:
            state = _STATE.get(letter, _UNCHANGED)
            traces = {row.root_span_id for row, one in zip(rows, statuses, strict=True) if one == letter}
            for trace in traces:
                if trace is not None and recent.get(trace, -1) < state:
                    recent[trace] = state
        if len(recent) > _AT_ONCE:
            self._store()

    def settlement(self) -> Settlement:
        """How many traces there were of each; of loose ends nothing is known."""
        self._store()
        assert self._db is not None  # _store has opened it
        found = dict(self._db.execute("SELECT state, count(*) FROM traces GROUP BY state").fetchall())
        return Settlement(
            new_traces=found.get(_NEW, 0),
            changed_traces=found.get(_CHANGED, 0),
            unchanged_traces=found.get(_UNCHANGED, 0),
        )

    def close(self) -> None:
        """Forgets them all."""
        if self._db is not None:
            self._db.close()

    def _store(self) -> None:
        if self._db is None:
            self._db = sqlite3.connect("", isolation_level=None)  # a temporary file of SQLite's
            self._db.execute("PRAGMA journal_mode = OFF")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("CREATE TABLE traces (trace TEXT PRIMARY KEY, state INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")
        self._db.executemany(_ADD, self._recent.items())
        self._db.execute("COMMIT")
        self._recent = {}
