"""The README says what is so: its blocks are run, its tables are compared with the program."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from bt_cli.cli.commands import COMMANDS
from bt_cli.cli.exit_codes import MEANING
from bt_cli.cli.main import main
from running import SAMPLES, started

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BELOW = {
    "projects": ["list", "view", "delete"],
    "experiments": ["list", "view", "delete"],
    "view": ["logs", "trace", "span", "thread"],
    "store": ["info", "verify", "vacuum", "backup"],
}
EXIT_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 141, 143]
SERVED = "8765"
"""The port at which the README's server is."""
MARK = "\0"
STEP = "mark() { local code=$?; printf '\\0'; return $code; }"
"""Ends the output of each command, and leaves its exit code to the next one."""


class Step(NamedTuple):
    """A command of a block and the output that the README shows: ``…`` stands for what varies, as do times in ms."""

    command: str
    shown: str


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def steps(block: str) -> list[Step]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Step(*part.partition("\n")[::2]) for part in parts]


def pattern(shown: str) -> str:
    """A regular expression for the output that the README shows."""
    return re.sub(r"[\d.\\]+ ms", r"[\\d.]+ ms", re.escape(shown).replace(r"\ ", " ").replace("…", ".*"))


def words(command: str) -> str:
    return re.sub(r"\W+", "-", command)[:50]


BLOCKS = blocks("console")
STEPS = [(number, place) for number, block in enumerate(BLOCKS) for place in range(len(steps(block)))]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[list[str]]]:
    """What the commands of each block print, run one after the other in a folder that has the samples."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not on PATH")
    folder, home, programs = (tmp_path_factory.mktemp(name) for name in ("clone", "home", "bin"))
    shutil.copytree(SAMPLES, folder / "samples")
    for name, arguments in (("bt", "-m bt_cli "), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (programs / name).chmod(0o755)
    ours = ("BT_", "BRAINTRUST_", "XDG_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"HOME": str(home), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with ExitStack() as life:
        yield run_all(folder, environment, life)


def run_all(folder: Path, environment: dict[str, str], life: ExitStack) -> list[list[str]]:
    """The output of all blocks; a server that one of them starts serves those after it, at a port that is free."""
    port = SERVED
    outputs = []
    for block in BLOCKS:
        here = block.replace(SERVED, port)
        if "$ bt serve" in block:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = str(free.getsockname()[1])
            here = block.replace(SERVED, port)
            got = [serve(here, folder, environment, life)]
        else:
            got = run(here, folder, environment)
        outputs.append([text.replace(port, SERVED) for text in got])
    return outputs


def serve(block: str, folder: Path, environment: dict[str, str], life: ExitStack) -> str:
    """Starts a server, and gives what it says until it is ready."""
    (step,) = steps(block)
    command = ["bash", "-c", f"exec {step.command} --port $PORT 2>&1"]
    port = re.search(r"127\.0\.0\.1:(\d+)", step.shown)
    assert port
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    server = life.enter_context(started(command, None, cwd=folder, env={**environment, "PORT": port[1]}, **pipes))
    assert server.stdout
    return "".join(server.stdout.readline().decode() for _ in step.shown.splitlines())


def run(block: str, folder: Path, environment: dict[str, str]) -> list[str]:
    script = "".join(f"{step.command}\nmark\n" for step in steps(block))
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{STEP}\n{script}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.stdout.decode().split(MARK)


@pytest.mark.parametrize(
    ("block", "place"), STEPS, ids=[words(steps(BLOCKS[block])[place].command) for block, place in STEPS]
)
def test_command_prints_what_is_shown(block: int, place: int, printed: list[list[str]]) -> None:
    """A command of a console block prints the lines below it."""
    shown, got = steps(BLOCKS[block])[place].shown, printed[block][place]
    assert re.fullmatch(pattern(shown), got), f"shown:\n{shown}\nprinted:\n{got}"


def test_it_opens_with_a_sentence_and_two_commands() -> None:
    """A title, one sentence, and the block of the two commands that set everything up."""
    title, sentence, block, *_ = README.split("\n\n")
    assert title == "# bt" and sentence.endswith(".") and sentence.count(". ") == 0
    assert block.startswith("```sh\n") and len(block.splitlines()) == 4


def test_it_is_short() -> None:
    """It has at most 450 lines."""
    assert len(README.splitlines()) <= 450


@pytest.mark.parametrize("named", re.findall(r"\b([\w/]+\.py)::(test_\w+)", README), ids="::".join)
def test_a_test_that_it_names_is_there(named: tuple[str, str]) -> None:
    """Each line of its tables is proved by the test beside it."""
    file, test = named
    path = Path(__file__).parent / (file if "/" in file else f"tracing/{file}")
    assert f"def {test}(" in path.read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_stands_in_the_table(name: str) -> None:
    """Every command has a line in the table of commands."""
    assert re.search(rf"^\| `bt {name}\b", section("Commands"), re.MULTILINE)


@pytest.mark.parametrize("name", BELOW)
def test_commands_below_stand_in_the_table(name: str) -> None:
    """Every command below another stands there too."""
    assert "`bt {} {}`".format(name, "\\|".join(BELOW[name])) in section("Commands")


@pytest.mark.parametrize(
    "command", [[name] for name in COMMANDS] + [[name, below] for name, all_of in BELOW.items() for below in all_of]
)
def test_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every command has --help, with a purpose, its usage and an example."""
    assert main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert text[0].isupper() and f"Usage: bt {' '.join(command)}" in text and "Example" in text


@pytest.mark.parametrize("code", EXIT_CODES)
def test_exit_code_stands_in_the_table(code: int) -> None:
    """Every exit code has a line in the table of exit codes."""
    codes = re.findall(r"^\| ([\d, ]+) \|", section("Exit codes"), re.MULTILINE)
    assert str(code) in ", ".join(codes).split(", ")


def test_no_other_exit_codes() -> None:
    """The program knows the same exit codes."""
    assert sorted(MEANING) == EXIT_CODES


def test_columns_are_documented(tmp_path: Path) -> None:
    """Every column of every table and view stands in the section on the store."""
    store = tmp_path / "spans.db"
    assert main(["import", str(SAMPLES / "support.jsonl"), "-p", "support", "--store", str(store), "-q"]) == 0
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
        columns = {name for table in tables for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
    finally:
        db.close()
    assert {name for name in {*tables, *columns} if f"`{name}`" not in section("The store")} == set()
