"""A clean environment for every test, and `bt` as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

from judge_process import JudgeServer
from running import BT, SAMPLES, Result

# How long an example takes says how busy the machine is.
settings.register_profile("bt", deadline=None)
settings.load_profile("bt")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files anew")


def pytest_sessionfinish() -> None:
    """What this process has measured is kept now: pytest-xdist kills workers that take long to end."""
    if measuring := Coverage.current():
        measuring.save()


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Programs that tests start hear Ctrl-C, also where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True)
def clean_env(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine reach a test: a home of its own, and none of our variables."""
    for name in list(os.environ):
        if name.startswith(("BT_", "BRAINTRUST_", "OPENAI_", "XDG_")) or name in ("NO_COLOR", "FORCE_COLOR", "CI"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def bt() -> Callable[..., Result]:
    """Runs `bt` with arguments; ``stdin`` is text or bytes for its standard input."""

    def run(*args: object, stdin: str | bytes = b"", **options: Any) -> Result:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([*BT, *map(str, args)], input=given, capture_output=True, timeout=120, **options)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def bt_here(bt: Callable[..., Result], capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """The same without a process, for what the process has no part in; with ``stdin`` it takes one."""
    from bt_cli.cli.main import main

    def run(*args: object, **options: Any) -> Result:
        if options:
            return bt(*args, **options)
        capfdbinary.readouterr()
        code = main([*map(str, args)])
        done = capfdbinary.readouterr()
        return Result(code, done.out.decode(), done.err.decode())

    return run


@pytest.fixture
def shell(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Result]:
    """Runs a command line in bash, with `bt` on the path; each stage of a pipe counts for its exit code."""
    programs = tmp_path_factory.mktemp("bin")
    for name, command in (("bt", "-m bt_cli"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
        program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "BT_STORE": str(tmp_path / "spans.db"),
        "SAMPLES": str(SAMPLES),
    }

    def run(line: str) -> Result:
        command = ["bash", "-o", "pipefail", "-c", line]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=environment)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def judge_process() -> Iterator[JudgeServer]:
    """One OpenAI-compatible server for the whole run."""
    server = JudgeServer()
    yield server
    server.close()


@pytest.fixture
def judge_server(judge_process: JudgeServer) -> JudgeServer:
    """The server with nothing asked of it yet, answering well at once."""
    judge_process.reset()
    return judge_process
