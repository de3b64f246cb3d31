"""``bt sql`` as people use it: on terminals of two widths, in pipes, interrupted, with hostile text."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from running import BT, PATIENCE, SAMPLES, Result, started
from screen import same_as_golden, shown

SAMPLE = str(SAMPLES / "support.jsonl")
ENDLESS = "with recursive n (x) as (select 1 union all select x + 1 from n) select {} from n"
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m \u202eright to left\u202c [bold red]markup[/] \0 tab\tline\nend"
QUERIES = {
    "spans": "select name, type, model, duration, tokens, cost, input, output from spans order by start limit 8",
    "traces": 'select substr(id, -8) as id, name, duration, spans, errors, tokens, "score.helpful" from traces',
    "whole": "select * from spans order by start limit 2",
    "mistake": "select name, modle from spans",
}
FORMATS = ("tsv", "csv", "json", "jsonl", "markdown", "table")


@pytest.fixture
def sample(tmp_path: Path) -> str:
    """The sample in the working folder, so that its name is the same everywhere."""
    (tmp_path / "support.jsonl").write_bytes(Path(SAMPLE).read_bytes())
    return "support.jsonl"


@pytest.mark.parametrize("color", ["--color", "--no-color"])
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("query", QUERIES)
def test_on_a_terminal(query: str, columns: int, color: str, sample: str, update_golden: bool) -> None:
    """Boxes, blocks and mistakes as they look, as wide as the terminal at most."""
    code = 2 if query == "mistake" else 0
    text = shown("sql", QUERIES[query], "--file", sample, color, columns=columns, talk=True, code=code)
    assert ("\x1b[" in text) == (color == "--color" and query != "whole")
    assert color == "--color" or max(map(len, text.splitlines())) <= columns
    same_as_golden(f"sql/{query}-{columns}{color}", text, update_golden)


@pytest.mark.parametrize("form", FORMATS)
def test_in_a_pipe(form: str, sample: str, bt: Callable[..., Result], update_golden: bool) -> None:
    """Every format, byte for byte, without colours."""
    query = "select name, type, tokens, input, metadata from spans order by start limit 6"
    answer = bt("sql", query, "--file", sample, "--format", form).check()
    same_as_golden(f"sql/pipe-{form}", answer.out, update_golden)


def test_tab_separated_is_the_default_in_a_pipe(sample: str, bt_here: Callable[..., Result]) -> None:
    """Without a format a pipe gets fields with tabs between, nothing cut."""
    answer = bt_here("sql", "select name, input from spans", "--file", sample).check()
    assert {line.count("\t") for line in answer.out.splitlines()} == {1} and "…" not in answer.out


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_on_a_terminal(form: str) -> None:
    """What would clear the screen, set a title or turn text around is spelled out in every format; markup is text."""
    Path("hostile.jsonl").write_text(
        json.dumps({"id": "a", "name": HOSTILE, "input": HOSTILE, "output": "x" * 1_000_000})
    )
    query = "select name, input, substr(output, 1, 9) as o, metadata from spans"
    text = shown("sql", query, "--file", "hostile.jsonl", "--format", form, "--no-color", columns=400, talk=True)
    assert "markup" in text
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e", "\0"}


def test_a_megabyte_on_a_terminal() -> None:
    """A cell of a megabyte is cut like any other, alone and among the many columns of a block."""
    Path("long.jsonl").write_text(json.dumps({"id": "a", "output": "x" * 1_000_000}))
    for query in ("select output from spans", "select * from spans"):
        text = shown("sql", query, "--file", "long.jsonl", "--no-color", talk=True)
        assert len(text) < 5000 and "x…" in text


def test_hostile_text_in_a_pipe(bt_here: Callable[..., Result]) -> None:
    """In a pipe text is kept, and one row stays one line."""
    Path("hostile.jsonl").write_text(json.dumps({"id": "a", "name": HOSTILE.replace("\0", "")}))
    lines = bt_here("sql", "select id, name from spans", "--file", "hostile.jsonl").check().out.split("\n")
    assert len(lines) == 3 and "\x1b[2J" in lines[1] and lines[1].endswith(r"tab\tline\nend")


def test_the_query_from_a_pipe(sample: str, bt: Callable[..., Result]) -> None:
    """Without an argument, stdin is the query."""
    assert bt("sql", "--file", sample, stdin="select count(*) as n\nfrom spans").check().out == "n\n24\n"


def test_the_spans_from_a_pipe(bt: Callable[..., Result]) -> None:
    """With --file -, stdin is the traces."""
    answer = bt("sql", "--file", "-", "select project, id from spans", "--json", stdin='{"id":"a"}').check()
    assert answer.json["items"] == [{"project": "standard input", "id": "a"}]


def test_help_when_nothing_is_asked() -> None:
    """On a terminal, without a query, the command explains itself."""
    assert "Usage: bt sql" in shown("sql", talk=True, code=2)


def test_an_answer_without_rows_on_a_terminal(sample: str) -> None:
    """It shows the names of the columns, in a box of the terminal's width, however many there are."""
    text = shown("sql", "select * from spans where 0", "--file", sample, "--no-color")
    assert "│ id " in text and "No room for: " in text and max(map(len, text.splitlines())) <= 80


def test_the_reader_goes_away(shell: Callable[[str], Result]) -> None:
    """An answer that nobody reads any more ends quietly."""
    result = shell(f'bt sql --file "$SAMPLES/support.jsonl" "{ENDLESS.format("x")}" | head -1')
    assert (result.code, result.out, result.err) == (141, "x\n", "")


def interrupted(signum: int, *arguments: str) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of an endless query that gets a signal once it has begun to answer."""
    command = [*BT, "sql", *arguments, "--file", SAMPLE]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        process.send_signal(signum)
        out, err = process.communicate(timeout=60)
        return process.returncode, first + out, err


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_long_query_is_interrupted(signum: int, code: int) -> None:
    """Ctrl-C and SIGTERM end it, quietly."""
    ended, out, err = interrupted(signum, ENDLESS.format("x"))
    assert (ended, err) == (code, b"") and out.endswith(b"\n")


def test_an_interrupted_object_is_whole() -> None:
    """What --json has begun is ended, and says that it is cut."""
    code, out, _ = interrupted(signal.SIGINT, ENDLESS.format("x"), "--json")
    answer = json.loads(out)
    assert (code, answer["truncated"], answer["exit_code"]) == (130, True, 130)


def test_an_interrupted_query_leaves_no_file() -> None:
    """-o gives a file its name only when it is complete."""
    Path("fifo.sql").write_text(ENDLESS.format("x"))
    command = [*BT, "sql", "-f", "fifo.sql", "--file", SAMPLE, "-o", "out.tsv"]
    with started(command, stderr=subprocess.PIPE) as process:
        while not list(Path().glob(".out.tsv.*.part")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert (process.wait(60), list(Path().glob("*out.tsv*"))) == (130, [])


PROGRAM = """
import sys
from bt_cli.cli.main import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def loaded(query: str) -> set[str]:
    """The modules that a query in a pipe loads."""
    command = [sys.executable, "-c", PROGRAM, "sql", query, "--file", SAMPLE]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=PATIENCE)
    return set(done.stderr.split())


def test_a_plain_query_loads_neither_sqlglot_nor_rich() -> None:
    """SQLite's own SQL is parsed by SQLite alone."""
    assert not {"sqlglot", "rich", "csv"} & loaded("select 1")


def test_braintrusts_sql_loads_sqlglot() -> None:
    """It is imported for a query that needs it."""
    assert "sqlglot" in loaded(f"select 1 from project_logs('{SAMPLE}')")
