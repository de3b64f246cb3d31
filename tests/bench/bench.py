"""The files, stores and `bt` commands that the rows of the table share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path

from measure import CommandError, Finished, count_lines, run
from otlp import write_requests

BT = [sys.executable, "-m", "bt_cli"]
BIG_TRACE = "one-big-trace"
_TRACES_IN_ONE = 1200
GENERATOR = [sys.executable, str(Path(__file__).with_name("generate.py"))]


class Bench:
    """One run of the benchmarks: its size, its folders, and what it does with `bt`."""

    def __init__(self, traces: int, runs: int, folder: Path, data: Path) -> None:
        self.traces = traces
        self.runs = runs
        self._folder = folder
        self._data = data
        self._stores = 0

    def file(self, traces: int, *, unknown_key: bool = False) -> Path:
        """A file of this many traces, generated once."""
        path = self._data / f"traces-{traces}{'-unknown' if unknown_key else ''}.jsonl"
        if not path.exists():
            self._data.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            options = ["--unknown-key"] if unknown_key else []
            run([*GENERATOR, str(traces), str(part), *options])
            part.rename(path)
        return path

    def rows(self, traces: int) -> Path:
        """The same as rows, a span a line."""
        trees = self.file(traces)
        path = trees.with_name(f"rows-{traces}.jsonl")
        if not path.exists():
            part = path.with_suffix(".part")
            run([*BT, "convert", str(trees), "-o", str(part), "-q", "--force"])
            part.rename(path)
        return path

    def requests(self, traces: int) -> Path:
        """A file of requests of OpenTelemetry's exporters, a request a line."""
        path = self._data / f"otlp-{traces}.jsonl"
        if not path.exists():
            self._data.mkdir(parents=True, exist_ok=True)
            write_requests(path.with_suffix(".part"), traces).rename(path)
        return path

    def load(self, file: Path, store: Path | str, *, watch_memory: bool = False) -> Finished:
        """``bt import`` of a file into a store."""
        command = [*BT, "import", str(file), *target(store)]
        return run(command, watch_memory=watch_memory)

    def convert(self, file: Path, *, watch_memory: bool = False) -> Finished:
        """``bt convert`` of a file to nowhere."""
        return run([*BT, "convert", str(file), "-q"], watch_memory=watch_memory)

    def export(self, store: Path | str, *, watch_memory: bool = False) -> Finished:
        """``bt export`` of a store to nowhere."""
        return run(self.export_command(store), watch_memory=watch_memory)

    def export_command(self, store: Path | str) -> list[str]:
        """The command that prints all rows of a store."""
        return [*BT, "export", *target(store)]

    @contextmanager
    def new_store(self) -> Iterator[Path]:
        """The path of a store that does not exist yet, and is removed afterwards."""
        self._stores += 1
        path = self._folder / f"store-{self._stores}.db"
        try:
            yield path
        finally:
            for file in self._folder.glob(f"{path.name}*"):
                file.unlink()

    @cached_property
    def full_store(self) -> Path:
        """A store with the whole file in it, and nothing lost on the way."""
        file, store = self.file(self.traces), self._folder / "full.db"
        self.load(file, store)
        stored, wanted = count_lines(self.export_command(store)), count_spans(file)
        if stored != wanted:
            raise CommandError(f"export gave {stored} of {wanted} spans")
        return store

    @cached_property
    def big_trace(self) -> Path:
        """A store with one trace of some 10,000 spans, whose id is `BIG_TRACE`."""
        file, store = self._folder / "big.jsonl", self._folder / "big.db"
        with self.file(self.traces).open("rb") as lines, file.open("wb") as out:
            out.write(b'{"id":"%s","name":"big","children":[{}' % BIG_TRACE.encode())
            for line in islice(lines, _TRACES_IN_ONE):  # one by one: what this process holds counts for its children
                out.write(b"," + line.rstrip(b"\n"))
            out.write(b"]}\n")
        self.load(file, store)
        return store


def count_spans(file: Path) -> int:
    """The nodes of a generated file: each has its metrics, and no text contains that key."""
    with file.open("rb") as lines:
        return sum(line.count(b'"metrics": {') for line in lines)


def target(store: Path | str) -> list[str]:
    """The options that lead a command to the container in ``store``."""
    return ["-p", "bench", "--store", str(store), "-q"]
