"""A store over HTTP on bad days: nothing acknowledged is lost, nothing is double, and the exit code says what to do."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fault_proxy import Fault, FaultProxy, fault_proxy
from running import BT, Result
from serving import Serving, serving

NUMBER = 400
ROWS = "/logs3"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served") / "spans.db") as running:
        yield running


@pytest.fixture
def proxy(served: Serving) -> Iterator[FaultProxy]:
    with fault_proxy(served.url) as running:
        yield running


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Some traces of two spans each."""
    file = tmp_path / "traces.jsonl"
    record = {"input": "x" * 200, "children": [{"id": "c", "output": 1}]}
    file.write_text(
        "".join(json.dumps({"id": f"t{n}", **record, "children": [{"id": f"c{n}"}]}) + "\n" for n in range(NUMBER))
    )
    return file


def bt(*args: object, retries: int = 4) -> Result:
    """A run that tries again quickly and not for long."""
    environment = {**os.environ, "BRAINTRUST_NUM_RETRIES": str(retries), "BRAINTRUST_API_KEY": "any"}
    done = subprocess.run([*BT, *map(str, args)], capture_output=True, text=True, env=environment, timeout=120)
    assert "Traceback" not in done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


def stored(served: Serving, project: str) -> list[str]:
    """The ids of all spans of a project, as the server has them."""
    return sorted(row["id"] for row in bt("export", "-p", project, "--store", served.url).check().lines)


ALL = sorted([*(f"t{n}" for n in range(NUMBER)), *(f"c{n}" for n in range(NUMBER))])

TROUBLES = {
    "500": Fault(ROWS, 500),
    "502": Fault(ROWS, 502, b"<html>bad gateway</html>"),
    "503": Fault(ROWS, 503, headers="retry-after: 0\r\n"),
    "429": Fault(ROWS, 429, headers="retry-after: 0\r\n"),
    "413": Fault(ROWS, 413),
    "empty": Fault(ROWS, instead=b""),
    "html": Fault(ROWS, instead=b"<html>welcome to the hotel</html>"),
    "nothing-sent": Fault(ROWS, cut_request=0.0),
    "half-sent": Fault(ROWS, cut_request=0.5),
    "all-sent": Fault(ROWS, cut_request=1.0),
    "no-answer": Fault(ROWS, cut_answer=0.0),
    "half-a-head": Fault(ROWS, cut_answer=0.2),
    "half-an-answer": Fault(ROWS, cut_answer=0.95),
    "login": Fault("/api/apikey/login", 503),
    "version": Fault("/version", cut_answer=0.5),
    "project": Fault("/v1/project", cut_answer=0.5),
}


OFTEN = ("503", "empty", "half-sent", "half-an-answer")
"""Looked at in every run; the others are slow."""


@pytest.mark.parametrize(
    "trouble", [pytest.param(one, marks=[] if one in OFTEN else [pytest.mark.slow]) for one in TROUBLES]
)
def test_an_import_gets_through(served: Serving, proxy: FaultProxy, traces: Path, trouble: str) -> None:
    """Whatever happens once on the way, all spans are there afterwards, each once."""
    proxy.faults = [TROUBLES[trouble]]
    result = bt("import", traces, "-p", trouble, "--store", proxy.url, "--json").check()
    assert (result.json["traces"]["rejected"], result.json["records"]["rejected"]) == (0, 0)
    assert stored(served, trouble) == ALL
    assert not proxy.faults


@pytest.mark.slow
def test_a_slow_answer_is_waited_for(served: Serving, proxy: FaultProxy, traces: Path) -> None:
    """An answer that comes in drops is an answer."""
    proxy.faults = [Fault(ROWS, pause=0.01)]
    bt("import", traces, "-p", "drops", "--store", proxy.url).check()
    assert stored(served, "drops") == ALL


def test_giving_up_is_seven_and_can_be_finished(served: Serving, proxy: FaultProxy, traces: Path) -> None:
    """What is not acknowledged is said with what to run, and running it stores nothing twice."""
    proxy.faults = [Fault(ROWS, 503, times=-1)]
    failed = bt("import", traces, "-p", "finish", "--store", proxy.url, retries=0).check(7)
    assert "800 of 800 spans were not acknowledged" in failed.err
    assert f"bt import {traces} -p finish --store {proxy.url}" in failed.err
    proxy.faults = [Fault(ROWS, instead=b"", times=-1)]  # stored, and never acknowledged
    bt("import", traces, "-p", "finish", "--store", proxy.url, retries=0).check(7)
    proxy.faults = []
    again = bt("import", traces, "-p", "finish", "--store", proxy.url, "--json").check()
    assert again.json["traces"]["unchanged"] == NUMBER
    assert stored(served, "finish") == ALL


@pytest.mark.parametrize("cut", [0.3, *(pytest.param(one, marks=pytest.mark.slow) for one in (0.0, 0.9))])
def test_an_export_goes_on_after_a_cut(served: Serving, proxy: FaultProxy, traces: Path, cut: float) -> None:
    """A page that breaks off is asked for again; the output is the same to the byte."""
    bt("import", traces, "-p", "pages", "--store", served.url).check()
    whole = bt("export", "-p", "pages", "--store", served.url).check().out
    proxy.faults = [Fault("/bt/traces", cut_answer=cut), Fault("/bt/containers", cut_answer=cut)]
    assert bt("export", "-p", "pages", "--store", proxy.url).check().out == whole
    assert not proxy.faults


def test_an_export_that_breaks_off_is_seven(served: Serving, proxy: FaultProxy, traces: Path) -> None:
    """An export that could not be finished does not look as if it had been."""
    bt("import", traces, "-p", "broken", "--store", served.url).check()
    proxy.faults = [Fault("/bt/traces", cut_answer=0.5, times=-1)]
    bt("export", "-p", "broken", "--store", proxy.url, retries=1).check(7)


def test_a_server_restarted_in_mid_import(tmp_path: Path, traces: Path) -> None:
    """A server that is killed and comes back finds the client still there; nothing is lost or double."""
    store = tmp_path / "spans.db"
    # A server ends with the thread that has started it, and those of the proxy live as long as a request.
    with serving(store) as first, fault_proxy(first.url) as proxy, ThreadPoolExecutor(1) as starter:
        restarted: list[Serving] = []

        def kill(path: str) -> None:
            if path == ROWS and not restarted:
                first.process.kill()
                first.process.wait()
                restarted.append(starter.submit(second.__enter__).result())
                proxy.target = restarted[0].url

        second = serving(store)
        proxy.seen = kill
        try:
            result = bt("import", traces, "-p", "restart", "--store", proxy.url, "--json").check()
            assert result.json["traces"]["new"] == NUMBER
            assert stored(restarted[0], "restart") == ALL
        finally:
            second.__exit__(None, None, None)


def test_a_wrong_key_is_six(tmp_path: Path, traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a token refuses another one, and the hint names the variable."""
    monkeypatch.setenv("OUR_TOKEN", "right")
    with serving(tmp_path / "spans.db", "--token-env", "OUR_TOKEN") as running:
        refused = bt("import", traces, "-p", "p", "--store", running.url).check(6)
    assert "BRAINTRUST_API_KEY" in refused.err


def test_nobody_there_is_seven(traces: Path) -> None:
    """An address where nobody listens is soon given up."""
    bt("import", traces, "-p", "p", "--store", "http://127.0.0.1:1").check(7)


def test_an_address_of_something_else_is_two(proxy: FaultProxy, traces: Path) -> None:
    """A web server that is no such API is a mistake of the command."""
    proxy.faults = [Fault("/api/apikey/login", instead=b"<html>It works!</html>", times=-1)]
    assert "does not speak Braintrust's API" in bt("import", traces, "-p", "p", "--store", proxy.url).check(2).err
