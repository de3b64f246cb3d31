"""The tables, and the migrations that lead to them. README documents them for readers of the file."""

from __future__ import annotations

import sqlite3

from bt_cli.spans.row import Row
from bt_cli.stores.sqlite import span_facts as span

APPLICATION_ID = 0x62747370
"""``btsp``: marks a SQLite file as a store of ours."""

ROW_COLUMNS = Row.__struct_fields__
"""Columns that hold a row, in the order of its fields."""

POSITION_BITS = 32
"""``key`` of a span is ``trace << 32 | position``: one trace lies together, and new ones append."""


def _first_tables(db: sqlite3.Connection, schema: str = "") -> None:
    text_columns = ",\n".join(f"{name} TEXT" for name in ROW_COLUMNS[6:])
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
    ):
        db.execute(statement.format(schema))


def _span_list(db: sqlite3.Connection, schema: str = "") -> None:
    """The view ``span_list``: parts of a span that people ask for.

    Generated columns would be nicer to read, but SQLite works them out with each insert (15 % of an
    import). In the first version its tokens lacked those of spans that have no total of their own.
    """
    db.execute(f"DROP VIEW IF EXISTS {schema}span_list")
    db.execute(
        f"""CREATE VIEW {schema}span_list AS SELECT s.key >> 32 AS trace, s.key & 4294967295 AS position, s.container,
            s.id, s.span_id, s.root_span_id, {span.NAME} AS name, {span.TYPE} AS type, {span.START} AS start,
            {span.END} AS "end", {span.TOKENS} AS tokens, {span.MODEL} AS model,
            s.created, s.input, s.output, s.error FROM spans AS s"""
    )


def _datasets(db: sqlite3.Connection, schema: str = "") -> None:
    """Datasets beside experiments, what is said about a container, and which write came last to a trace.

    ``traces.xact`` and ``transactions.last`` are Braintrust's transaction ids without their constant part.
    """
    for statement in (
        "ALTER TABLE {}containers ADD COLUMN dataset TEXT",
        "ALTER TABLE {}containers ADD COLUMN about TEXT NOT NULL DEFAULT '{{}}'",
        "DROP INDEX {}containers_by_name",
        """CREATE UNIQUE INDEX {}containers_by_name ON containers
            (project, coalesce(experiment, ''), experiment IS NULL, coalesce(dataset, ''), dataset IS NULL)""",
        "ALTER TABLE {}traces ADD COLUMN xact INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX {}traces_by_arrival ON traces (container)",
        "CREATE TABLE {}transactions (last INTEGER NOT NULL)",
        "INSERT INTO {}transactions VALUES (0)",
    ):
        db.execute(statement.format(schema))


MIGRATIONS = (_first_tables, _span_list, _datasets)
"""Applied in order; the schema version is how many have been. Append only.

Each takes the connection and the schema to build in, ``temp.`` for a dry run.
"""
VERSION = len(MIGRATIONS)
