"""What `bt` is measured against: a bare loop, Braintrust's script, the import of typer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import CommandError, run

HERE = Path(__file__).parent
LOOP = """
import sys, time, orjson
loads = orjson.loads
with open(sys.argv[1], "rb") as lines:
    started = time.perf_counter()
    for line in lines:
        loads(line)
    print(time.perf_counter() - started)
"""
BARE_QUERY = """
import sqlite3, sys, time
from statistics import median
store, schema, query = sys.argv[1:]
def seconds():
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    db.executescript(schema)
    started = time.perf_counter()
    db.execute(query).fetchall()
    return time.perf_counter() - started
seconds()
print(median(seconds() for _ in range(5)))
"""
OUR_QUERY = """
import sys, time
from statistics import median
from bt_cli.cli.main import main
query, *target = sys.argv[1:]
def seconds(query):
    started = time.perf_counter()
    if code := main(["sql", query, *target]):
        sys.exit(code)
    return time.perf_counter() - started
seconds(query), seconds("select 1")
print(median(seconds(query) - seconds("select 1") for _ in range(5)))
"""
GET = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())"


def bare_loop(file: Path) -> float:
    """Seconds of a bare loop of ``orjson.loads`` over the lines of a file."""
    return float(run([sys.executable, "-c", LOOP, str(file)], keep_output=True).output)


def typer_import() -> float:
    """Seconds of a Python that imports typer and ends."""
    return run([sys.executable, "-c", "import typer"]).seconds


def rich_import() -> float:
    """Seconds of a Python that imports typer and rich's tables, and ends."""
    return run([sys.executable, "-c", "import typer, rich.table"]).seconds


def bare_query(store: Path, schema: str, query: str) -> float:
    """Seconds of a query by SQLite alone on views that ``schema`` makes: the median of five in one process."""
    return float(run([sys.executable, "-c", BARE_QUERY, str(store), schema, query], keep_output=True).output)


def our_query(target: list[str], query: str) -> float:
    """Seconds of ``bt sql`` beyond those of ``select 1``, which does all but ask: the median of five in one process."""
    output = run([sys.executable, "-c", OUR_QUERY, query, *target], keep_output=True).output
    return float(output.splitlines()[-1])


def documented_script(file: Path, spans: int) -> float:
    """Seconds of Braintrust's documented script, all of its process, over a null server."""
    with null_server() as url:
        script = run([sys.executable, str(HERE / "documented_script.py"), str(file), url])
        arrived = arrived_at(url)
    if arrived != spans:
        raise CommandError(f"the null server got {arrived} of {spans} spans")
    return script.seconds


@contextmanager
def null_server() -> Iterator[str]:
    """The address of a null server that runs in a process of its own."""
    command = [sys.executable, str(HERE / "null_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def arrived_at(url: str) -> int:
    """How many spans a null server got; asked by another process, which keeps this one small."""
    answer = run([sys.executable, "-c", GET, f"{url}/counts"], keep_output=True).output
    return int(json.loads(answer)["spans"])
