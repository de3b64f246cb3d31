"""``bt sql`` as people use it: on terminals of two widths, in pipes, interrupted, with hostile text.

``UPDATE_GOLDEN=1 pytest tests/e2e/test_sql.py`` writes the expected files anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from running import BT, SAMPLES, Result

GOLDEN = Path(__file__).parent / "sql_golden"
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


def on_terminal(columns: int, *arguments: str) -> tuple[str, int]:
    """What `bt` shows on a terminal so wide, and its exit code."""
    screen, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen([*BT, *arguments], stdin=line, stdout=line, stderr=line, env=environment)
    os.close(line)
    seen = b""
    while True:
        try:
            block = os.read(screen, 1 << 16)
        except OSError:  # how Linux says that the other side is closed
            break
        if not block:
            break
        seen += block
    os.close(screen)
    return seen.decode().replace("\r\n", "\n"), process.wait(60)


def check_golden(name: str, text: str) -> None:
    """``text`` is that of the expected file."""
    expected = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


@pytest.fixture
def sample(tmp_path: Path) -> str:
    """The sample in the working folder, so that its name is the same everywhere."""
    (tmp_path / "support.jsonl").write_bytes(Path(SAMPLE).read_bytes())
    return "support.jsonl"


@pytest.mark.parametrize("color", ["--color", "--no-color"])
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("query", QUERIES)
def test_on_a_terminal(query: str, columns: int, color: str, sample: str) -> None:
    """Boxes, blocks and mistakes as they look, as wide as the terminal at most."""
    shown, _ = on_terminal(columns, "sql", QUERIES[query], "--file", sample, color)
    assert ("\x1b[" in shown) == (color == "--color" and query != "whole")
    assert color == "--color" or max(map(len, shown.splitlines())) <= columns
    check_golden(f"{query}-{columns}{color}", shown)


@pytest.mark.parametrize("form", FORMATS)
def test_in_a_pipe(form: str, sample: str, bt: Callable[..., Result]) -> None:
    """Every format, byte for byte, without colours."""
    query = "select name, type, tokens, input, metadata from spans order by start limit 6"
    answer = bt("sql", query, "--file", sample, "--format", form).check()
    check_golden(f"pipe-{form}", answer.out)


def test_tab_separated_is_the_default_in_a_pipe(sample: str, bt: Callable[..., Result]) -> None:
    """Without a format a pipe gets fields with tabs between, nothing cut."""
    answer = bt("sql", "select name, input from spans", "--file", sample).check()
    assert {line.count("\t") for line in answer.out.splitlines()} == {1} and "…" not in answer.out


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_on_a_terminal(form: str) -> None:
    """What would clear the screen, set a title or turn text around is spelled out in every format; markup is text."""
    Path("hostile.jsonl").write_text(
        json.dumps({"id": "a", "name": HOSTILE, "input": HOSTILE, "output": "x" * 1_000_000})
    )
    query = "select name, input, substr(output, 1, 9) as o, metadata from spans"
    shown, code = on_terminal(400, "sql", query, "--file", "hostile.jsonl", "--format", form, "--no-color")
    assert code == 0 and "markup" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e", "\0"}


def test_a_megabyte_on_a_terminal() -> None:
    """A cell of a megabyte is cut like any other, alone and among the many columns of a block."""
    Path("long.jsonl").write_text(json.dumps({"id": "a", "output": "x" * 1_000_000}))
    for query in ("select output from spans", "select * from spans"):
        shown, _ = on_terminal(80, "sql", query, "--file", "long.jsonl", "--no-color")
        assert len(shown) < 5000 and "x…" in shown


def test_hostile_text_in_a_pipe(bt: Callable[..., Result]) -> None:
    """In a pipe text is kept, and one row stays one line."""
    Path("hostile.jsonl").write_text(json.dumps({"id": "a", "name": HOSTILE.replace("\0", "")}))
    lines = bt("sql", "select id, name from spans", "--file", "hostile.jsonl").check().out.split("\n")
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
    shown, code = on_terminal(80, "sql")
    assert code == 2 and "Usage: bt sql" in shown


def test_the_reader_goes_away(shell: Callable[[str], Result]) -> None:
    """An answer that nobody reads any more ends quietly."""
    result = shell(f'bt sql --file "$SAMPLES/support.jsonl" "{ENDLESS.format("x")}" | head -1')
    assert (result.code, result.out, result.err) == (141, "x\n", "")


def interrupted(signum: int, *arguments: str) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of an endless query that gets a signal once it has begun to answer."""
    command = [*BT, "sql", *arguments, "--file", SAMPLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
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
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
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
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return set(done.stderr.split())


def test_a_plain_query_loads_neither_sqlglot_nor_rich() -> None:
    """SQLite's own SQL is parsed by SQLite alone."""
    assert not {"sqlglot", "rich", "csv"} & loaded("select 1")


def test_braintrusts_sql_loads_sqlglot() -> None:
    """It is imported for a query that needs it."""
    assert "sqlglot" in loaded(f"select 1 from project_logs('{SAMPLE}')")
