"""The tables, and the migrations that lead to them. README documents them for readers of the file."""

from __future__ import annotations

import sqlite3

from bt_cli.spans.row import Row

APPLICATION_ID = 0x62747370
"""``btsp``: marks a SQLite file as a store of ours."""

ROW_COLUMNS = Row.__struct_fields__
"""Columns that hold a row, in the order of its fields."""

POSITION_BITS = 32
"""``key`` of a span is ``trace << 32 | position``: one trace lies together, and new ones append."""

_MEMBER = "CASE WHEN json_valid({column}) THEN json_extract({column}, '$.{member}') END"

FIELDS = {
    "name": _MEMBER.format(column="span_attributes", member="name"),
    "type": _MEMBER.format(column="span_attributes", member="type"),
    "start": _MEMBER.format(column="metrics", member="start"),
    "end": _MEMBER.format(column="metrics", member="end"),
    "tokens": _MEMBER.format(column="metrics", member="tokens"),
    "model": _MEMBER.format(column="metadata", member="model"),
}
"""Parts of a span that people ask for, as SQL over its columns; the view ``span_list`` shows them.

Generated columns would be nicer to read, but SQLite works them out with each insert (15 % of an import).
"""


def _first_tables(db: sqlite3.Connection, schema: str = "") -> None:
    text_columns = ",\n".join(f"{name} TEXT" for name in ROW_COLUMNS[6:])
    fields = ", ".join(f'{expression} AS "{name}"' for name, expression in FIELDS.items())
    for statement in (
        """CREATE TABLE {}containers (
            container INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            project TEXT NOT NULL,
            experiment TEXT,
            created TEXT NOT NULL,
            runs INTEGER NOT NULL DEFAULT 0)""",
        """CREATE UNIQUE INDEX {}containers_by_name
            ON containers (project, coalesce(experiment, ''), experiment IS NULL)""",
        """CREATE TABLE {}traces (
            trace INTEGER PRIMARY KEY,
            container INTEGER NOT NULL,
            root_span_id TEXT,
            time REAL,
            spans INTEGER NOT NULL)""",
        "CREATE UNIQUE INDEX {}traces_by_root ON traces (container, root_span_id)",
        "CREATE INDEX {}traces_by_time ON traces (container, time, root_span_id)",
        f"""CREATE TABLE {{}}spans (
            key INTEGER PRIMARY KEY,
            container INTEGER NOT NULL,
            id TEXT NOT NULL,
            span_id TEXT NOT NULL,
            root_span_id TEXT,
            span_parents TEXT NOT NULL,
            created TEXT,
            time REAL,
            {text_columns})""",
        "CREATE UNIQUE INDEX {}spans_by_id ON spans (container, id)",
        "CREATE INDEX {}spans_by_span_id ON spans (container, span_id) WHERE span_id <> id",
        """CREATE TABLE {}sources (
            key INTEGER PRIMARY KEY,
            hash BLOB NOT NULL,
            spans INTEGER NOT NULL,
            anonymous INTEGER NOT NULL,
            tree INTEGER NOT NULL)""",
        "CREATE INDEX {}sources_by_hash ON sources (hash)",
        f"""CREATE VIEW {{}}span_list AS SELECT key >> 32 AS trace, key & 4294967295 AS position, container,
            id, span_id, root_span_id, {fields}, created, input, output, error FROM spans""",
    ):
        db.execute(statement.format(schema))


MIGRATIONS = (_first_tables,)
"""Applied in order; the schema version is how many have been. Append only.

Each takes the connection and the schema to build in, ``temp.`` for a dry run.
"""
VERSION = len(MIGRATIONS)
