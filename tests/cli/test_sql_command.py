"""``bt sql`` from outside: where the query and the spans come from, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bt_cli.cli.main import main
from bt_cli.cli.topics import read_topic
from bt_cli.stores.sqlite.views import COLUMNS
from running import SAMPLES, Result

Captured = pytest.CaptureFixture[str]
SAMPLE = str(SAMPLES / "support.jsonl")
ODD = "select 1 as n, 'a\tb\nc|<b>' as t, null as t, x'00ff' as b, 9e999 as f, 9223372036854775807 as i"


@pytest.fixture
def stored(tmp_path: Path) -> None:
    """The sample in project support of the store ``spans.db``, and in experiment nightly."""
    for where in (["-p", "support"], ["-p", "support", "--experiment", "nightly"]):
        assert main(["import", SAMPLE, *where, "--store", "spans.db", "-q"]) == 0


@pytest.fixture
def sql(capsys: Captured) -> Callable[..., Result]:
    """Runs ``bt sql`` on the store ``spans.db``."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(["sql", "--store", "spans.db", *arguments])
        return Result(code, *capsys.readouterr())

    return run


def counted(result: Result) -> int:
    """The one number of an answer."""
    return int(result.check().out.splitlines()[1])


@pytest.mark.parametrize("source", ["spans", "project_logs('support')"])
def test_regular_expressions(source: str, sql: Callable[..., Result], stored: None) -> None:
    """As --filter has them; one that can't be searched for is told."""
    query = f"select distinct name from {source} where name regexp '^an?s.*r$'"
    assert sql(query).check().out == "name\nanswer\n"
    refused = sql(f"select 1 from {source} where name regexp '(?=a)'").check(2)
    assert "look-around" in refused.err and "store" not in refused.err


@pytest.mark.parametrize(
    "query",
    [
        "select scores.helpful from project_logs('support', shape => 'summary')",
        "select scores ->> 'helpful' from traces",
        "select scores ->> '$.helpful' from traces",
    ],
)
def test_a_score_of_a_trace_is_a_column(query: str, sql: Callable[..., Result], stored: None) -> None:
    """Who looks for it as in a span is told the column's name."""
    assert 'hint: a score of a trace is a column: "score.helpful"' in sql(query).check(2).err


def test_all_of_the_store_is_asked(sql: Callable[..., Result], stored: None) -> None:
    """Without -p, every project and experiment."""
    assert counted(sql("select count(*) from spans")) == 48


@pytest.mark.parametrize("where", [["-p", "support"], ["-p", "support", "--experiment", "nightly"]])
def test_a_container_is_asked(where: list[str], sql: Callable[..., Result], stored: None) -> None:
    """With -p or --experiment, that one only."""
    assert counted(sql("select count(*) from spans", *where)) == 24


@pytest.mark.parametrize("source", ["project_logs('support')", "experiment('nightly')"])
def test_braintrusts_sources(source: str, sql: Callable[..., Result], stored: None) -> None:
    """A call names the container by itself."""
    assert counted(sql(f"select count(*) from {source}")) == 24


def test_a_container_by_its_id(sql: Callable[..., Result], stored: None) -> None:
    """Braintrust's functions take ids too."""
    with sqlite3.connect("spans.db") as db:
        ((found,),) = db.execute("SELECT id FROM containers WHERE experiment IS NOT NULL")
    db.close()
    assert counted(sql(f"select count(*) from experiment('{found}')")) == 24


def test_an_experiment_of_two_projects_is_ambiguous(sql: Callable[..., Result], stored: None) -> None:
    """Then -p says which is meant."""
    assert main(["import", SAMPLE, "-p", "other", "--experiment", "nightly", "--store", "spans.db", "-q"]) == 0
    query = "select count(*) from experiment('nightly')"
    assert "ambiguous" in sql(query).check(2).err and counted(sql(query, "-p", "other")) == 24


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["select 1 from project_logs('suport')"], "did you mean 'support'?"),
        (["select 1 from experiment('nightli')"], "did you mean 'nightly'?"),
        (["select 1", "-p", "suport"], "did you mean 'support'?"),
        (["select 1", "-p", "support", "--experiment", "nightli"], "did you mean 'nightly'?"),
    ],
)
def test_an_unknown_name(arguments: list[str], hint: str, sql: Callable[..., Result], stored: None) -> None:
    """A project or experiment that is not there is told with the nearest, exit 2."""
    assert hint in sql(*arguments).check(2).err


def test_a_project_of_experiments_only_has_no_logs(sql: Callable[..., Result]) -> None:
    """Its logs are empty, not everything."""
    assert main(["import", SAMPLE, "-p", "e", "--experiment", "one", "--store", "spans.db", "-q"]) == 0
    assert counted(sql("select count(*) from spans", "-p", "e")) == 0


def test_a_file_is_asked_without_an_import(sql: Callable[..., Result]) -> None:
    """--file needs no store, and makes none."""
    assert counted(sql("select count(*) from spans", "--file", SAMPLE)) == 24
    assert not Path("spans.db").exists()


def test_each_file_is_a_project(sql: Callable[..., Result]) -> None:
    """Several files can be told apart and compared."""
    Path("one.jsonl").write_text('{"id":"a"}\n')
    Path("two.jsonl").write_text('{"id":"a"}\n{"id":"b"}\n')
    answer = sql("select project, count(*) from traces group by 1", "--file", "one.jsonl", "--file", "two.jsonl")
    assert answer.check().out.splitlines()[1:] == ["one.jsonl\t1", "two.jsonl\t2"]


def test_braintrusts_source_of_a_file(sql: Callable[..., Result]) -> None:
    """A file's name is its project's."""
    Path("one.jsonl").write_text('{"id":"a"}\n')
    assert counted(sql("select count(*) from project_logs('one.jsonl')", "--file", "one.jsonl")) == 1


def test_rejected_records_of_a_file(sql: Callable[..., Result]) -> None:
    """They are told, the others are asked, and the exit code is 3."""
    Path("bad.jsonl").write_text('{"id":"a"}\n{"id":\n')
    result = sql("select count(*) from spans", "--file", "bad.jsonl").check(3)
    assert result.out.splitlines()[1] == "1" and "bad.jsonl:2:" in result.err


def test_rejected_records_in_json(sql: Callable[..., Result]) -> None:
    """With --json they are in the object."""
    Path("bad.jsonl").write_text('{"id":"a"}\n{"id":\n')
    answer = sql("select 1 as n", "--file", "bad.jsonl", "--json").check(3).json
    assert (answer["exit_code"], answer["input"], len(answer["findings"])) == (3, {"records": 2, "rejected": 1}, 1)


def test_a_file_without_traces(sql: Callable[..., Result]) -> None:
    """It is said, and the views are empty."""
    Path("empty.jsonl").write_text("")
    result = sql("select count(*) from traces", "--file", "empty.jsonl")
    assert counted(result) == 0 and "the input was empty" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["select 1", "--file", "missing.jsonl"], 5, "No such file"),
        (["select 1", "--file", SAMPLE, "-p", "x"], 2, "--file is in no project"),
        (["select 1", "-f", "q.sql"], 2, "two queries"),
        (["-f", "missing.sql"], 2, "cannot be read"),
        (["-f", "-", "--file", "-"], 2, "can't be the query"),
        (["select 1", "--csv", "--jsonl"], 2, "one format, not jsonl and csv"),
        (["select 1", "--format", "csv", "--markdown"], 2, "one format"),
        (["select 1"], 2, "there is no store"),
        (["select 1", "--file", SAMPLE, "-o", SAMPLE, "--force"], 2, "also an input"),
    ],
)
def test_what_does_not_work(arguments: list[str], code: int, words: str, sql: Callable[..., Result]) -> None:
    """Each has its exit code and clear words."""
    assert words in sql(*arguments).check(code).err


def test_the_store_is_no_output(sql: Callable[..., Result], stored: None) -> None:
    """-o never writes over what is being read."""
    assert "also an input" in sql("select 1", "-o", "spans.db", "--force").check(2).err


def test_a_query_from_a_file(sql: Callable[..., Result], stored: None) -> None:
    """-f reads it, a byte order mark and a last semicolon included."""
    Path("q.sql").write_bytes(b"\xef\xbb\xbfselect count(*)\nfrom spans;\n")
    assert counted(sql("-f", "q.sql")) == 48


def test_a_query_that_is_no_utf8(sql: Callable[..., Result]) -> None:
    """It is told with the byte."""
    Path("q.sql").write_bytes(b"select '\xff'")
    assert "not UTF-8 at byte 8" in sql("-f", "q.sql").check(2).err


def test_tab_separated(sql: Callable[..., Result], stored: None) -> None:
    """In a pipe a row is a line, whatever is in it; NULL is empty, a blob base64, an integer exact."""
    assert sql(ODD).check().out == "n\tt\tt\tb\tf\ti\n1\ta\\tb\\nc|<b>\t\tAP8=\tinf\t9223372036854775807\n"


def test_csv(sql: Callable[..., Result], stored: None) -> None:
    """A CSV reader gets the text back."""
    assert list(csv.reader(io.StringIO(sql(ODD, "--csv").check().out)))[1] == [
        "1",
        "a\tb\nc|<b>",
        "",
        "AP8=",
        "inf",
        "9223372036854775807",
    ]


def test_json(sql: Callable[..., Result], stored: None) -> None:
    """One object; a second column of one name keeps its value, what JSON can't say is null."""
    assert sql(ODD, "--json").check().json == {
        "schema": "bt/sql/1",
        "columns": ["n", "t", "t_2", "b", "f", "i"],
        "items": [{"n": 1, "t": "a\tb\nc|<b>", "t_2": None, "b": "AP8=", "f": None, "i": 9223372036854775807}],
        "truncated": False,
        "next_cursor": None,
        "ok": True,
        "exit_code": 0,
    }


def test_json_without_rows(sql: Callable[..., Result], stored: None) -> None:
    """An empty answer is an empty list."""
    assert sql("select id from spans where 0", "--json").check().json["items"] == []


def test_json_lines(sql: Callable[..., Result], stored: None) -> None:
    """An object a line, no envelope."""
    assert sql("select 1 as n union all select 2", "--jsonl").check().lines == [{"n": 1}, {"n": 2}]


def test_markdown(sql: Callable[..., Result], stored: None) -> None:
    """Numbers to the right; neither Markdown nor HTML in the text takes effect."""
    assert sql("select 'a|b' as t, '<i> *x* [l](u) `c`\nz' as u, 1.5 as n", "--markdown").check().out == (
        "| t | u | n |\n| :-- | :-- | --: |\n| a\\|b | \\<i\\> \\*x\\* \\[l\\](u) \\`c\\` z | 1.5 |\n"
    )


def test_markdown_without_rows(sql: Callable[..., Result], stored: None) -> None:
    """The head of the table is there."""
    assert sql("select id from spans where 0", "--markdown").check().out == "| id |\n| :-- |\n"


def test_a_table_in_a_pipe_has_no_colours(sql: Callable[..., Result], stored: None) -> None:
    """--table draws the box without any control sequence."""
    out = sql("select 1 as n", "--table").check().out
    assert out.startswith("╭") and "\x1b" not in out


def test_a_long_table_is_drawn_in_parts(sql: Callable[..., Result], stored: None) -> None:
    """Each part has its head, and no row is lost."""
    query = "with recursive n (x) as (select 1 union all select x + 1 from n where x < 2500) select x from n"
    out = sql(query, "--table").check().out
    assert out.count("│     x │") == 3 and out.count("\n") == 3 * 4 + 2500


@pytest.mark.parametrize(("limit", "shown", "cut"), [("2", 2, True), ("24", 24, False), ("0", 0, True)])
def test_limit(limit: str, shown: int, cut: bool, sql: Callable[..., Result], stored: None) -> None:
    """At most N rows; if there are more, it is said."""
    result = sql("select id from spans", "-p", "support", "--limit", limit).check()
    assert len(result.out.splitlines()) - 1 == shown and ("there is more" in result.err) == cut


def test_limit_in_json(sql: Callable[..., Result], stored: None) -> None:
    """The object says that it is cut."""
    assert sql("select id from spans", "--limit", "2", "--json").check().json["truncated"] is True


def test_output_file(sql: Callable[..., Result], stored: None) -> None:
    """-o takes the answer, tab-separated unless another format is named."""
    sql("select 1 as n", "-o", "out.tsv").check()
    assert Path("out.tsv").read_text() == "n\n1\n"


def test_an_error_as_json(sql: Callable[..., Result], stored: None) -> None:
    """With its line and byte, as programs want them."""
    error = json.loads(sql("select\nmodle from spans", "--json").check(2).err)
    assert (error["code"], error["line"], error["byte"], error["hint"]) == (
        "no_such_column",
        2,
        7,
        "did you mean 'model'?",
    )


def test_an_error_points_at_its_place(sql: Callable[..., Result], stored: None) -> None:
    """The line of the query, and a caret below the word."""
    assert sql("select modle from spans").check(2).err.splitlines()[1:3] == [
        "    select modle from spans",
        "           ^",
    ]


@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ("select modle\nfrom {}", "no such column: modle (line 1, column 8)", "did you mean 'model'?"),
        ("select metadata.model,\n  x.modle from {} as x", "no such column: x.modle (line 2, column 3)", "did you mean 'model'?"),
        ("select lenght(metadata.model) from {}", "no such function: lenght (line 1, column 8)", "did you mean 'length'?"),
        ("select metadata.model from {}, span", "no such table: span (line 1, column 53)", "did you mean 'spans'?"),
        ("select json_extract('x', '$.a'), tags[0] from {}", "malformed JSON", "some values are text"),
    ],
)  # fmt: skip
def test_a_mistake_in_braintrusts_sql(
    query: str, message: str, hint: str, sql: Callable[..., Result], stored: None
) -> None:
    """Its place is that in what was written, not in what became of it."""
    lines = sql(query.format("project_logs('support')")).check(2).err.splitlines()
    assert lines[0] == f"error: {message}" and lines[-1].startswith(f"hint: {hint}")


def test_a_store_that_answers_no_sql(sql: Callable[..., Result], stored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store says by itself whether it answers SQL."""
    from msgspec.structs import replace

    from bt_cli.stores.sqlite.store import SqliteStore

    monkeypatch.setattr(SqliteStore, "capabilities", replace(SqliteStore.capabilities, answers_sql=False))
    assert "answers no SQL" in sql("select 1").check(2).err


def test_schema(capsys: Captured) -> None:
    """The views are printed without a store."""
    assert main(["sql", "--schema"]) == 0
    assert capsys.readouterr().out.count("CREATE TEMP VIEW") == 3


def test_schema_as_json(capsys: Captured) -> None:
    """With the names of the columns."""
    assert main(["sql", "--schema", "--json"]) == 0
    views: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["views"]
    assert {one["name"]: one["columns"] for one in views} == {name: list(columns) for name, columns in COLUMNS.items()}


@pytest.mark.parametrize("view", COLUMNS)
def test_columns_are_documented(view: str) -> None:
    """bt help sql names every column of every view."""
    text = read_topic("sql").partition(f"\n  {view}  ")[2].partition("\n\n")[0].replace("\n", " ")
    assert " ".join(text.split()).startswith(", ".join(COLUMNS[view]))
