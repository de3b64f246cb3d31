"""Ctrl-C and SIGTERM that come while a filter searches."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bt_cli.cli.main import main
from bt_cli.cli.signals import StopFlag
from bt_cli.errors import Interrupted

Captured = pytest.CaptureFixture[str]
COMMANDS = [
    ["view", "logs", "-p", "p"],
    ["view", "logs", "-p", "p", "--json"],
    ["view", "logs", "-p", "p", "--follow"],
    ["view", "logs", "traces.jsonl"],
    ["export", "-p", "p"],
    ["export", "-p", "p", "--scope", "spans", "-o", "out.jsonl"],
    ["summary", "-p", "p"],
    ["compare", "p", "traces.jsonl"],
]
TRACES = 2_000
"""More than are searched through between two looks at the wish to stop."""


@pytest.fixture
def searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A store of many traces, and a search that gets a signal with its first text; what it was asked for."""
    lines = [f'{{"id":"trace-{number}","input":"x"}}\n' for number in range(TRACES)]
    Path("traces.jsonl").write_text("".join(lines))
    assert main(["import", "traces.jsonl", "-p", "p", "--store", "spans.db", "-q"]) == 0
    asked: list[str] = []

    def grep(pattern: str, *_: str) -> bool:
        asked.append(pattern)
        if len(asked) == 1:
            signal.raise_signal(signal.Signals[pattern])
        return False

    monkeypatch.setattr("bt_cli.stores.sqlite.conditions.grep", grep)
    return asked


@pytest.mark.parametrize(("wanted", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_signal_ends_the_search(
    command: list[str], wanted: str, code: int, searched: list[str], capsys: Captured
) -> None:
    """At once, and nobody blames the store."""
    assert main([*command, "--grep", wanted, "--store", "spans.db"]) == code
    assert 0 < len(searched) < TRACES // 2
    assert "store" not in capsys.readouterr().err and not Path("out.jsonl").exists()


def test_what_is_interrupted_ends_quietly() -> None:
    """A list that a signal cuts short has what came before."""

    def found() -> object:
        yield 1
        raise Interrupted(2)

    assert list(StopFlag().until(found())) == [1]  # type: ignore[arg-type]
