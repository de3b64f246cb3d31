"""A tree uploaded through the library, span by span, is what `bt import` makes of the same line, up to ids."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bt_cli as bt
from running import SAMPLES, Result

FIELDS = ("input", "output", "expected", "error", "scores", "metadata", "tags", "metrics")


def upload(node: dict[str, Any], start_span: Callable[..., Any]) -> None:
    """Each child below its own parent, with its own times; the documented script confuses both."""
    metrics = dict(node.get("metrics") or {})
    event = {name: node[name] for name in FIELDS if node.get(name) is not None and name != "metrics"}
    start, end = metrics.pop("start", None), metrics.pop("end", None)
    span = start_span(name=node.get("name"), type=node.get("type"), start_time=start, metrics=metrics, **event)
    for child in node.get("children") or ():
        upload(child, span.start_span)
    span.end(end)


def shape(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """What rows say, by the way from the root to each: names, and what it holds without what only one side fills in."""
    ways: dict[str, str] = {}
    found: dict[str, list[Any]] = {}
    for row in rows:
        way = "/".join([*(ways[one] for one in row["span_parents"]), str(row["span_attributes"].get("name"))])
        ways[row["span_id"]] = way
        found.setdefault(way, []).append({name: row[name] for name in FIELDS if name in row and name != "metrics"})
    return found


def test_tree_is_the_same_by_either_way(bt_here: Callable[..., Result], tmp_path: Path) -> None:
    """Linked alike, with the same payload."""
    line = (SAMPLES / "support.jsonl").read_text("utf-8").splitlines()[0]
    (tmp_path / "one.jsonl").write_text(line + "\n")
    bt_here("import", tmp_path / "one.jsonl", "-p", "p", "--store", tmp_path / "imported.db").check()
    logger = bt.init_logger("p", store=str(tmp_path / "traced.db"))
    upload(json.loads(line), logger.start_span)
    logger.flush()
    imported, traced = (
        bt_here("export", "-p", "p", "--store", tmp_path / name, "--to", "rows").check().lines
        for name in ("imported.db", "traced.db")
    )
    assert len(imported) == len(traced) > 3
    assert shape(traced) == shape(imported)
