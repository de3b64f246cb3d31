"""A server that goes away while programs log to it, and comes back at the same port."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from running import Result, started
from sdks import PROGRAMS
from serving import serving

CLIENTS, TRACES = 4, 400


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL], ids=["terminated", "killed"])
def test_a_restart_loses_nothing(signum: signal.Signals, tmp_path: Path, bt_here: Callable[..., Result]) -> None:
    """Programs of the SDK try again what was not answered: after a restart all spans are there, and none twice."""
    store = tmp_path / "spans.db"
    with ExitStack() as life:
        server = life.enter_context(serving(store))
        environment = {**os.environ, **server.environment, "BRAINTRUST_NUM_RETRIES": "10"}
        command = [sys.executable, PROGRAMS / "crowd.py", "restarted"]
        running = [
            life.enter_context(started([*command, client, TRACES], env=environment)) for client in range(CLIENTS)
        ]
        until_rows(store, 100)
        server.stop(signum)
        with serving(store, "--port", urlsplit(server.url).port):
            assert [one.wait(120) for one in running] == [0] * CLIENTS
    rows = bt_here("export", "--store", store, "-p", "restarted", "-q").check().lines
    roots = Counter((row["input"]["from"], row["input"]["number"]) for row in rows if not row["span_parents"])
    assert roots == Counter((str(client), trace) for client in range(CLIENTS) for trace in range(TRACES))
    assert len(rows) == len({row["id"] for row in rows}) == 2 * CLIENTS * TRACES


def until_rows(store: Path, count: int) -> None:
    """Returns as soon as a store holds some rows."""
    while True:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=60)) as db:
            if db.execute("SELECT count(*) FROM spans").fetchone()[0] >= count:
                return
