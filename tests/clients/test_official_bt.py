"""Braintrust's own command `bt`, unmodified, against `bt serve`: what it pushes, pulls, shows, asks and compares."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installed import node_modules
from running import Result
from sdks import Served

pytestmark = pytest.mark.slow

Official = Callable[..., Result]
ROWS: list[dict[str, Any]] = [
    {
        "id": "r1",
        "span_id": "s1",
        "root_span_id": "t1",
        "span_parents": [],
        "input": "hi – there",
        "output": {"a": [1, 2.5]},
        "metrics": {"start": 1795400000.5, "end": 1795400001.5},
        "span_attributes": {"name": "root", "type": "task"},
        "tags": ["t"],
        "metadata": {"k": "v"},
    },
    {
        "id": "r2",
        "span_id": "s2",
        "root_span_id": "t1",
        "span_parents": ["s1"],
        "input": [{"role": "user", "content": "x"}],
        "output": "y",
        "error": "boom",
        "metrics": {"start": 1795400000.6, "end": 1795400001.0, "tokens": 5},
        "span_attributes": {"name": "call", "type": "llm"},
    },
    {
        "id": "r3",
        "span_id": "s3",
        "root_span_id": "t3",
        "span_parents": [],
        "input": {"q": 1},
        "output": "z",
        "scores": {"exact": 0.5},
        "metrics": {"start": 1795400002.0},
        "span_attributes": {"name": "other", "type": "task"},
    },
]


@pytest.fixture
def official(child_env: dict[str, str]) -> Official:
    """Runs Braintrust's `bt`, told by environment alone where the server is."""
    program = node_modules() / "@braintrust" / "bt-linux-x64" / "bin" / "bt"
    environment = {**child_env, "NO_COLOR": "1"}

    def run(*arguments: object) -> Result:
        done = subprocess.run(
            [str(program), *map(str, arguments)],
            capture_output=True,
            timeout=60,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    """The rows as a file."""
    return lines_file(tmp_path / "rows.jsonl", ROWS)


def lines_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def without(rows: list[Any], *names: str) -> list[Any]:
    """Rows without some members and without nulls, by id."""
    kept = [{key: value for key, value in row.items() if key not in names and value is not None} for row in rows]
    return sorted(kept, key=lambda row: row["id"])


def test_push_of_logs(official: Official, rows_file: Path, exported: Callable[..., list[Any]]) -> None:
    """What it pushes into a project's logs is what `bt export` gives; pushed again by force, nothing is double."""
    ref = "project_logs:pushed"
    assert "Spans: 3" in official("sync", "push", ref, "--in", rows_file, "--no-input").check().out
    assert without(exported("-p", "pushed"), "created") == ROWS
    official("sync", "push", ref, "--in", rows_file, "--no-input", "--force").check()
    assert without(exported("-p", "pushed"), "created") == ROWS


def test_push_of_many(official: Official, tmp_path: Path, exported: Callable[..., list[Any]]) -> None:
    """2,500 spans in several requests all arrive, and come back by pull in pages."""
    rows = [
        {**ROWS[0], "id": f"{n:05}", "span_id": f"{n:05}", "root_span_id": f"{n:05}", "input": {"n": n}}
        for n in range(2500)
    ]
    file = lines_file(tmp_path / "many.jsonl", rows)
    official("sync", "push", "project_logs:many", "--in", file, "--no-input").check()
    assert without(exported("-p", "many"), "created") == rows
    official("sync", "pull", "project_logs:many", "--traces", "3000").check()
    assert [row["input"]["n"] for row in pulled(tmp_path)] == list(range(2500))


def test_pull(official: Official, rows_file: Path, tmp_path: Path) -> None:
    """What it pulls is what it pushed."""
    official("sync", "push", "project_logs:pulled", "--in", rows_file, "--no-input").check()
    assert "Spans: 3" in official("sync", "pull", "project_logs:pulled").check().out
    rows = pulled(tmp_path)
    ours = [{name: row[name] for name in sent if name != "span_parents"} for row, sent in zip(rows, ROWS, strict=True)]
    assert ours == without(ROWS, "span_parents")
    assert [row["span_parents"] or [] for row in rows] == [row["span_parents"] for row in ROWS]


def pulled(folder: Path) -> list[Any]:
    """The rows that a pull has written, by id."""
    files = sorted(folder.glob("bt-sync/*/*/data/part-*.jsonl"))
    return sorted(
        (json.loads(line) for file in files for line in file.read_text().splitlines()), key=lambda row: row["id"]
    )


def test_push_and_pull_of_an_experiment(
    official: Official, rows_file: Path, exported: Callable[..., list[Any]], tmp_path: Path
) -> None:
    """The same for an experiment, which is made by the push."""
    ref = "experiment:tried"
    official("sync", "push", ref, "--in", rows_file, "--project", "with experiment", "--no-input").check()
    assert without(exported("-p", "with experiment", "--experiment", "tried"), "created") == ROWS
    official("sync", "pull", ref, "--project", "with experiment").check()
    assert [row["id"] for row in pulled(tmp_path)] == ["r1", "r2", "r3"]


def test_what_we_export_it_pushes(
    official: Official, bt_here: Callable[..., Result], served: Served, rows_file: Path, tmp_path: Path
) -> None:
    """Rows that `bt export` wrote go through its push into another project and come back the same."""
    bt_here("import", rows_file, "--store", tmp_path / "own.db", "-p", "ours").check()
    copy = tmp_path / "copy.jsonl"
    bt_here("export", "--store", tmp_path / "own.db", "-p", "ours", "-o", copy).check()
    official("sync", "push", "project_logs:copied", "--in", copy, "--no-input").check()
    back = bt_here("export", "--store", served.store, "-p", "copied", "-q").check()
    before = [json.loads(line) for line in copy.read_text().splitlines()]
    assert without(back.lines, "created") == without(before, "created")


def test_views(official: Official, rows_file: Path) -> None:
    """It lists a project's traces, and shows one trace, its times, its messages and one span."""
    official("sync", "push", "project_logs:viewed", "--in", rows_file, "--no-input").check()
    listed = official("view", "logs", "-p", "viewed", "--window", "3650d", "--json").check().json
    assert {item["root_span_id"] for item in listed["items"]} == {"t1", "t3"}
    trace = official("view", "trace", "-p", "viewed", "--trace-id", "t1").check().out
    assert "id=r1 span_id=s1 input=hi – there" in trace
    assert "id=r2 span_id=s2" in trace
    waterfall = official("view", "waterfall", "-p", "viewed", "--trace-id", "t1").check().out
    assert 'id=r2 offset=+0.10s duration=0.40s span="llm call !" tokens=5' in waterfall
    thread = official("view", "thread", "-p", "viewed", "--trace-id", "t1").check().out
    assert "messages=2" in thread
    span = official("view", "span", "-p", "viewed", "--id", "r2").check().json
    assert {name: span[name] for name in ROWS[1]} == ROWS[1]


def test_sql(official: Official, rows_file: Path) -> None:
    """It asks in SQL and in BTQL, at once and in the background, and is told what a wrong query is wrong about."""
    official("sync", "push", "project_logs:asked", "--in", rows_file, "--no-input").check()

    def asked(*arguments: object) -> Any:
        return official("sql", *arguments, "--json").check().json["data"]

    assert asked("SELECT count(*) AS n FROM project_logs('asked')") == [{"n": 3}]
    assert asked("select: id | from: project_logs('asked') | filter: error IS NOT NULL") == [{"id": "r2"}]
    assert asked("SELECT id FROM logs ORDER BY id", "-p", "asked") == [{"id": "r1"}, {"id": "r2"}, {"id": "r3"}]
    assert asked("--async", "SELECT id FROM project_logs('asked') WHERE id = 'r3'") == [{"id": "r3"}]
    wrong = official("sql", "SELECT FROM WHERE").check(4)
    assert "400" in wrong.out + wrong.err


def test_projects(official: Official) -> None:
    """It makes a project, refuses to make it twice, lists it, and deletes it."""
    made = official("projects", "create", "made by bt", "--json").check().json
    assert official("projects", "create", "made by bt").code == 1
    listed = official("projects", "list", "--json").check().json
    assert made["id"] in {one["id"] for one in listed}
    official("projects", "delete", "made by bt", "--force").check()
    assert made["id"] not in {one["id"] for one in official("projects", "list", "--json").check().json}


def test_experiments(official: Official, rows_file: Path, tmp_path: Path) -> None:
    """It lists and compares experiments: the second one's mean is twice the first's."""
    better = lines_file(tmp_path / "better.jsonl", [*ROWS[:2], {**ROWS[2], "scores": {"exact": 1}}])
    for name, file in (("first", rows_file), ("second", better)):
        official("sync", "push", f"experiment:{name}", "--in", file, "--project", "compared", "--no-input").check()
    listed = official("experiments", "list", "-p", "compared", "--json").check().json
    assert {one["name"] for one in listed} == {"first", "second"}
    shown = official("experiments", "compare", "first", "second", "-p", "compared").check().out
    (line,) = [line for line in shown.splitlines() if "exact" in line]
    assert line.split()[2:5] == ["exact", "50.00%", "100.00%"]


def test_datasets(official: Official) -> None:
    """It makes a dataset, changes a record, and shows what is in it then."""
    official("projects", "create", "sets").check()
    record = {"id": "case-1", "input": {"text": "hi"}, "expected": "hello"}
    made = official("datasets", "create", "cases", "-p", "sets", "--rows", json.dumps([record]), "--json").check().json
    assert (made["created_dataset"], made["uploaded"]) == (True, 1)
    official(
        "datasets", "update", "cases", "-p", "sets", "--rows", json.dumps([{**record, "expected": "HELLO"}])
    ).check()
    shown = official("datasets", "view", "cases", "-p", "sets", "--json").check().json
    assert without(shown["rows"]) == [{**record, "expected": "HELLO"}]
    listed = official("datasets", "list", "-p", "sets", "--json").check().json
    assert [one["id"] for one in listed] == [made["dataset"]["id"]]


@pytest.mark.parametrize("kind", ["functions", "scorers", "prompts"])
def test_what_the_server_lacks_is_empty(official: Official, kind: str) -> None:
    """Functions, scorers and prompts are lists of nothing."""
    official("projects", "create", f"without {kind}").check()
    assert f"0 {kind} found" in official(kind, "list", "-p", f"without {kind}").check().out
