"""Any order of files, split, compression and number of processes gives the same store."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zstandard

from traces import generated

Bt = Callable[..., Any]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Traces for more than one process."""
    return generated(900, tmp_path_factory.mktemp("traces") / "all.jsonl").read_bytes().splitlines(keepends=True)


def exported(bt: Bt, *paths: str, to: str = "tree", **options: Any) -> str:
    """What a new store gives back of these files."""
    bt("import", *paths, "-p", "x", **options).check()
    return str(bt("export", "-p", "x", "--to", to).check().out)


@pytest.fixture
def expected(bt: Bt, lines: Sequence[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The export of all lines in one file; the test has another store."""
    (tmp_path / "all.jsonl").write_bytes(b"".join(lines))
    monkeypatch.setenv("BT_STORE", str(tmp_path / "expected.db"))
    given = exported(bt, "all.jsonl")
    monkeypatch.setenv("BT_STORE", str(tmp_path / "other.db"))
    return given


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_shuffled_split_and_compressed(bt: Bt, lines: Sequence[bytes], expected: str, seed: int) -> None:
    """Lines in any order, over files of any kind, named in any order."""
    order = random.Random(seed)
    shuffled = order.sample(lines, len(lines))
    cuts = [0, *sorted(order.sample(range(len(lines)), 3)), len(lines)]
    parts = [b"".join(shuffled[begin:end]) for begin, end in pairwise(cuts)]
    packers = [
        ("1.jsonl", bytes),
        ("2.jsonl.gz", gzip.compress),
        ("3.jsonl.zst", zstandard.compress),
        ("4.ndjson", bytes),
    ]
    for part, (name, pack) in zip(parts, packers, strict=True):
        Path(name).write_bytes(pack(part))
    names = [name for name, _ in packers]
    order.shuffle(names)
    assert exported(bt, *names) == expected


def test_one_run_a_file(bt_here: Bt, lines: Sequence[bytes], expected: str) -> None:
    """Several runs, the last part first, give the store of one."""
    for begin in (600, 300, 0):
        Path("part.jsonl").write_bytes(b"".join(lines[begin : begin + 300]))
        given = exported(bt_here, "part.jsonl")
    assert given == expected


def test_stdin(bt: Bt, lines: Sequence[bytes], expected: str) -> None:
    """A pipe, whose size nobody knows, gives the same store as a file."""
    assert exported(bt, "-", stdin=b"".join(lines)) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to processors")
def test_one_processor(bt: Bt, expected: str) -> None:
    """Without another processor all is done in one process, to the same end."""
    processor = min(os.sched_getaffinity(0))
    assert exported(bt, "all.jsonl", preexec_fn=lambda: os.sched_setaffinity(0, {processor})) == expected


def test_rows_in_any_order(bt_here: Bt, lines: Sequence[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of many traces, shuffled, are the same rows in the store."""
    Path("trees.jsonl").write_bytes(b"".join(lines[:200]))
    rows = exported(bt_here, "trees.jsonl", to="rows").splitlines(keepends=True)
    monkeypatch.setenv("BT_STORE", "rows.db")
    Path("rows.jsonl").write_text("".join(random.Random(3).sample(rows, len(rows))))
    assert sorted(exported(bt_here, "rows.jsonl", to="rows").splitlines(keepends=True)) == sorted(rows)


def test_a_project_moved_to_another_exports_the_same(bt_here: Bt, lines: Sequence[bytes]) -> None:
    """What one project exports as trees, another exports after importing it."""
    Path("trees.jsonl").write_bytes(b"".join(lines[:200]))
    first = exported(bt_here, "trees.jsonl")
    bt_here("import", "-p", "y", stdin=first).check()
    assert bt_here("export", "-p", "y", "--to", "tree").check().out == first
