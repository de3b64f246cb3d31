"""Rows that can't be written before the rest of the input is known: kept in a temporary store."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from bt_cli.query.filters import EVERYTHING
from bt_cli.spans.container import Container
from bt_cli.spans.flatten import Flat
from bt_cli.spans.row import Row
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Settlement, Store, Submission, Writing

_BATCH = 5000
_HERE = Container("convert")
_WRITTEN = '{"_bt_written":true}'


class WaitingRows:
    """Takes rows one by one. With ``all_wait`` they wait for the rest of their trace, else those that lack a trace.

    Of a row that can be written at once only the linkage is kept, for others to find their trace by.
    """

    def __init__(self, all_wait: bool) -> None:
        self._all_wait = all_wait
        self._store: Store | None = None
        self._writing: Writing | None = None
        self._rows = 0

    def take(self, flat: Flat) -> bool:
        """Keeps a row; True if it can be written at once."""
        row = flat.rows[0]
        at_once = not self._all_wait and row.root_span_id is not None
        kept = Row(row.id, row.span_id, row.root_span_id, row.span_parents, server=_WRITTEN) if at_once else row
        digest = blake2b(row.id.encode(), digest_size=16).digest()
        if self._writing is None:
            self._store = open_store("sqlite:", "write")
            self._writing = self._store.writing(_HERE)
        self._writing.add(Submission([kept], digest, "replace" if flat.is_merge is False else "merge", tree=False))
        self._rows += 1
        if self._rows % _BATCH == 0:
            self._writing.commit()
        return at_once

    def settle(self) -> Settlement:
        """Gives rows the trace of their parents; the loose ends that remain."""
        if self._writing is None:
            return Settlement()
        self._writing.commit()
        return self._writing.settle()

    def traces(self) -> Iterator[list[Row]]:
        """What has waited, by traces in the order of an export."""
        if self._store is None:
            return
        for rows in self._store.read_traces(_HERE, EVERYTHING, ReadStats()):
            waited = [row for row in rows if row.server != _WRITTEN]
            if waited:
                yield waited

    def close(self) -> None:
        """Drops the temporary store."""
        if self._store is not None:
            self._store.close()
