"""``--dry-run`` says what a run would do, and does not do it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

Bt = Callable[..., Any]
TREES = [{"id": f"t{n}", "children": [{"id": f"t{n}-c", "metadata": {"n": n}}]} for n in range(40)]
ROWS: list[dict[str, Any]] = [
    {"id": "r", "span_id": "r", "root_span_id": "r", "span_parents": []},
    {"id": "late", "span_id": "late", "span_parents": ["r"]},
    {"id": "later", "span_id": "later", "span_parents": ["late"]},
    {"id": "orphan", "span_id": "orphan", "span_parents": ["nobody"]},
    {"id": "of-t0", "span_id": "of-t0", "root_span_id": "t0", "span_parents": ["t0"]},
    {"id": "of-t1", "span_id": "of-t1", "span_parents": ["t1-c"]},
    {"id": "t2", "span_id": "t2", "root_span_id": "elsewhere", "span_parents": []},
    {"id": "t3-c", "span_id": "t3-c", "root_span_id": "t3", "span_parents": ["t3"], "metadata": {"n": -3}},
    {"id": "ring", "span_id": "ring", "root_span_id": "ring", "span_parents": ["ring"]},
]
MIXED = [*TREES[:5], *ROWS, TREES[0], {"input": 1}, {"input": 1}]

STORED: dict[str, list[list[dict[str, Any]]]] = {
    "nothing": [],
    "half": [TREES[:20]],
    "the parents": [[ROWS[0], *TREES[:2]]],
    "the children": [[ROWS[1], ROWS[2], ROWS[3], ROWS[5]]],
    "other versions": [[one | {"input": "old"} for one in TREES[:3]], [ROWS[0] | {"output": 1}]],
    "all": [MIXED],
}
FACTS = ("records", "traces", "spans", "problems", "orphans", "cycles", "anonymous_repeats", "format", "exit_code")


def lines(records: list[dict[str, Any]]) -> bytes:
    """Records as JSON lines."""
    return b"".join(orjson.dumps(one) + b"\n" for one in records)


def facts(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says of the data."""
    return {name: report[name] for name in FACTS}


def files(folder: Path) -> dict[str, str]:
    """The files of a folder that have any content, by name, with a digest."""
    found: Iterator[Path] = folder.glob("spans.db*")
    return {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest()
        for one in found
        if one.stat().st_size and one.suffix != ".db-shm"
    }


@pytest.mark.parametrize(
    ("stored", "mode"),
    [*((stored, "merge") for stored in STORED), *(("other versions", mode) for mode in ("replace", "skip", "error"))],
)
def test_a_dry_run_says_what_a_run_does(bt_here: Bt, tmp_path: Path, stored: str, mode: str) -> None:
    """Counts, problems and exit code are those of the run that follows, and the store stays as it was."""
    store = ("--store", tmp_path / "spans.db", "-p", "x")
    for records in STORED[stored]:
        (tmp_path / "earlier.jsonl").write_bytes(lines(records))
        bt_here("import", "earlier.jsonl", *store, "-q")
    before = files(tmp_path)
    (tmp_path / "in.jsonl").write_bytes(lines(MIXED))
    command = ("import", "in.jsonl", *store, "--on-conflict", mode, "--json")
    dry = bt_here(*command, "--dry-run").json
    assert files(tmp_path) == before
    assert facts(dry) == facts(bt_here(*command).json)


def test_a_missing_store_stays_missing(bt: Bt, tmp_path: Path) -> None:
    """A dry run makes no store."""
    bt("import", "--dry-run", "--store", tmp_path / "new" / "spans.db", stdin=lines(TREES)).check()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_store_counts_as_empty(bt: Bt, tmp_path: Path) -> None:
    """Without a store everything would be new."""
    report = bt("import", "--dry-run", "--json", "--store", tmp_path / "spans.db", stdin=lines(TREES)).check().json
    assert (report["dry_run"], report["traces"]["new"]) == (True, 40)


def test_it_says_that_nothing_was_stored(bt: Bt) -> None:
    """Nobody takes a dry run for a run."""
    assert "nothing was stored" in bt("import", "--dry-run", stdin=lines(TREES)).check().err


def test_a_large_dry_run(bt_here: Bt, tmp_path: Path) -> None:
    """Several batches over a stored half are compared as a run would."""
    many = [{"id": f"{n}", "input": "x" * 900, "children": [{} for _ in range(5)]} for n in range(6000)]
    bt_here("import", "-q", stdin=lines(many[::2])).check()
    (tmp_path / "in.jsonl").write_bytes(lines(many))
    dry = bt_here("import", "in.jsonl", "--json", "--dry-run").check().json
    assert (dry["traces"]["new"], dry["traces"]["unchanged"]) == (3000, 3000)
