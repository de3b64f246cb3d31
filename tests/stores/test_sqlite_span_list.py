"""The view ``span_list``, for readers of the store file."""

from __future__ import annotations

import sqlite3

from bt_cli.stores import open_store
from bt_cli.stores.sqlite.schema import MIGRATIONS, VERSION


def test_a_store_of_the_first_version_gets_the_view_of_today() -> None:
    """Its tokens are a span's own total, also where only prompt and completion are said (rule 3.2)."""
    with sqlite3.connect("old.db") as db:
        MIGRATIONS[0](db)
        db.execute("CREATE VIEW span_list AS SELECT id, NULL AS tokens FROM spans")
        db.execute("PRAGMA application_id = 0x62747370")
        db.execute("PRAGMA user_version = 1")
        columns = "key, container, id, span_id, span_parents, metrics"
        metrics = '{"prompt_tokens":10,"completion_tokens":1}'
        db.execute(f"INSERT INTO spans ({columns}) VALUES (1, 1, 'a', 'a', '[]', ?)", (metrics,))
    db.close()
    open_store("old.db", "read").close()
    open_store("old.db", "write").close()
    db = sqlite3.connect("old.db")
    assert db.execute("SELECT id, tokens FROM span_list").fetchall() == [("a", 11)]
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()
