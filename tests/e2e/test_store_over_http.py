"""Commands on a store over HTTP, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from braintrust_server import BraintrustServer, braintrust_server
from bt_cli.spans.container import Container, container_id
from running import Result
from serving import Serving, serving

Bt = Callable[..., Result]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served") / "spans.db") as running:
        yield running


@pytest.fixture
def theirs() -> Iterator[BraintrustServer]:
    with braintrust_server() as running:
        yield running


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    file = tmp_path / "traces.jsonl"
    cases = [{"id": f"t{n}", "name": "case", "input": n, "output": "a", "expected": "ab"[n]} for n in range(2)]
    file.write_text("".join(json.dumps(one) + "\n" for one in cases))
    return file


def test_an_import_ends_with_a_link(bt: Bt, served: Serving, traces: Path) -> None:
    """People are led to what they have written."""
    result = bt("import", traces, "-p", "a b", "--experiment", "e", "--store", served.url).check()
    assert result.err.splitlines()[-1] == f"{served.url}/app/bt/p/a%20b/experiments/e"


def test_our_server_tells_new_from_unchanged(bt_here: Bt, served: Serving, traces: Path) -> None:
    """A second import says so, and stores nothing."""
    first = bt_here("import", traces, "-p", "again", "--store", served.url, "--json").check()
    second = bt_here("import", traces, "-p", "again", "--store", served.url, "--json").check()
    assert (first.json["traces"]["new"], second.json["traces"]["unchanged"]) == (2, 2)
    assert second.json["target"]["link"].endswith("/p/again/logs")


def test_another_server_has_written(bt_here: Bt, theirs: BraintrustServer, traces: Path) -> None:
    """Where nothing is known of what was there, new, changed and unchanged are one count, and the sum holds."""
    shown = bt_here("import", traces, "-p", "p", "--store", theirs.url).check()
    assert "2 written traces (2 spans)" in shown.err
    told = bt_here("import", traces, "-p", "p", "--store", theirs.url, "--json").check().json
    assert told["traces"] == {"written": 2, "folded": 0, "rejected": 0}
    assert told["input"]["files"][0]["written"] == 2


def test_a_dry_run_looks_and_leaves(bt_here: Bt, served: Serving, traces: Path) -> None:
    """What would be new or unchanged is told, and nothing is made."""
    assert (
        bt_here("import", traces, "-p", "dry", "--store", served.url, "-n", "--json").check().json["traces"]["new"] == 2
    )
    bt_here("export", "-p", "dry", "--store", served.url).check(2)
    bt_here("import", traces, "-p", "dry", "--store", served.url).check()
    again = bt_here("import", traces, "-p", "dry", "--store", served.url, "-n", "--json").check()
    assert again.json["traces"]["unchanged"] == 2


@pytest.mark.parametrize("experiment", [None, "e"])
def test_a_ref_may_be_an_id(bt_here: Bt, served: Serving, traces: Path, experiment: str | None) -> None:
    """project_logs:ID and experiment:ID are what the official tool writes."""
    there = ["-p", "ids", *(["--experiment", experiment] if experiment else [])]
    bt_here("import", traces, *there, "--store", served.url).check()
    where = Container("ids", experiment)
    assert len(bt_here("export", f"{where.kind}:{container_id(where)}", "--store", served.url).check().lines) == 2


def test_scores_go_back_to_where_the_traces_are(bt_here: Bt, served: Serving, traces: Path) -> None:
    """Scoring reads over HTTP and merges its scores back."""
    bt_here("import", traces, "-p", "scored", "--store", served.url, "--score", "ExactMatch").check()
    rows = bt_here("export", "-p", "scored", "--store", served.url).check().lines
    assert sorted(row["scores"]["ExactMatch"] for row in rows if row.get("scores")) == [0, 1]
    assert "ExactMatch" in bt_here("summary", "-p", "scored", "--store", served.url).check().out


def test_looking_at_it(bt_here: Bt, served: Serving, traces: Path) -> None:
    """Lists, traces and questions work as on a file."""
    bt_here("import", traces, "-p", "looked", "--store", served.url).check()
    assert "looked" in bt_here("projects", "list", "--store", served.url).check().out
    assert "case" in bt_here("view", "trace", "t0", "-p", "looked", "--store", served.url).check().out
    assert bt_here(
        "sql", "select count(*) as n from spans", "-p", "looked", "--store", served.url, "--json"
    ).check().json["items"] == [{"n": 2}]
    bt_here("projects", "delete", "looked", "--yes", "--store", served.url).check()
    bt_here("view", "logs", "-p", "looked", "--store", served.url).check(2)


def test_what_is_told_of_a_store(bt_here: Bt, served: Serving, theirs: BraintrustServer) -> None:
    """bt store info says whose server it is."""
    assert bt_here("store", "info", "--store", served.url, "--json").check().json["server"] == "bt serve"
    assert bt_here("store", "info", "--store", theirs.url, "--json").check().json["organisation"] == "first"


def test_what_is_so_or_not_is_told_in_words(bt_here: Bt, served: Serving, theirs: BraintrustServer) -> None:
    """bt store info says yes and no to people, true and false to programs."""
    for server, word in ((served, "yes"), (theirs, "no")):
        assert f"tells_new_from_changed\t{word}\n" in bt_here("store", "info", "--store", server.url).check().out
    told = bt_here("store", "info", "--store", served.url, "--json").check().json
    assert told["tells_new_from_changed"] is True


def test_a_key_is_never_shown(bt_here: Bt, served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """bt status names the variable and the app, and not what is in the variable."""
    monkeypatch.setenv("BRAINTRUST_API_KEY", "sk-secret")
    told = bt_here("status", "--store", served.url, "--json").check()
    assert (told.json["store_app"], told.json["api_key_present"]) == (served.url, True)
    assert "sk-secret" not in told.out + told.err
