"""Input files → what each writer makes of them, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from bt_cli.writers import open_writer
from builders import rows_of

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in (HERE / "input").iterdir())


@pytest.mark.parametrize("writer", ["rows", "tree"])
@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, writer: str, update_golden: bool) -> None:
    """A writer's lines for a file of one trace a root, in the order of the input."""
    rows = rows_of((HERE / "input" / f"{case}.jsonl").read_bytes())
    traces = list(dict.fromkeys(row.root_span_id for row in rows))
    write = open_writer(writer)
    text = b"".join(write([row for row in rows if row.root_span_id == trace], False) for trace in traces).decode()
    expected = HERE / writer / f"{case}.jsonl"
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_golden_trees_give_the_golden_rows(case: str) -> None:
    """The expected trees, read again, are the expected rows (assembling is the inverse of flattening)."""
    from_trees = rows_of((HERE / "tree" / f"{case}.jsonl").read_bytes())
    from_rows = rows_of((HERE / "rows" / f"{case}.jsonl").read_bytes())
    assert sorted(from_trees, key=lambda row: row.id) == sorted(from_rows, key=lambda row: row.id)
