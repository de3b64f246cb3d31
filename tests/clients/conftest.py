"""One `bt serve` process for all tests of this folder, and Braintrust's SDKs as programs that log to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from installed import node_modules, old_python
from running import Result
from sdks import PROGRAMS, Sdk, Served
from serving import serving

ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_FILE")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server; tests keep apart by their projects."""
    store = tmp_path_factory.mktemp("served") / "spans.db"
    with serving(store, env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ}) as server:
        yield Served(server, store)
        assert server.stop() == 143
        assert not [line for line in server.lines if '"status":5' in line or '"error"' in line]


@pytest.fixture
def child_env(served: Served) -> dict[str, str]:
    """The environment of a program that logs to the server, by which alone it knows where that is."""
    return {**os.environ, **served.server.environment}


@pytest.fixture
def sdk_named(child_env: dict[str, str], tmp_path: Path) -> Callable[[str], Sdk]:
    """The SDK ``python``, ``python 0.7.0`` or ``javascript``."""

    def named(name: str) -> Sdk:
        if name == "javascript":
            programs = tmp_path / "programs"  # Node looks for packages beside the program
            programs.mkdir()
            (programs / "node_modules").symlink_to(node_modules())
            for program in PROGRAMS.glob("*.mjs"):
                (programs / program.name).write_bytes(program.read_bytes())
            return Sdk(name, ("node",), ".mjs", programs, child_env)
        python = sys.executable if name == "python" else str(old_python())
        return Sdk(name, (python,), ".py", PROGRAMS, child_env)

    return named


@pytest.fixture(
    params=[
        "python",
        pytest.param("python 0.7.0", marks=pytest.mark.slow),
        pytest.param("javascript", marks=pytest.mark.slow),
    ]
)
def sdk(request: pytest.FixtureRequest, sdk_named: Callable[[str], Sdk]) -> Sdk:
    """Each of the SDKs."""
    return sdk_named(request.param)


@pytest.fixture
def exported(served: Served, bt_here: Callable[..., Result]) -> Callable[..., list[Any]]:
    """The rows that `bt export` gives of the served store."""

    def export(*arguments: object) -> list[Any]:
        return bt_here("export", "--store", served.store, *arguments, "-q").check().lines

    return export
