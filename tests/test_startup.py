"""What a plain `bt import` loads: start-up is most of its time when it is called in a loop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from running import PATIENCE

HEAVY = [
    "asyncio",
    "autoevals",
    "bt_cli.readers.otel.span",
    "bt_cli.readers.protobuf_records",
    "bt_cli.spans.otel",
    "concurrent",
    "email",
    "google",
    "http",
    "httpx",
    "importlib.metadata",
    "jsonschema",
    "multiprocessing",
    "openai",
    "opentelemetry",
    "pyarrow",
    "pydantic",
    "re2",
    "rich",
    "sqlglot",
    "zstandard",
]
READING = [
    "bt_cli.query.fields",
    "bt_cli.query.patterns",
    "bt_cli.spans.assemble",
    "bt_cli.spans.trace",
    "bt_cli.stores.sqlite.conditions",
    "bt_cli.stores.sqlite.finding",
    "bt_cli.stores.sqlite.holding",
    "bt_cli.stores.sqlite.interrupting",
    "bt_cli.stores.sqlite.reading",
    "bt_cli.stores.sqlite.sql",
    "bt_cli.stores.sqlite.store_reading",
]
MOST_MODULES = 200
PROGRAM = """
import sys
from bt_cli.cli.main import main
code = main(["import", "record.jsonl", "-p", "one", "--store", "one.db"])
print(*sys.modules, file=open("modules", "w"))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a process that has imported one record into a new store."""
    folder: Path = tmp_path_factory.mktemp("startup")
    (folder / "record.jsonl").write_text('{"name": "answer", "children": [{"name": "llm", "type": "llm"}]}\n')
    # Coverage would be among what is loaded.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BT_", "COVERAGE_"))}
    command = [sys.executable, "-c", PROGRAM]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=PATIENCE)
    return set((folder / "modules").read_text().split())


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_module_is_not_loaded(name: str, modules: set[str]) -> None:
    """An import of one record needs none of the modules that are slow to load."""
    assert name not in modules


@pytest.mark.parametrize("name", READING)
def test_what_reads_is_not_loaded(name: str, modules: set[str]) -> None:
    """An import of one record reads nothing back, and loads none of what only reading needs."""
    assert name not in modules


def test_few_modules_are_loaded(modules: set[str]) -> None:
    """An import of one record loads at most 200 modules of other packages, those of a bare Python included."""
    assert len([name for name in modules if name.partition(".")[0] != "bt_cli"]) <= MOST_MODULES
