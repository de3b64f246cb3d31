"""What `bt view` shows on terminals of 80 and 200 columns, with and without colour, and in a pipe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from running import Result
from screen import GOLDEN, same_as_golden, shown

COMMANDS = {
    "logs": ("logs", "trace.jsonl"),
    "trace": ("trace", "trace.jsonl", "trace-0001-aaaa"),
    "span": ("span", "trace.jsonl", "s-route"),
    "thread": ("thread", "trace.jsonl", "trace-0001-aaaa"),
}


@pytest.fixture(autouse=True)
def beside_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named without its folder, so that messages are the same everywhere."""
    monkeypatch.chdir(GOLDEN / "view")


@pytest.mark.parametrize("color", ["color", "plain"])
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_terminal(name: str, columns: int, color: str, update_golden: bool) -> None:
    """The picture on a terminal, byte for byte."""
    text = shown("view", *COMMANDS[name], *([] if color == "color" else ["--no-color"]), columns=columns)
    same_as_golden(f"view/{name}-{columns}-{color}", text, update_golden)


@pytest.mark.parametrize("name", COMMANDS)
def test_pipe(name: str, update_golden: bool, bt_here: Callable[..., Result]) -> None:
    """What a pipe gets: no colours, nothing cut."""
    same_as_golden(f"view/{name}-pipe", bt_here("view", *COMMANDS[name]).check().out, update_golden)


@pytest.mark.parametrize("name", ["trace", "thread"])
def test_ascii(name: str, update_golden: bool, bt_here: Callable[..., Result]) -> None:
    """With --ascii only the trace's own text has other characters."""
    same_as_golden(f"view/{name}-ascii", bt_here("view", *COMMANDS[name], "--ascii").check().out, update_golden)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_stays_sane(name: str) -> None:
    """Of all escape sequences the expected screens have only those that colour, and no mark that turns text around."""
    text = (GOLDEN / f"view/{name}-80-color.txt").read_text("utf-8")
    assert "\x1b[31mred" not in text and "\u202e" not in text
    assert all(part.partition("m")[0].replace(";", "").isdigit() for part in text.split("\x1b[")[1:])
