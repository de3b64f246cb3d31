"""The rows of the table about looking at a full store: view, summary, compare and SQL."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from bench import BIG_TRACE, BT, Bench, target
from figures import MEMORY_LIMIT_MB, Figure, Row, alternate, ratio_of
from measure import run
from yardsticks import bare_query, our_query, rich_import

SHORT_RUNS = 5
COUNT = "select count(*) from spans"
MODELS = "select model, sum(tokens) from spans group by 1"


def bt(bench: Bench, *arguments: str) -> float:
    """Seconds of a command over the full store."""
    return run([*BT, *arguments, *target(bench.full_store)]).seconds


def view_logs(bench: Bench) -> Figure:
    """A page of the newest traces, from start to end."""
    rounds = alternate(bench.runs * SHORT_RUNS, rich_import, lambda: bt(bench, "view", "logs", "--limit", "20"))
    return ratio_of(rounds, at_most=2.5)


def view_trace(bench: Bench) -> Figure:
    """One trace as a tree, from start to end."""
    command = [*bench.export_command(bench.full_store), "--limit", "1"]
    first = json.loads(run(command, keep_output=True).output.splitlines()[0])["root_span_id"]
    rounds = alternate(bench.runs * SHORT_RUNS, rich_import, lambda: bt(bench, "view", "trace", first))
    return ratio_of(rounds, at_most=2.5)


def summary_to_export(bench: Bench) -> Figure:
    """The numbers of a project, over printing all of its rows."""
    store = bench.full_store
    rounds = alternate(bench.runs, lambda: bench.export(store).seconds, lambda: bt(bench, "summary"))
    return ratio_of(rounds, at_most=1.0)


def query_to_sqlite(bench: Bench, query: str) -> Figure:
    """A query, over the same by SQLite alone on the same views; each timed within its process, without its start."""
    schema = run([*BT, "sql", "--schema", *target(bench.full_store)], keep_output=True).output.decode()
    ours = partial(our_query, target(bench.full_store), query)
    theirs = partial(bare_query, Path(bench.full_store), schema, query)
    return ratio_of(alternate(bench.runs, theirs, ours), at_most=1.5)


def memory_of_looking(bench: Bench) -> Figure:
    """The peak memory of each command, the processes of a command added."""
    full, big = target(bench.full_store), target(bench.big_trace)
    commands = {
        "view logs": ["view", "logs", *full],
        "view trace": ["view", "trace", BIG_TRACE, *big],
        "summary": ["summary", *full],
        "compare": ["compare", "bench", "bench", *full],
        "sql": ["sql", "select * from spans", *full],
    }
    peaks = {name: run([*BT, *command], watch_memory=True).peak_mb for name, command in commands.items()}
    shown = ", ".join(f"{name} {peak:.0f}" for name, peak in peaks.items())
    return Figure(f"{shown} MB", max(peaks.values()) <= MEMORY_LIMIT_MB, {"mb": peaks})


def looking_rows() -> list[Row]:
    """The rows of this page."""
    shell = "`python -c 'import typer, rich.table'`"
    sqlite = "/ SQLite alone on the same view, timed within the process"
    memory = (
        "peak memory: `bt view logs`, `view trace` of 10,000 spans, `summary`, `compare` of the project with "
        "itself, `sql` of all spans"
    )
    return [
        Row("view-logs", f"`bt view logs --limit 20` / {shell}", "≤ 2.5", view_logs),
        Row("view-trace", f"`bt view trace ID` / {shell}", "≤ 2.5", view_trace),
        Row("summary", "`bt summary` / `bt export` of the same project", "≤ 1.0", summary_to_export),
        Row("sql-count", f'`bt sql "{COUNT}"` {sqlite}', "≤ 1.5", partial(query_to_sqlite, query=COUNT)),
        Row("sql-models", f'`bt sql "{MODELS}"` {sqlite}', "≤ 1.5", partial(query_to_sqlite, query=MODELS)),
        Row("memory-looking", memory, "≤ 150 MB", memory_of_looking),
    ]
