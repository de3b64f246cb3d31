"""The README's program, as a reader pastes it, and what its table says is proved."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from running import PATIENCE, Result

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text("utf-8").partition("## Trace a Python program\n")[2].partition("\n## ")[0]


def test_program_of_the_readme_traces_itself(bt_here: Callable[..., Result], tmp_path: Path) -> None:
    """Two spans, linked, in the store that it names."""
    program = SECTION.partition("```python\n")[2].partition("```")[0]
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, timeout=PATIENCE, check=True)
    rows = bt_here("export", "-p", "helpdesk", "--store", tmp_path / "traced.db", "--to", "rows").check().lines
    assert [row["span_attributes"]["name"] for row in rows] == ["answer", "model"]
    assert rows[1]["span_parents"] == [rows[0]["span_id"]]


def test_tests_that_the_readme_names_are_there() -> None:
    """Each line of its table is proved by one."""
    named = re.findall(r"\| (test_\w+\.py)::(test_\w+) \|", SECTION)
    assert len(named) == SECTION.count("\n| ") - 1
    for file, test in named:
        assert f"def {test}(" in (Path(__file__).parent / file).read_text("utf-8")
