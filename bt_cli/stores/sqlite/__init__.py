"""Spans in one SQLite file, in tables that `sqlite3` and Datasette users can read."""
