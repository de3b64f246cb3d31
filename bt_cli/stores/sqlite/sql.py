"""Queries that anybody writes, answered by SQLite itself in a way in which it can't write.

Three locks: the connection is read-only, ``query_only`` is set, and an authorizer lets nothing pass
but reading. A store in memory has no other connection than its own; there the last two hold.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.braintrust_sql import DATASET_VIEW
from bt_cli.query.sql_text import plain
from bt_cli.stores.sqlite.connect import open_for_reading
from bt_cli.stores.sqlite.functions import add_query_functions
from bt_cli.stores.sqlite.quoted_names import check_quoted_names
from bt_cli.stores.sqlite.score_columns import scores_named
from bt_cli.stores.sqlite.sql_errors import explained
from bt_cli.stores.sqlite.views import ON_DEMAND, VIEWS, create_statements, dataset_statement

_STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's machine after which it asks whether to stop: a few milliseconds."""
_ROWS_AT_ONCE = 200
_HAS_DATASETS = "SELECT 1 FROM main.containers WHERE dataset IS NOT NULL LIMIT 1"
_CACHE = "PRAGMA cache_size = -2000"
"""Most queries read everything once: memory for a larger cache takes as long as half a count."""

_READING = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))
_HARMLESS_PRAGMAS = frozenset(
    ("compile_options", "database_list", "function_list", "index_info", "index_list", "table_info", "table_list")
)
_TABLE_FUNCTIONS = ("json_each", "json_tree", *(f"pragma_{name}" for name in _HARMLESS_PRAGMAS))
"""SQLite declares these at their first use, which looks like a writing to the authorizer."""
_PRAGMA_TABLE = re.compile(r"\bpragma_\w+", re.IGNORECASE)
_FORBIDDEN_FUNCTIONS = frozenset(("load_extension", "fts3_tokenizer"))


_LONGEST_VALUE = 256 << 20


class SqliteAnswer:
    """See `bt_cli.stores.base.Answer`. ``lent`` is the connection to use instead of one to the file at ``path``."""

    def __init__(
        self, path: str, lent: sqlite3.Connection | None, statement: str, container: int | None, stop: Callable[[], int]
    ) -> None:
        self._path, self._lent, self._statement, self._stop = path, lent, statement, stop
        self._refused: str | None = None
        self._db = open_for_reading(path) if lent is None else lent
        # No value that a query makes up is longer; one that is stored may be, and can be read all the same.
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        try:
            self._cursor = self._begun(container)
        except BaseException:
            self.close()
            raise
        self.columns = [column[0] for column in self._cursor.description]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        try:
            while found := self._cursor.fetchmany(_ROWS_AT_ONCE):
                yield from found
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Ends the query; a connection that was lent can write again."""
        if self._lent is None:
            self._db.close()
            return
        self._db.set_authorizer(None)
        self._db.set_progress_handler(None, 0)
        self._db.text_factory = str
        if hasattr(self, "_cursor"):
            self._cursor.close()
        self._db.execute("PRAGMA query_only = OFF")
        for view in (*VIEWS, DATASET_VIEW):
            self._db.execute(f"DROP VIEW IF EXISTS temp.{view}")

    def _begun(self, container: int | None) -> sqlite3.Cursor:
        """The cursor of the query, run up to its first row."""
        self._db.set_progress_handler(self._stop, _STEPS_BETWEEN_LOOKS)
        try:
            if self._lent is None:
                self._db.execute(_CACHE)
            add_query_functions(self._db)
            check_quoted_names(self._db, self._statement)
            named = plain(self._statement).lower()
            for statement in (
                *(f"SELECT 1 FROM {name} LIMIT 0" for name in _TABLE_FUNCTIONS if name in named),
                *self._views(container, named),
            ):
                self._db.execute(statement)
            self._lock()
            cursor = self._db.execute(self._statement)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:  # two statements are but a warning
            raise self._explained(error) from error
        if cursor.description is None:
            raise QueryError("the query is empty", hint="as in: bt sql 'select count(*) from spans'")
        return cursor

    def _views(self, container: int | None, named: str) -> Iterator[str]:
        """The statements that make the views, with what only this query asks for."""
        more = [name for name in ON_DEMAND if name in named]
        datasets = self._db.execute(_HAS_DATASETS).fetchone() is not None
        yield from create_statements(container, scores_named(self._db, self._statement), more, datasets)
        if DATASET_VIEW in named:
            yield dataset_statement(container, more)

    def _lock(self) -> None:
        """From here on the connection only reads."""
        # Text that is not UTF-8 can be made by a query; it is shown, not a reason to fail.
        self._db.text_factory = partial(str, encoding="utf-8", errors="replace")
        self._db.execute("PRAGMA query_only = ON")
        self._db.set_authorizer(self._authorize)

    def _authorize(self, action: int, one: str | None, two: str | None, _schema: str | None, _by: str | None) -> int:
        """What SQLite asks before it compiles a step of a query."""
        allowed = action in _READING
        if action == sqlite3.SQLITE_FUNCTION:
            allowed = two not in _FORBIDDEN_FUNCTIONS
        elif action == sqlite3.SQLITE_PRAGMA:
            allowed = one in _HARMLESS_PRAGMAS
        if not allowed and self._refused is None:
            self._refused = self._called(action, one, two)
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _called(self, action: int, one: str | None, two: str | None) -> str:
        """What to call something that was refused in a statement that begins like a query."""
        if action == sqlite3.SQLITE_UPDATE and one in ("sqlite_master", "sqlite_schema"):
            declared = _PRAGMA_TABLE.search(plain(self._statement))
            return declared[0] if declared else "a table that SQLite would have to declare"
        return _WORDS.get(action, "").format(one, two)

    def _explained(self, error: Exception) -> Exception:
        refused, self._refused = self._refused, None
        return explained(error, self._statement, self._db, self._path, self._stop(), refused)


_WORDS = {
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
    sqlite3.SQLITE_PRAGMA: "PRAGMA {0}",
    sqlite3.SQLITE_FUNCTION: "{1}()",
}
