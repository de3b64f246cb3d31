"""`bt summary` and `bt compare` as people see them, on terminals of 80 and 200 columns, and in a pipe."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from running import SAMPLES, Result
from screen import GOLDEN, same_as_golden, shown

COMMANDS = {
    "summary": ["summary", "support.jsonl"],
    "summary-groups": ["summary", "support.jsonl", "--scope", "spans", "--group-by", "metadata.model"],
    "compare": ["compare", "support.jsonl", "later.jsonl"],
    "compare-cases": [
        "compare",
        "support.jsonl",
        "later.jsonl",
        "--per-case",
        "--fail-on-regression",
        "--max-missing",
        "20%",
    ],
}
CODES = {"compare-cases": 4}
CHANGES = (('"helpful":1', '"helpful":0.5'), ('"tone":0.25', '"tone":0.5'), ('"end":1767603733.66', '"end":1767603735'))


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """The sample, and a later run of it that differs a little."""
    shutil.copy(SAMPLES / "support.jsonl", tmp_path)
    text = (SAMPLES / "support.jsonl").read_text("utf-8")
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    text = text.replace("Please refund", "Kindly refund")
    Path("later.jsonl").write_text(text, "utf-8")


@pytest.mark.parametrize("color", ["color", "no-color"])
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_screen(name: str, columns: int, color: str, update_golden: bool) -> None:
    """A terminal shows what it showed when somebody last looked and found it good."""
    text = shown(*COMMANDS[name], f"--{color}", columns=columns, talk=True, code=CODES.get(name, 0))
    same_as_golden(f"numbers/{name}-{columns}-{color}", text, update_golden)


@pytest.mark.parametrize("name", COMMANDS)
def test_screen_keeps_to_its_width(name: str) -> None:
    """On 80 columns no line is wider (the talk behind it aside), and without colours there is no escape code."""
    lines = (GOLDEN / f"numbers/{name}-80-no-color.txt").read_text("utf-8").splitlines()
    drawn = [line for line in lines if not line.startswith("later.jsonl:")]
    assert max(map(len, drawn)) <= 80 and "\x1b" not in "".join(lines)


@pytest.mark.parametrize("form", ["pipe", "markdown", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_output(name: str, form: str, bt_here: Callable[..., Result], update_golden: bool) -> None:
    """In a pipe: tab-separated and plain, or in the form that is asked for."""
    options = [] if form == "pipe" else [f"--{form}"]
    same_as_golden(f"numbers/{name}-{form}", bt_here(*COMMANDS[name], *options).out, update_golden)


@pytest.mark.parametrize("name", ["summary-groups", "compare-cases"])
def test_ascii(name: str) -> None:
    """With --ascii the frames, bars and signs are ASCII; text of traces stays."""
    lines = shown(*COMMANDS[name], "--no-color", "--ascii", "-q", talk=True, code=CODES.get(name, 0)).splitlines()
    assert {line[0] for line in lines if line} & {"+", "|"} and not set("".join(lines)) & set("│╭█▇→▲▼…–−·")


ONE = (
    '{"id":"aaaa1","input":"q","name":"answer","scores":{"good":0.4},"metrics":{"start":1767603731,"end":1767603741.04},'
    '"children":[{"id":"aaaa2","type":"llm","metrics":{"tokens":1707,"estimated_cost":0.00131}}]}\n'
)


@pytest.mark.parametrize(
    "command",
    ["view logs one.jsonl --width 200", "view trace one.jsonl", "summary one.jsonl", "compare one.jsonl one.jsonl"],
)
def test_a_number_is_written_in_one_way(command: str) -> None:
    """A trace's duration, tokens, cost and score look the same wherever they are shown."""
    Path("one.jsonl").write_text(ONE)
    text = shown(*command.split(), "--no-color", columns=200)
    for number in ("10.0 s", "1,707", "$0.00131", "0.4"):
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]*[1-9])", text), (number, text)
