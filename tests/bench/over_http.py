"""The rows of the table about HTTP: `bt` and Braintrust's own command, and `bt serve` beside the store behind it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import pytest

from bench import BT, Bench, count_spans, target
from figures import MEMORY_LIMIT_MB, Figure, Row, alternate, ratio_of
from measure import ROOT, CommandError, Finished, clean_environment, peak_mb, run
from yardsticks import arrived_at, null_server

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "clients"))
from installed import node_modules
from serving import Serving, serving

CROWD = Path(__file__).parents[1] / "clients" / "programs" / "crowd.py"
CLIENTS = 32
ROUNDS = 2
LOGGED = 1000
"""Traces that each client logs in a round."""
SPANS_LOGGED = 2
"""Spans of each of them."""
MEMORY_SPREAD = 1.1
KEY = {"BRAINTRUST_API_KEY": "any"}
PUSHED = 2.0


def push_to_official(bench: Bench) -> Figure:
    """The same rows to a null server, by `bt import` and by Braintrust's `bt sync push`, from start to end of each."""
    file = bench.rows(bench.traces)
    spans = count_spans(bench.file(bench.traces))
    rounds = [(official_push(file, spans), our_push(bench, file, spans)) for _ in range(bench.runs)]
    ratio = median(theirs.seconds / ours.seconds for theirs, ours in rounds)
    cpu = median(ours.cpu / theirs.cpu for theirs, ours in rounds)
    rates = [spans / median(one.seconds for one in side) for side in zip(*rounds, strict=True)]
    shown = f"{ratio:.2f} ({rates[1]:,.0f} / {rates[0]:,.0f} spans/s), CPU {cpu:.2f}"
    seconds = [[(one.seconds, one.cpu) for one in side] for side in rounds]
    return Figure(shown, ratio >= PUSHED and cpu < 1.0, {"ratio": ratio, "cpu": cpu, "seconds and cpu": seconds})


def our_push(bench: Bench, file: Path, spans: int) -> Finished:
    """``bt import`` of rows to a null server."""
    with null_server() as url:
        done = run([*BT, "import", str(file), *target(url)], variables=KEY)
        require(arrived_at(url), spans)
    return done


def official_push(file: Path, spans: int) -> Finished:
    """``bt sync push`` of rows to a null server."""
    with null_server() as url, tempfile.TemporaryDirectory(prefix="bt-bench-push-") as state:
        where = {**KEY, "BRAINTRUST_APP_URL": url, "BRAINTRUST_API_URL": url}
        command = [official(), "sync", "push", "project_logs:bench", "--in", str(file), "--root", state, "--no-input"]
        done = run(command, variables=where)
        require(arrived_at(url), spans)
    return done


def official() -> str:
    """Braintrust's own `bt`, which npm installs once a machine."""
    try:
        return str(node_modules() / "@braintrust" / "bt-linux-x64" / "bin" / "bt")
    except pytest.skip.Exception as error:
        raise CommandError(str(error)) from error


def import_to_direct(bench: Bench) -> Figure:
    """An import of trees through a server, over the same into SQLite at once."""
    file = bench.file(bench.traces)
    spans = count_spans(file)

    def direct() -> float:
        with bench.new_store() as store:
            return bench.load(file, store).seconds

    def through() -> float:
        with bench.new_store() as store:
            with served(store) as server:
                seconds = bench.load(file, server.url).seconds
            require(spans_in(store), spans)
            return seconds

    return ratio_of(alternate(bench.runs, direct, through), at_most=2.5)


def export_to_direct(bench: Bench) -> Figure:
    """All rows through a server, over the same from SQLite at once."""
    store = bench.full_store
    with served(store) as server:
        rounds = alternate(bench.runs, lambda: bench.export(store).seconds, lambda: bench.export(server.url).seconds)
    return ratio_of(rounds, at_most=3.0)


def crowd(bench: Bench) -> Figure:
    """Many clients of the `braintrust` package at once, and again: what is stored, and the server's peak memory after each round."""
    peaks = []
    with bench.new_store() as store, served(store) as server:
        for number in range(ROUNDS):
            log_at_once(server, f"round-{number}", LOGGED)
            peaks.append(peak_mb(server.process.pid))
        require(spans_in(store), ROUNDS * CLIENTS * LOGGED * SPANS_LOGGED)
    first, *_, last = peaks
    ok = last <= min(first * MEMORY_SPREAD, MEMORY_LIMIT_MB)
    shown = f"none lost, peak {first:.0f} / {last:.0f} MB after {LOGGED:,} / {ROUNDS * LOGGED:,} traces of each"
    return Figure(shown, ok, {"mb": peaks})


def log_at_once(server: Serving, name: str, traces: int) -> None:
    """Starts all clients, and waits until each has logged its traces."""
    command = [sys.executable, str(CROWD), "bench"]
    environment = {**clean_environment(), **server.environment}
    clients = [
        subprocess.Popen([*command, f"{name}-{number}", str(traces)], env=environment, stderr=subprocess.PIPE)
        for number in range(CLIENTS)
    ]
    for client in clients:
        _, said = client.communicate()
        if client.returncode:
            raise CommandError(f"a client ended with exit code {client.returncode}: {said.decode()[-400:]}")


@contextmanager
def served(store: Path) -> Iterator[Serving]:
    """`bt serve` before a store, without anything of this environment that sets it up."""
    with serving(store, cwd=ROOT, env=clean_environment()) as server:
        yield server


def spans_in(store: Path) -> int:
    """How many spans a store has."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM spans").fetchone()[0])


def require(found: int, wanted: int) -> None:
    """Raises CommandError where spans were lost, or are there twice."""
    if found != wanted:
        raise CommandError(f"{found} spans arrived of {wanted}")


def http_rows() -> list[Row]:
    """The rows of this page."""
    push = "spans per second: `bt import` of rows to a null server on loopback / Braintrust's `bt sync push`; CPU ditto"
    load = "`bt import` of trees into `bt serve`, SQLite behind it / directly into SQLite, wall"
    export = "`bt export` rows from `bt serve` / directly from SQLite, wall"
    logging = f"{CLIENTS} clients of the `braintrust` package logging at once into `bt serve`"
    return [
        Row("push", push, f"≥ {PUSHED:g}, CPU < 1", push_to_official),
        Row("serve-import", load, "≤ 2.5", import_to_direct),
        Row("serve-export", export, "≤ 3", export_to_direct),
        Row("serve-crowd", logging, "none lost, memory flat", crowd),
    ]
