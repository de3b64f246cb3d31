"""The sample programs print what is stored beside them, and `bt` takes it through a real pipe."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from running import PATIENCE, started

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
BT = [sys.executable, "-m", "bt_cli"]
COMMANDS = {
    "python": ["python3", "app.py"],
    "javascript": ["node", "app.mjs"],
    "java": ["java", "App.java"],
    "rust": ["rustc", "app.rs"],
    "go": ["go", "run", "app.go"],
}
LANGUAGES = [pytest.param(name, marks=() if name == "python" else pytest.mark.toolchain) for name in COMMANDS]


@dataclass(frozen=True)
class Sample:
    """A program that is ready to run, and the folder it lives in."""

    language: str
    command: list[str]

    @property
    def folder(self) -> Path:
        return SAMPLES / self.language

    @property
    def traces(self) -> list[dict[str, Any]]:
        lines = (self.folder / "traces.jsonl").read_bytes().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module", params=LANGUAGES)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    language: str = request.param
    command = COMMANDS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on PATH")
    if language == "rust":
        program = str(tmp_path_factory.mktemp("rust") / "app")
        subprocess.run([*command, "-o", program], cwd=SAMPLES / language, check=True, timeout=PATIENCE)
        command = [program]
    return Sample(language, command)


@pytest.fixture
def store(sample: Sample, tmp_path: Path) -> str:
    """A store that holds what the program piped into `bt import`."""
    store = str(tmp_path / "s.db")
    importing = [*BT, "import", "-p", sample.language, "--store", store]
    with (
        started(sample.command, cwd=sample.folder, stdout=subprocess.PIPE) as program,
        started(importing, cwd=ROOT, stdin=program.stdout) as bt,
    ):
        assert program.stdout is not None
        program.stdout.close()  # only `bt` holds the reading end now
        assert (program.wait(), bt.wait()) == (0, 0)
    return store


def export(sample: Sample, store: str, form: str) -> list[dict[str, Any]]:
    command = [*BT, "export", "-p", sample.language, "--to", form, "--store", store]
    exported = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
    return [json.loads(line) for line in exported.stdout.splitlines()]


def nodes(traces: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in traces:
        yield node
        yield from nodes(node.get("children", []))


def name(node: dict[str, Any]) -> str:
    """The span's name, in the short form of a tree or in Braintrust's own."""
    short: str | None = node.get("name")
    return short or str(node["span_attributes"]["name"])


def test_program_prints_the_stored_traces(sample: Sample) -> None:
    """The program's stdout is its traces.jsonl, byte for byte."""
    printed = subprocess.run(sample.command, cwd=sample.folder, stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
    assert printed.stdout == (sample.folder / "traces.jsonl").read_bytes()


def test_piped_traces_keep_their_roots(sample: Sample, store: str) -> None:
    """Export as trees gives one line a trace, with the same root names in the same order."""
    exported = [name(trace) for trace in export(sample, store, "tree")]
    assert exported == [name(trace) for trace in sample.traces]


def test_piped_traces_become_one_row_a_node(sample: Sample, store: str) -> None:
    """Export as rows gives as many rows as the program's trees have nodes."""
    assert len(export(sample, store, "rows")) == len(list(nodes(sample.traces)))


@pytest.mark.parametrize("part", ["output", "expected", "scores", "tags", "error"])
def test_support_sample_shows(part: str) -> None:
    """The main sample has a root with this field."""
    lines = (SAMPLES / "support.jsonl").read_bytes().splitlines()
    assert any(part in json.loads(line) for line in lines)
