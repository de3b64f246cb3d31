"""Prints the table of speed and memory: each figure a ratio, measured within one run.

    python tests/bench/run.py [--traces 40000] [--runs 3] [--only NAME] [--memory-10x]

Linux only: it reads peak memory from ``/proc``. Stores live in a temporary folder; the generated
files too, unless ``--data`` names one to keep them in.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path

from bench import Bench
from figures import Figure, Row
from measure import CommandError
from rows import all_rows

HEAD = "| what | measured | must be | ok |\n|---|---|---|---|"


def machine() -> str:
    """The processor and the versions that the figures depend on."""
    cores = len(os.sched_getaffinity(0))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {cores} cores, {python}, SQLite {sqlite3.sqlite_version}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def figure_of(row: Row, bench: Bench) -> Figure:
    """A row's figure; a command that fails is a figure too, and not a good one."""
    try:
        return row.measure(bench)
    except CommandError as error:
        print(error, file=sys.stderr)
        return Figure("failed", ok=False, details={"error": str(error)})


def measure_all(rows: list[Row], bench: Bench) -> list[dict[str, object]]:
    """Prints each line of the table as soon as it is known."""
    print(HEAD, flush=True)
    figures: list[dict[str, object]] = []
    for row in rows:
        figure = figure_of(row, bench)
        answer = "yes" if figure.ok else "**no**"
        print(f"| {row.what} | {figure.measured} | {row.must} | {answer} |", flush=True)
        figures.append({"name": row.name, "what": row.what, "must": row.must, **vars(figure)})
    return figures


def parse_options() -> argparse.Namespace:
    """The command line."""
    names = [row.name for row in all_rows(memory_10x=False)]
    parser = argparse.ArgumentParser(description="Measures bt and prints a table of ratios.")
    parser.add_argument("--traces", type=int, default=40_000, help="traces in the file (40000)")
    parser.add_argument("--runs", type=int, default=3, help="rounds to take medians of (3)")
    parser.add_argument("--only", action="append", choices=names, help="this row; may be repeated")
    parser.add_argument("--memory-10x", action="store_true", help="memory at 1x and 10x the file")
    parser.add_argument("--data", type=Path, help="folder to keep the generated files in")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save all figures here as well")
    return parser.parse_args()


def main() -> int:
    """Measures what was asked for; 0 if every figure is good enough."""
    options = parse_options()
    rows = all_rows(memory_10x=options.memory_10x)
    wanted = [row for row in rows if not options.only or row.name in options.only]
    about = f"{machine()}; {options.traces:,} traces, medians of {options.runs}"
    print(f"{about}\n")
    with tempfile.TemporaryDirectory(prefix="bt-bench-") as name:
        folder = Path(name)
        data = (options.data or folder / "data").resolve()
        figures = measure_all(wanted, Bench(options.traces, options.runs, folder, data))
    if options.json:
        options.json.write_text(json.dumps({"machine": about, "rows": figures}, indent=1) + "\n")
    return 0 if all(figure["ok"] for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
