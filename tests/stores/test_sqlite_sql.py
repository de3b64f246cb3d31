"""Queries on SQLite: its three locks, its words and ours, the views in other programs, score columns."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bt_cli.errors import QueryError, StoreError
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store
from bt_cli.stores.sqlite.functions import FAILURES
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.views import COLUMNS, create_statements
from builders import row
from storing import put, submit

WRITING = [
    "INSERT INTO spans (id) VALUES (1)",
    "REPLACE INTO main.traces VALUES (9)",
    "WITH x AS (SELECT 1) INSERT INTO main.traces SELECT * FROM x",
    "UPDATE spans SET id = 1",
    "DELETE FROM main.spans",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "DROP TABLE main.spans",
    "DROP VIEW spans",
    "ALTER TABLE main.spans RENAME TO x",
    "ATTACH 'other.db' AS other",
    "DETACH main",
    "BEGIN IMMEDIATE",
    "SAVEPOINT x",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "PRAGMA user_version = 3",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = DELETE",
    "SELECT load_extension('x')",
]
REFUSED = {
    "with x as (select 1) insert into main.traces select * from x": "INSERT",
    "with x as (select 1) delete from main.traces": "DELETE",
    "with x as (select 1) update main.traces set spans = 1": "UPDATE",
    "explain drop table main.traces": "DROP",
    "explain query plan delete from main.traces": "DELETE",
    "pragma journal_mode": "PRAGMA journal_mode",
    "select * from pragma_user_version": "pragma_user_version",
    "select load_extension('x')": "load_extension()",
}
HINTS = {
    "select modle from spans": "did you mean 'model'?",
    "select s.tokns from spans as s": "did you mean 'tokens'?",
    "select * from span": "did you mean 'spans'?",
    "select * from zzz": "views: spans, traces, scores",
    "select lenght(id) from spans": "did you mean 'length'?",
    "select metadata.model from spans": "write: metadata ->> 'model'",
    "select score.A from traces": 'write it in quotation marks: "score.A"',
    'select "score.Helpfull" from traces': 'did you mean "score.helpful"?',
    "select * from logs": "did you mean 'spans'?",
    "select * from project_logs": "write: FROM project_logs('NAME')",
    "select metdata.model from spans": "write: metadata ->> 'model'",
    "select percentil(duration, 0.5) from spans": "did you mean 'percentile'?",
    "select count_distinct(id) from spans": "write: count(distinct x)",
    "select 1 from spans where tags includes 'x'": "that is Braintrust's SQL, which needs FROM project_logs('NAME') or experiment('NAME')",
    "select date_trunc('fortnight', created) from spans": FAILURES,
    "select percentile(duration, 95) from spans": FAILURES,
    "select id from traces, spans": "write which one: spans.id",
    "select 1; select 2": "one query a run",
    "select ?": "write the value itself",
    "select json_extract('x', '$.a')": "some values are text; write: case when json_valid(input) then input ->> 'key' end",
}
PLACES = {
    "select modle from spans": (1, 7, "       ^"),
    "select 'modle', -- modle\n  modle from spans": (2, 27, "  ^"),
    "select 1 from from x": (1, 14, "              ^"),
    "select 'from', 1 from\nfrom x": (2, 22, "^"),
    "select (": (1, 8, "        ^"),
    "select 'é', modle from spans": (1, 13, "            ^"),
    'select "modle" from spans': (1, 7, "       ^"),
    'select "score.Helpfull" from traces': (1, 8, "        ^"),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one scored span."""
    with (
        closing(open_store(str(tmp_path / "spans.db"), "write")) as one,
        closing(one.writing(Container("p"))) as writing,
    ):
        put(writing, submit(row("a", scores='{"helpful":1}')))
        yield one


def ask(store: Store, statement: str) -> list[tuple[Any, ...]]:
    with closing(store.query(statement, None, lambda: 0)) as answer:
        return list(answer)


def refusal(store: Store, statement: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        ask(store, statement)
    return caught.value


@pytest.mark.parametrize("statement", WRITING)
def test_sqlite_refuses_what_writes(store: Store, statement: str) -> None:
    """Every statement that changes anything, or another file, is refused with the word it begins with."""
    error = refusal(store, statement)
    assert (error.code, error.exit_code) == ("read_only", 2)
    assert "was refused" in error.message and not Path("copy.db").exists() and not Path("other.db").exists()


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_refused_is_named(store: Store, statement: str) -> None:
    """The word is that of the part which would do more than read."""
    assert refusal(store, statement).message == f"a query only reads: {REFUSED[statement]} was refused"


@pytest.mark.parametrize("mode", ["write", "read"])
def test_the_connection_itself_cannot_write(store: SqliteStore, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the authorizer the connection of a query still refuses to write."""
    monkeypatch.setattr("bt_cli.stores.sqlite.sql.SqliteAnswer._authorize", lambda *_: sqlite3.SQLITE_OK)
    with (
        closing(open_store(store.path, "read" if mode == "read" else "write")) as other,
        pytest.raises(QueryError, match="readonly"),
    ):
        ask(other, "DELETE FROM main.spans")


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA table_info(spans)",
        "SELECT * FROM pragma_table_info('spans')",
        "SELECT * FROM pragma_table_list",
        "SELECT * FROM pragma_function_list",
        "EXPLAIN QUERY PLAN SELECT * FROM spans",
        "SELECT value FROM json_each('[1]')",
        "SELECT key FROM json_tree('[1]')",
        "VALUES (1)",
        "WITH x AS (SELECT 1) SELECT * FROM x;",
        "-- why\nSELECT row_number() OVER () FROM main.spans",
    ],
)
def test_reading_is_allowed(store: Store, statement: str) -> None:
    """Whatever only looks gets an answer."""
    assert ask(store, statement)


@pytest.mark.parametrize("statement", HINTS)
def test_a_mistake_has_a_hint(store: Store, statement: str) -> None:
    """A wrong name is told with the nearest, another mistake with the way out."""
    assert refusal(store, statement).hint == HINTS[statement]


@pytest.mark.parametrize("statement", PLACES)
def test_a_mistake_has_its_place(store: Store, statement: str) -> None:
    """Line, byte, and a caret below the word that SQLite did not like; texts and comments are passed over."""
    error = refusal(store, statement)
    assert (error.line, error.byte, error.excerpt[1]) == PLACES[statement]


def test_a_long_line_is_cut_around_the_place(store: Store) -> None:
    """Of a long query only the part around the mistake is shown."""
    line, caret = refusal(store, f"select {'1, ' * 200}modle, {'2, ' * 200}3 from spans").excerpt
    assert len(line) == 100 and line[len(caret) - 1 :].startswith("modle")


@pytest.mark.parametrize("statement", ["", " ", "-- nothing", ";", "select '\udc80'", "select '\0'"])
def test_what_is_no_query(store: Store, statement: str) -> None:
    """Nothing, and what is no text, are mistakes of the user's."""
    assert refusal(store, statement).exit_code == 2


def test_a_mistake_that_a_late_row_shows(store: Store) -> None:
    """What only a row shows is told as a mistake too, after the rows before it."""
    query = "select json_extract(case x when 500 then '[' else x end, '$') from (with recursive n (x) as (select 1 union all select x + 1 from n where x < 900) select x from n)"
    with closing(store.query(query, None, lambda: 0)) as answer:
        found = iter(answer)
        assert next(found) == (1,)
        with pytest.raises(QueryError, match="malformed JSON"):
            list(found)


def test_text_that_is_no_utf8_is_shown(store: Store) -> None:
    """A query can make such text; it does not fail for it."""
    assert ask(store, "select cast(x'61ff' as text)") == [("a\ufffd",)]


def test_a_damaged_store_is_no_mistake_in_the_query(store: SqliteStore) -> None:
    """Damage is told as such, exit 8."""
    store.close()
    with open(store.path, "r+b") as file:
        file.seek(32768)
        file.write(b"\xff" * 32768 * 8)
    with closing(open_store(store.path, "read")) as other, pytest.raises(StoreError) as caught:
        ask(other, "select * from spans")
    assert caught.value.exit_code == 8


@pytest.mark.parametrize("name", ['"score.helpful"', "[score.helpful]", "`score.helpful`", '"Score.HELPFUL"'])
@pytest.mark.parametrize("view", ["spans", "traces"])
def test_a_score_is_a_column(store: Store, view: str, name: str) -> None:
    """In any of SQLite's quotation marks, and any case, as other columns."""
    assert ask(store, f"select {name} from {view}") == [(1,)]


@pytest.mark.parametrize("view", COLUMNS)
def test_the_views_work_in_the_sqlite3_program(store: SqliteStore, view: str) -> None:
    """Pasted into sqlite3, on a read-only connection, the statements make views that answer the same."""
    program = shutil.which("sqlite3")
    query = f"SELECT * FROM {view}"
    if program is None:
        pytest.skip("sqlite3 is not on PATH")
    script = "".join(f"{one};\n" for one in (*create_statements(), query))
    done = subprocess.run(
        [program, "-readonly", "-ascii", store.path], input=script, capture_output=True, text=True, check=True
    )
    expected = ["" if cell is None else str(cell) for cell in ask(store, query)[0]]
    assert done.stdout.removesuffix("\x1e").split("\x1f") == expected


def test_counting_evaluates_no_json(store: SqliteStore) -> None:
    """A column that a query does not name is not worked out: a count needs no function at all."""
    with closing(sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)) as db:
        for statement in create_statements(1):
            db.execute(statement)
        for view in ("spans", "traces"):
            steps = db.execute(f"EXPLAIN SELECT count(*) FROM {view}").fetchall()
            assert not [step for step in steps if "json" in str(step[5])]


def steps_of(store: Store, size: int) -> int:
    """How often SQLite looks up while it finds the tokens of a trace of so many model calls below each other."""
    name = f"t{size}"
    fields = {"metrics": '{"tokens":1}', "span_attributes": '{"type":"llm"}'}
    calls = [row(f"{name}-{n}", *([f"{name}-{n // 3}"] if n else []), trace=name, **fields) for n in range(size)]
    with closing(store.writing(Container("p"))) as writing:
        put(writing, submit(*calls))
    looks: list[int] = []

    def look() -> int:
        looks.append(size)
        return 0

    with closing(store.query(f"select tokens from traces where id = '{name}'", None, look)) as answer:
        assert next(iter(answer))[0] > size / 2
    return len(looks)


def test_work_grows_with_a_trace_not_with_its_square(store: Store) -> None:
    """The tokens of a trace of nested model calls take about twice the steps for twice the spans."""
    assert steps_of(store, 8000) < 3 * steps_of(store, 4000)
