"""One trace of 100,000 spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from running import Result

pytestmark = pytest.mark.slow
Bt = Callable[..., Result]
SPANS = 100_000


@pytest.fixture(scope="module")
def tree() -> str:
    """A root with a thousand children of 98 or 99 more each."""

    def spans() -> Iterator[str]:
        left = SPANS - 1001
        for number in range(1000):
            below = left // (1000 - number)
            left -= below
            grandchildren = ",".join(
                '{"name":"g","metrics":{"start":1700000001,"end":1700000002}}' for _ in range(below)
            )
            yield f'{{"name":"c","input":{{"number":{number}}},"children":[{grandchildren}]}}'

    return f'{{"name":"root","children":[{",".join(spans())}]}}'


@pytest.fixture
def stored(bt: Bt, tree: str) -> Result:
    """The report of its import."""
    Path("in.jsonl").write_text(tree + "\n")
    return bt("import", "in.jsonl", "-p", "x", "--store", "s.db", "--json").check()


def test_it_is_stored_again_and_given_back(bt: Bt, stored: Result) -> None:
    """All spans arrive, come back as rows and as one tree, and are known again."""
    rows = bt("export", "-p", "x", "--store", "s.db").check().out
    tree = bt("export", "-p", "x", "--store", "s.db", "--to", "tree").check().out
    again = bt("import", "in.jsonl", "-p", "x", "--store", "s.db", "--json").check().json
    bt("import", "-p", "y", "--store", "s.db", stdin=tree).check()
    assert stored.json["spans"]["new"] == rows.count("\n") == SPANS
    assert (tree.count("\n"), len(json.loads(tree)["children"])) == (1, 1000)
    assert again["traces"]["unchanged"] == 1 and again["spans"]["unchanged"] == SPANS
    assert bt("export", "-p", "y", "--store", "s.db").check().out == rows


def test_its_rows_in_any_order(bt: Bt, stored: Result) -> None:
    """Its rows, last first and without their trace, become the same trace."""
    rows = bt("export", "-p", "x", "--store", "s.db").check().lines
    for row in rows:
        if row["span_parents"]:
            del row["root_span_id"]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    report = bt("import", "rows.jsonl", "-p", "rows", "--store", "s.db", "--json").check().json
    assert (report["traces"]["new"], report["orphans"], report["spans"]["new"]) == (1, 0, SPANS)
