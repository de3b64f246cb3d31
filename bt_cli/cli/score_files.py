"""The files of a scoring run: a line of JSON a result, JUnit, Markdown. They are written while results stream by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

import orjson
from msgspec import Struct

from bt_cli.cli.output import Target, refuse_input
from bt_cli.errors import StoreError, UsageError
from bt_cli.render import junit
from bt_cli.render.score_json import result_dict
from bt_cli.settings import step_summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bt_cli.cli.console import Console
    from bt_cli.spans.score_run import ScoreRun
    from bt_cli.spans.score_tally import Outcome


class FilePlan(Struct, frozen=True):
    """Where reports go; None for none. An existing report is replaced, a step's summary is appended to."""

    jsonl: str | None = None
    junit: str | None = None
    markdown: str | None = None

    def check(self, inputs: Sequence[str], taken: Sequence[str] = ()) -> None:
        """Raises UsageError for a report without a folder, or that is an input, another report, or ``taken``."""
        named = {"--jsonl": self.jsonl, "--junit": self.junit, "--markdown": self.markdown}
        seen = {os.path.abspath(path) for path in taken}
        for option, path in named.items():
            if not path:
                continue
            if path == "-":
                raise UsageError(f"{option} -: standard output has another use", hint="name a file")
            if not os.path.isdir(os.path.dirname(path) or "."):
                raise UsageError(f"{option} {path}: there is no such folder", hint="make it first", file=path)
            if inputs:
                refuse_input(path, inputs, option)
            place = os.path.abspath(path)
            if place in seen:
                raise UsageError(f"{option} {path} has another use", hint="name another file")
            seen.add(place)


class ScoreFiles:
    """The files of a run that is under way; see `opened_files`."""

    def __init__(self, lines: BinaryIO | None, suites: Suites | None) -> None:
        self._lines = lines
        self._suites = suites

    def add(self, result: Outcome, trace: str) -> None:
        """Writes one result."""
        if self._lines is not None:
            self._lines.write(orjson.dumps(result_dict(result, trace), default=str, option=orjson.OPT_APPEND_NEWLINE))
        if self._suites is not None:
            self._suites.add(result, trace)

    def finish(self, run: ScoreRun) -> None:
        """Writes what is known at the end only."""
        if self._suites is not None:
            self._suites.finish(run)


class Suites:
    """A JUnit report. The cases of each scorer wait in a temporary file: suites stand one after the other."""

    def __init__(self, out: BinaryIO, thresholds: Mapping[str, float]) -> None:
        self._out = out
        self._thresholds = thresholds
        self._files: dict[str, BinaryIO] = {}
        self._failures: dict[str, int] = {}
        self._stack = ExitStack()

    def add(self, result: Outcome, trace: str) -> None:
        """Adds one result to the suite of its scorer."""
        name = result.name
        if name not in self._files:
            self._files[name] = self._stack.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
            self._failures[name] = 0
        threshold = self._thresholds.get(name)
        self._failures[name] += junit.is_below(result, threshold)
        self._files[name].write(junit.case(result, trace, threshold).encode("utf-8", "replace"))

    def finish(self, run: ScoreRun) -> None:
        """Writes the report."""
        from shutil import copyfileobj

        self._write(junit.head())
        for scorer in run.scorers:
            self._write(junit.suite_head(scorer, self._failures.get(scorer.name, 0)))
            cases = self._files.get(scorer.name)
            if cases is not None:
                cases.seek(0)
                copyfileobj(cases, self._out)
            self._write(junit.suite_tail())
        self._write(junit.gates_suite(run.verdict.checks) + junit.tail())

    def close(self) -> None:
        """Lets go of the temporary files."""
        self._stack.close()

    def _write(self, text: str) -> None:
        self._out.write(text.encode("utf-8", "replace"))


@contextmanager
def opened_files(plan: FilePlan, thresholds: Mapping[str, float], console: Console) -> Iterator[ScoreFiles]:
    """The files, which appear under their names when the run ends, however it ends.

    Raises UsageError for a file that may not be written, StoreError for a full disk.
    """
    with ExitStack() as stack:
        lines = stack.enter_context(_target(plan.jsonl).opened(console)) if plan.jsonl else None
        suites = None
        if plan.junit:
            suites = Suites(stack.enter_context(_target(plan.junit).opened(console)), thresholds)
            stack.callback(suites.close)
        yield ScoreFiles(lines, suites)


def write_markdown(path: str, text: str, console: Console) -> None:
    """Writes a report; the summary of a step in GitHub Actions is appended to. Raises UsageError, StoreError."""
    if os.path.abspath(path) == step_summary():
        try:
            with open(path, "ab") as out:
                out.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}", code="output", file=path) from error
        return
    with _target(path).opened(console) as out:
        out.write(text.encode("utf-8", "replace"))


def _target(path: str) -> Target:
    return Target(path, True, None)
