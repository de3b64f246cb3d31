"""Programs as processes: what importing does, what the end of an interpreter and a fork leave."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running import PATIENCE, Result

Run = Callable[..., Result]


def run(program: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python program with arguments."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


def names(bt_here: Run, store: Path) -> list[str]:
    rows = bt_here("export", "--store", store, "--project", "p", "--to", "rows").check().lines
    return sorted(row["span_attributes"]["name"] for row in rows)


IMPORTING = """
import sys, threading, builtins, socket, os
opened = []
def watch(event, args):
    if event in ("socket.__new__", "socket.connect"):
        opened.append(event)
    if event == "open" and isinstance(args[0], str) and not args[0].endswith((".py", ".pyc")) and "site-packages" not in args[0]:
        opened.append(args[0])
sys.addaudithook(watch)
import bt_cli as bt
for name in dir(bt):
    getattr(bt, name)
with bt.start_span(name="nothing") as span:
    span.log(input=1)
loaded = [name for name in ("typer", "rich", "click", "httpx", "sqlglot", "openai", "starlette") if name in sys.modules]
print([one for one in opened if not one.startswith(("/usr", sys.prefix, sys.base_prefix))], threading.active_count(), loaded)
"""


def test_importing_opens_nothing_and_starts_nothing() -> None:
    """No file, no socket, no thread; nor what the command or a store over HTTP needs."""
    done = run(IMPORTING)
    assert (done.stdout, done.stderr) == ("[] 1 []\n", "")


ENDING = """
import sys
import bt_cli as bt
bt.init_logger("p", store=sys.argv[1])
for name in "abc":
    with bt.start_span(name=name): pass
bt.start_span(name="open")
"""


def test_end_of_the_interpreter_writes_what_is_left(bt_here: Run, tmp_path: Path) -> None:
    """Open spans too."""
    done = run(ENDING, tmp_path / "t.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert names(bt_here, tmp_path / "t.db") == ["a", "b", "c", "open"]


def test_end_by_an_exception_writes_what_is_left(bt_here: Run, tmp_path: Path) -> None:
    """The exit code is the program's."""
    done = run(ENDING + "raise SystemExit(7)", tmp_path / "t.db")
    assert done.returncode == 7
    assert names(bt_here, tmp_path / "t.db") == ["a", "b", "c", "open"]


def test_end_writes_nothing_where_it_is_told_not_to(tmp_path: Path) -> None:
    """``BRAINTRUST_DISABLE_ATEXIT_FLUSH``; here with spans that only a flush would write."""
    done = run(ENDING, tmp_path / "t.db", BRAINTRUST_DISABLE_ATEXIT_FLUSH="1", BRAINTRUST_SYNC_FLUSH="1")
    assert done.returncode == 0 and not (tmp_path / "t.db").exists()


def test_dead_server_at_the_end_is_told_of(bt_here: Run, tmp_path: Path) -> None:
    """On stderr, with how many spans; the program ends as it would, and soon. What is lost can be imported."""
    failed = tmp_path / "failed"
    done = run(
        ENDING,
        "http://127.0.0.1:9",
        BRAINTRUST_NUM_RETRIES="0",
        BRAINTRUST_FAILED_PUBLISH_PAYLOADS_DIR=str(failed),
    )
    assert done.returncode == 0
    assert "bt: 4 spans not stored in http://127.0.0.1:9" in done.stderr and str(failed) in done.stderr
    bt_here("import", failed, "-p", "p", "--store", tmp_path / "t.db").check()
    assert names(bt_here, tmp_path / "t.db") == ["a", "b", "c", "open"]


FORKING = """
import os, sys
import bt_cli as bt
bt.init_logger("p", store=sys.argv[1])
with bt.start_span(name="before"): pass
if sys.argv[2] == "flushed": bt.flush()
with bt.start_span(name="around", input=1) as around:
    child = os.fork()
    with bt.start_span(name="child" if child == 0 else "parent"): pass
    if child == 0:
        around.log(output=2)
        bt.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    around.log(metadata={"parent": True})
"""


@pytest.mark.parametrize("when", ["flushed", "queued"])
def test_fork_writes_each_span_once(bt_here: Run, tmp_path: Path, when: str) -> None:
    """Of parent and child; a span that both log to has what both say."""
    done = run(FORKING, tmp_path / "t.db", when)
    assert (done.returncode, done.stderr) == (0, "")
    assert names(bt_here, tmp_path / "t.db") == ["around", "before", "child", "parent"]
    rows = bt_here("export", "--store", tmp_path / "t.db", "--project", "p", "--to", "rows").lines
    around: dict[str, Any] = next(row for row in rows if row["span_attributes"]["name"] == "around")
    assert (around["input"], around["output"], around["metadata"]) == (1, 2, {"parent": True})
    below = [row["span_attributes"]["name"] for row in rows if row["span_parents"] == [around["span_id"]]]
    assert sorted(below) == ["child", "parent"]


FULL = """
import sys, resource, signal
import bt_cli as bt
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
bt.init_logger("p", store=sys.argv[1])
with bt.start_span(name="first"): pass
bt.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18))
with bt.start_span(name="large", input="x" * (1 << 20)): pass
bt.flush()
print("went on")
"""


def test_full_disk_is_told_of(bt_here: Run, tmp_path: Path) -> None:
    """The program goes on; what was stored before stays."""
    done = run(FULL, tmp_path / "t.db")
    assert (done.returncode, done.stdout) == (0, "went on\n")
    assert "bt: 1 span not stored in" in done.stderr
    assert names(bt_here, tmp_path / "t.db") == ["first"]
