"""The rows of the table about scoring: offline, and with a judge that is a server in its own process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from bench import BT, Bench, target
from figures import Figure, Row
from measure import CommandError, Finished, clean_environment, run

sys.path.insert(0, str(Path(__file__).parents[1]))
from judge_process import JudgeServer

OFFLINE = ["--score", "ExactMatch", "--score", "Levenshtein", "--score-map", "expected=input"]
OFFLINE_RATE, JUDGED_RATE, CACHED_RATE, LIMIT = 5000, 300, 1500, 100
IN_FLIGHT = 64
JUDGED_TRACES, LIMITED_TRACES = 3000, 1500
MEMORY_LIMIT_MB = 150
MEMORY_TRACES = 200_000


def judged(server: JudgeServer, cache: Path) -> list[str]:
    """The options of a scorer that asks the server about each trace once."""
    judge = ["--judge-model", "judge", "--judge-base-url", server.url, "--judge-cache", str(cache)]
    return ["--score", "Factuality", "--score-map", "expected=output", "-j", str(IN_FLIGHT), *judge]


def score(store: Path, options: list[str], *, watch_memory: bool = False) -> Finished:
    """``bt score`` of all traces in a store."""
    return run([*BT, "score", *target(store), *options], watch_memory=watch_memory)


@contextmanager
def unscored(bench: Bench, traces: int) -> Iterator[Path]:
    """A store with so many traces that nobody has scored."""
    with bench.new_store() as store:
        bench.load(bench.file(traces), store)
        yield store


@contextmanager
def judging(**script: object) -> Iterator[JudgeServer]:
    """A server that goes by a script."""
    server = JudgeServer()
    server.script(**script)
    try:
        yield server
    finally:
        server.close()


def offline_rate(bench: Bench) -> Figure:
    """Two scorers over a whole store, spans written, from start to end of the process."""
    rates = []
    with unscored(bench, bench.traces) as store:
        for _ in range(bench.runs):
            with bench.new_store() as copy:
                shutil.copy(store, copy)
                rates.append(bench.traces / score(copy, OFFLINE).seconds)
    return rate_of(rates, OFFLINE_RATE)


def judged_rate(bench: Bench, *, latency_ms: int) -> Figure:
    """A judge that takes so long for each answer, with many calls in flight."""
    rates = []
    for _ in range(bench.runs):
        with unscored(bench, JUDGED_TRACES) as store, judging(latency_ms=latency_ms) as server:
            seconds = score(store, judged(server, store.with_suffix(".judge"))).seconds
            rates.append(JUDGED_TRACES / seconds)
            require(server.stats["answered"], JUDGED_TRACES, "answers")
    return rate_of(rates, JUDGED_RATE)


def cached_rate(bench: Bench) -> Figure:
    """All of it again, every answer from the cache: the server is asked nothing."""
    with unscored(bench, JUDGED_TRACES) as store, judging() as server:
        options = judged(server, store.with_suffix(".judge"))
        score(store, options)
        asked = server.stats["requests"]
        rates = [JUDGED_TRACES / score(store, [*options, "--rescore", "all"]).seconds for _ in range(bench.runs)]
        require(server.stats["requests"], asked, "requests")
    return rate_of(rates, CACHED_RATE)


def limited_rate(bench: Bench) -> Figure:
    """A server that refuses what is above its limit: how much of it is used, and that nothing is lost."""
    with unscored(bench, LIMITED_TRACES) as store, judging(limit=LIMIT) as server:
        seconds = score(store, judged(server, store.with_suffix(".judge"))).seconds
        stats = server.stats
        require(stats["answered"], LIMITED_TRACES, "answers")
    share = LIMITED_TRACES / seconds / LIMIT
    shown = f"{share:.0%} of {LIMIT}/s, {stats['refused']} refused"
    return Figure(shown, share >= 0.9, {"share": share, "stats": stats})


def repeated_after_kill(bench: Bench) -> Figure:
    """How many calls a run makes a second time after one that was killed in the middle."""
    with unscored(bench, JUDGED_TRACES) as store, judging(latency_ms=100) as server:
        command = [*BT, "score", *target(store), *judged(server, store.with_suffix(".judge"))]
        kill_after(command, server, JUDGED_TRACES // 2)
        run(command)
        repeated = server.stats["requests"] - JUDGED_TRACES
    return Figure(f"{repeated} of {IN_FLIGHT} in flight", repeated <= IN_FLIGHT, {"repeated": repeated})


def kill_after(command: list[str], server: JudgeServer, answers: int) -> None:
    """Kills a command once the server has given so many answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=clean_environment(), cwd=os.getcwd())
    while server.stats["answered"] < answers:
        if process.poll() is not None:
            raise CommandError("the run was over before it could be killed")
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


def peak_memory(bench: Bench, *, traces: int) -> Figure:
    """Offline scoring of many traces, with its child processes."""
    with unscored(bench, traces) as store:
        peak = score(store, OFFLINE, watch_memory=True).peak_mb
    return Figure(f"{peak:.0f} MB", peak <= MEMORY_LIMIT_MB, {"mb": peak, "traces": traces})


def rate_of(rates: list[float], at_least: float) -> Figure:
    """The median of traces a second."""
    rate = median(rates)
    return Figure(f"{rate:,.0f} traces/s", rate >= at_least, {"rates": rates})


def require(found: int, wanted: int, what: str) -> None:
    """Raises CommandError where a count of the server is not what it should be."""
    if found != wanted:
        raise CommandError(f"{found} {what} instead of {wanted}")


def scoring_rows(*, memory_10x: bool) -> list[Row]:
    """The rows of this page."""
    traces = MEMORY_TRACES if memory_10x else MEMORY_TRACES // 10
    offline = "`bt score` with ExactMatch and Levenshtein, spans written"
    judge = f"`bt score` with a judge at {{}} ms, {IN_FLIGHT} in flight"
    return [
        Row("score-offline", offline, f"≥ {OFFLINE_RATE:,}/s", offline_rate),
        Row("score-judge-0", judge.format(0), f"≥ {JUDGED_RATE}/s", partial(judged_rate, latency_ms=0)),
        Row("score-judge-100", judge.format(100), f"≥ {JUDGED_RATE}/s", partial(judged_rate, latency_ms=100)),
        Row("score-cached", "the same from the cache, no request made", f"≥ {CACHED_RATE:,}/s", cached_rate),
        Row("score-limit", f"behind a hard limit of {LIMIT}/s, none lost", "≥ 90 %", limited_rate),
        Row("score-kill", "calls made again after `kill -9` at the half", f"≤ {IN_FLIGHT}", repeated_after_kill),
        Row("score-memory", f"peak memory, {traces:,} traces", "≤ 150 MB", partial(peak_memory, traces=traces)),
    ]
