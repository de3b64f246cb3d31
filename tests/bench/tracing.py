"""The rows of the table about programs that trace themselves: our library beside Braintrust's, into the same server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench import Bench
from figures import Figure, Row
from measure import CommandError, clean_environment
from over_http import KEY, require, served, spans_in

PROGRAM = Path(__file__).parent / "log_spans.py"
SPANS = 12_000
"""Fewer than Braintrust's package keeps: beyond that it drops spans."""
MANY = 100_000
FASTER = 5.0
CALLER = 0.25
PER_SECOND = 20_000
MEMORY_SPREAD = 1.2


def logged(module: str, store: str, spans: int, **variables: str) -> dict[str, float]:
    """What the program says of a run."""
    command = [sys.executable, str(PROGRAM), module, store, str(spans)]
    environment = {**clean_environment(), **KEY, "BRAINTRUST_API_URL": store, **variables}
    if "://" not in store:
        del environment["BRAINTRUST_API_URL"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stderr[-400:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def beside_official(bench: Bench) -> Figure:
    """Spans into the same server by either, in turn: until all are stored, and in the program's own thread.

    Ours have to arrive, all; Braintrust's package loses some now and then.
    """
    rounds = []
    with bench.new_store() as store, served(store) as server:
        for _ in range(bench.runs):
            theirs = logged("braintrust", server.url, SPANS)
            before = spans_in(store)
            rounds.append((theirs, logged("bt_cli", server.url, SPANS)))
            require(spans_in(store) - before, SPANS + 1)
    ratio = median(theirs["stored"] / ours["stored"] for theirs, ours in rounds)
    caller = median(ours["logged"] / theirs["logged"] for theirs, ours in rounds)
    rates = [SPANS / median(one["stored"] for one in side) for side in zip(*rounds, strict=True)]
    shown = f"{ratio:.1f} ({rates[1]:,.0f} / {rates[0]:,.0f} spans/s), {caller:.2f}"
    return Figure(shown, ratio >= FASTER and caller <= CALLER, {"ratio": ratio, "caller": caller, "rounds": rounds})


def into_sqlite(bench: Bench) -> Figure:
    """Spans a second until all are stored in a file."""
    rates = []
    for _ in range(bench.runs):
        with bench.new_store() as store:
            rates.append(MANY / logged("bt_cli", str(store), MANY)["stored"])
            require(spans_in(store), MANY + 1)
    rate = median(rates)
    return Figure(f"{rate:,.0f}/s", rate >= PER_SECOND, {"rates": rates})


def bounded_memory(bench: Bench) -> Figure:
    """Peak memory where nobody answers: twice as many spans need no more."""
    dead = "http://127.0.0.1:9"
    bounded = {"BRAINTRUST_QUEUE_DROP_WHEN_FULL": "1", "BRAINTRUST_QUEUE_SIZE": "5000", "BRAINTRUST_NUM_RETRIES": "0"}
    first, second = (logged("bt_cli", dead, number, **bounded)["mb"] for number in (MANY, 2 * MANY))
    details: dict[str, Any] = {"mb": [first, second]}
    return Figure(f"{first:.0f} / {second:.0f} MB", second <= first * MEMORY_SPREAD, details)


def tracing_rows() -> list[Row]:
    """The rows of this page."""
    official = (
        "spans per second through `with start_span()` and `log` into `bt serve`, ours / `braintrust`; caller's time"
    )
    return [
        Row("trace-official", official, f"≥ {FASTER:g}, ≤ {CALLER:g}", beside_official),
        Row("trace-sqlite", "the same into SQLite", f"≥ {PER_SECOND:,}/s", into_sqlite),
        Row("trace-memory", "peak memory where no server answers, 100,000 / 200,000 spans", "flat", bounded_memory),
    ]
