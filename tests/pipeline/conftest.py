"""Imports through the public functions, in this process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bt_cli.pipeline.import_ import import_traces
from bt_cli.pipeline.options import ErrorLimit, ImportOptions, InputOptions
from bt_cli.pipeline.report import ImportReport
from bt_cli.query.filters import EVERYTHING
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Store

HERE = Container("here")
Import = Callable[..., ImportReport]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """An import turns the garbage collector off; the tests after it want it on."""
    yield
    gc.enable()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_store(str(tmp_path / "store" / "spans.db"), "write")
    yield opened
    opened.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes records (values, or their text) to a file, one a line; its path."""

    def write(*records: object, name: str = "in.jsonl") -> str:
        lines = [one if isinstance(one, bytes) else orjson.dumps(one) for one in records]
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return str(path)

    return write


@pytest.fixture
def importing(store: Store) -> Import:
    """Imports files into the store (or another), with options of `ImportOptions`."""

    def run(*paths: str, into: Store | None = None, max_errors: str | None = None, **options: Any) -> ImportReport:
        limit = ErrorLimit() if max_errors is None else ErrorLimit.parse(max_errors)
        given = ImportOptions(InputOptions(paths), limit=limit, **options)
        report = import_traces(into or store, HERE, given, lambda _: None, lambda: 0)
        report.check_sums()
        return report

    return run


@pytest.fixture
def stored(store: Store) -> Callable[[], list[Row]]:
    """All rows of the store in the order of an export."""
    return lambda: [row for trace in store.read_traces(HERE, EVERYTHING, ReadStats()) for row in trace]
