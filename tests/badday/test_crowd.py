"""Eight imports at once into one store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from running import Result
from traces import generated

pytestmark = pytest.mark.slow
Bt = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
CROWD = 8
EACH = 150


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The traces of all."""
    return (
        generated(CROWD * EACH, tmp_path_factory.mktemp("crowd") / "all.jsonl").read_bytes().splitlines(keepends=True)
    )


def import_at_once(start: Start, parts: Sequence[Sequence[bytes]]) -> list[dict[str, Any]]:
    """Imports each part by a program of its own, all at the same time; their reports."""
    running = []
    for number, part in enumerate(parts):
        Path(f"{number}.jsonl").write_bytes(b"".join(part))
        running.append(start("import", f"{number}.jsonl", "-p", "x", "--json", "--store", "spans.db"))
    answers = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * len(running), answers
    return [json.loads(out) for out, _ in answers]


def exported(bt: Bt, store: str) -> str:
    """A store's traces as trees."""
    return bt("export", "-p", "x", "--to", "tree", "--store", store).check().out


@pytest.fixture
def expected(bt: Bt, lines: list[bytes]) -> str:
    """What one import of everything gives."""
    bt("import", "-p", "x", "--store", "one.db", stdin=b"".join(lines)).check()
    return exported(bt, "one.db")


@pytest.mark.parametrize("overlap", [0, EACH], ids=["disjoint", "overlapping"])
def test_all_arrive(bt: Bt, start: Start, lines: list[bytes], expected: str, overlap: int) -> None:
    """Every trace is stored once, is new to exactly one of them, and the store is sound."""
    parts = [lines[max(0, n * EACH - overlap) : (n + 1) * EACH] for n in range(CROWD)]
    reports = import_at_once(start, parts)
    new = sum(report["traces"]["new"] for report in reports)
    accounted = [sum(report["records"].values()) for report in reports]
    assert (new, accounted, exported(bt, "spans.db") == expected) == (len(lines), [len(part) for part in parts], True)
    bt("store", "verify", "--store", "spans.db").check()


def test_all_import_the_same(bt: Bt, start: Start, lines: list[bytes], expected: str) -> None:
    """Eight times the same file is that file."""
    reports = import_at_once(start, [lines] * CROWD)
    assert (sum(report["traces"]["new"] for report in reports), exported(bt, "spans.db") == expected) == (
        len(lines),
        True,
    )


def test_projects_at_once(bt: Bt, start: Start) -> None:
    """Programs that make a store and a project of their own at the same time all find them."""
    running = [start("import", "-p", f"p{n}", "--store", "spans.db", stdin=subprocess.PIPE) for n in range(CROWD)]
    for process in running:
        process.communicate(b'{"id":"a"}\n')
    assert [process.returncode for process in running] == [0] * CROWD
    listed = bt("projects", "list", "--store", "spans.db", "--json").check().json["items"]
    assert [one["project"] for one in listed] == [f"p{n}" for n in range(CROWD)]
