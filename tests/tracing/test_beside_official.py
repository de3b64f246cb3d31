"""The same programs with Braintrust's own package and with this library: what they store is the same, field by field."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bt_cli.spans.container import Container
from bt_cli.stores.serving import RowsAsked
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from bt_cli.tracing.reading import as_record
from running import PATIENCE
from serving import serving

PROGRAM = Path(__file__).parent / "programs" / "features.py"
NAMES = [
    "annotated_functions",
    "methods",
    "deeply_nested_code",
    "names_by_default",
    "logs_that_merge",
    "spans_by_hand",
    "scores_and_truth",
    "custom_client",
    "errors",
    "generators",
    "tasks",
    "thread_pool",
    "values",
    "unknown_fields",
    "attachments",
    "wrapped_client",
    "wrapped_streams",
    "wrapped_async_client",
    "wrapped_images",
    "logger_events",
    "feedback",
    "updates",
    "distributed",
    "experiment",
]
Rows = list[dict[str, Any]]
Stored = Callable[[str, str], Rows]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each package's programs have stored, by the name of the package."""
    found = {}
    for package in ("braintrust", "bt_cli"):
        store = tmp_path_factory.mktemp(package) / "t.db"
        with serving(store) as server:
            environment = {**os.environ, **server.environment, "BT_STORE": server.url}
            command = [sys.executable, str(PROGRAM), package, server.url]
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            assert done.returncode == 0, done.stderr
        found[package] = store
    return found


@pytest.fixture
def stored(stores: dict[str, Path]) -> Stored:
    """The rows of a program, with what no two runs have in common put aside."""

    def read(package: str, name: str) -> Rows:
        container = Container(name, "e") if name == "experiment" else Container(name)
        store = ServingSqliteStore(str(stores[package]), read_only=True)
        try:
            rows = [as_record(one.row) for one in store.rows(RowsAsked([container], newest_first=False))]
        finally:
            store.close()
        return compared(rows)

    return read


def compared(rows: Rows) -> Rows:
    """Rows in the order of their spans, ids by their places, times and callers as marks."""
    rows = sorted(rows, key=lambda row: row.get("span_attributes", {}).get("exec_counter", 0))
    places = {row["span_id"]: f"span {place}" for place, row in enumerate(rows)}
    traces = {row["root_span_id"]: place for place, row in reversed(list(enumerate(rows)))}
    for place, row in enumerate(rows):
        row["root_span_id"] = f"trace of {traces[row['root_span_id']]}"
        row["span_parents"] = [places.get(one, one) for one in row["span_parents"] or []]
        row["span_id"] = places[row["span_id"]]
        row["id"] = row["id"] if row["id"] == "given" else f"row {place}"
        row["created"] = "a time"
        row.get("span_attributes", {})["exec_counter"] = place
        marked(row)
    return rows


def marked(row: dict[str, Any]) -> None:
    """Puts marks in the place of what no two runs have in common."""
    metrics = row.get("metrics", {})
    for name in ("start", "end"):
        if metrics.get(name, 0) > 1_750_000_000:
            metrics[name] = "a time"
    if "time_to_first_token" in metrics:
        metrics["time_to_first_token"] = "a while"
    context = row.get("context", {})
    for name in ("caller_filename", "caller_lineno", "span_origin"):
        context.pop(name, None)
    if "Traceback" in row.get("error", ""):
        row["error"] = row["error"].splitlines()[-1]
    for comment in row.get("comments", ()):
        comment.pop("id", None)
        comment.pop("created", None)
    mark_keys(row.get("input"))


def mark_keys(value: Any) -> None:
    """Marks the keys of attachments, wherever they are."""
    if isinstance(value, dict) and value.get("type") == "braintrust_attachment":
        value["key"] = "a key"
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        mark_keys(one)


@pytest.mark.parametrize("name", NAMES)
def test_program_stores_the_same_with_either(stored: Stored, name: str) -> None:
    """Every field of every row, ids, times and lines of callers aside."""
    official, ours = stored("braintrust", name), stored("bt_cli", name)
    assert official
    assert ours == official
