"""Rows as CSV and Parquet: columns, cells, what spreadsheets make of them, and the way back."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from bt_cli.readers import open_reader
from bt_cli.readers.base import Record, Reject
from bt_cli.spans.row import Row
from bt_cli.writers.rows import write_rows
from bt_cli.writers.table.spool import spooled
from builders import only_row
from properties.strategies import TRACES
from running import Result

TABLES = pytest.mark.parametrize("form", ["csv", "parquet"])
FULL = {
    "id": "a",
    "span_id": "s",
    "root_span_id": "t",
    "span_parents": ["p"],
    "created": "2026-01-05T09:02:11.630000+00:00",
    "input": [{"role": "user", "content": 'line one\nline, "two"'}],
    "output": "=1+1",
    "error": None,
    "scores": {"exact": 0.5},
    "metadata": {"model": "m"},
    "metrics": {"start": 1767603731.63, "tokens": 7},
    "tags": ["x"],
    "span_attributes": {"name": "=cmd()", "type": "llm"},
    "unknown": {"k": 1},
}


def table(form: str, *rows: Row) -> bytes:
    """A table of rows."""
    out = io.BytesIO()
    with spooled(form, out) as file:
        file.write(write_rows(rows).encode())
    return out.getvalue()


def back(form: str, data: bytes) -> list[Row]:
    """The rows of a table."""
    found = []
    for one in open_reader("auto").read(iter([data])):
        assert isinstance(one, Record), one
        found.append(only_row(json.loads(one.json)) if form == "" else _row(one.json))
    return found


def _row(record: bytes) -> Row:
    from bt_cli.pipeline.converting import Conversion
    from bt_cli.spans.flatten import Flat

    flat = Conversion().convert(record, b"0" * 16)
    assert isinstance(flat, Flat)
    return flat.rows[0]


def cells(data: bytes) -> list[dict[str, str]]:
    """The lines of CSV, as a spreadsheet sees them."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@TABLES
def test_a_row_comes_back(form: str) -> None:
    """Payloads, ids, unknown members."""
    (row,) = back(form, table(form, only_row(FULL)))
    assert json.loads(write_rows([row])) == FULL


@TABLES
@settings(deadline=None, max_examples=80)
@given(TRACES)
def test_any_rows_come_back(form: str, rows: list[Row]) -> None:
    """Text of payloads as it is; null and empty objects of scores and metrics are as none, numbers of Parquet are 64-bit."""
    for row in rows:
        row.time = None
    again = back(form, table(form, *rows))
    for row in again:
        row.time = None
    if form == "parquet":
        rows, again = _rounded(rows), _rounded(again)
    expected = [_without_empty(row) for row in rows]
    assert [_ordered(_without_empty(row)) for row in again] == [_ordered(row) for row in expected]


def _without_empty(row: Row) -> Row:
    if row.metrics in ("null", "{}"):
        row.metrics = None
    return row


def _ordered(row: Row) -> Row:
    """Members of metrics stand in the order of the columns."""
    if row.metrics is not None:
        row.metrics = json.dumps(json.loads(row.metrics), sort_keys=True)
    return row


def _rounded(rows: list[Row]) -> list[Row]:
    for row in rows:
        if row.metrics is not None and row.metrics != "null":
            numbers = {key: float(value) for key, value in json.loads(row.metrics).items() if value is not None}
            row.metrics = json.dumps(numbers)
    return rows


def test_columns() -> None:
    """The same for all tables, then one for each score and metric."""
    first = only_row(FULL)
    second = only_row({"id": "b", "root_span_id": "t", "span_parents": [], "scores": {"other": 1}})
    lines = cells(table("csv", first, second))
    assert list(lines[0])[:6] == ["id", "span_id", "root_span_id", "created", "name", "type"]
    assert list(lines[0])[-4:] == ["score.exact", "score.other", "metric.start", "metric.tokens"]
    assert (lines[0]["metric.tokens"], lines[1]["metric.tokens"], lines[1]["score.other"]) == ("7", "", "1")
    assert json.loads(lines[0]["input"]) == FULL["input"]
    assert json.loads(lines[0]["extra"]) == {"unknown": {"k": 1}}


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", "'=x"])
def test_no_cell_is_a_formula(name: str) -> None:
    """An apostrophe stands before what a spreadsheet would compute, and goes again on the way back."""
    row = only_row({"id": name, "root_span_id": "t", "span_parents": [], "span_attributes": {"name": name}})
    data = table("csv", row)
    (line,) = cells(data)
    assert line["id"] == line["name"] == "'" + name
    assert back("csv", data) == [row]


def test_negative_numbers_stay_numbers() -> None:
    """They are no formulas."""
    (line,) = cells(table("csv", only_row({"id": "a", "root_span_id": "t", "metrics": {"change": -1.5}})))
    assert line["metric.change"] == "-1.5"


def test_groups_of_parquet_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that neither writer nor reader holds all of a table."""
    monkeypatch.setattr("bt_cli.writers.table.parquet_table._GROUP_ROWS", 10)
    rows = [only_row({"id": str(number), "root_span_id": "t"}) for number in range(25)]
    read = pq.ParquetFile(io.BytesIO(table("parquet", *rows)))
    assert [read.metadata.row_group(at).num_rows for at in range(read.num_row_groups)] == [10, 10, 5]


@TABLES
def test_duckdb_reads_it(form: str, tmp_path: Path) -> None:
    """Names, numbers, and JSON as text that it can look into."""
    path = tmp_path / f"spans.{form}"
    path.write_bytes(table(form, only_row(FULL)))
    found = duckdb.sql(
        f"SELECT name, type, \"metric.tokens\", \"score.exact\", metadata->>'$.model' FROM '{path}'"
    ).fetchall()
    name = "'=cmd()" if form == "csv" else "=cmd()"
    assert [(*map(str, found[0][:2]), float(found[0][2]), *found[0][3:])] == [(name, "llm", 7.0, 0.5, "m")]


@TABLES
def test_the_way_through_a_store(form: str, bt: Callable[..., Result], tmp_path: Path) -> None:
    """Export, import: the same project."""
    (tmp_path / "a.jsonl").write_text(json.dumps(FULL) + "\n")
    bt("import", "a.jsonl", "-p", "a").check()
    bt("export", "-p", "a", "--to", form, "-o", f"a.{form}").check()
    assert "Read 1 record (rows)" in bt("import", f"a.{form}", "-p", "b").check().err
    assert bt("export", "-p", "b").lines == bt("export", "-p", "a").lines


@TABLES
def test_convert_writes_it_too(form: str, bt: Callable[..., Result], tmp_path: Path) -> None:
    """Without a store."""
    (tmp_path / "a.jsonl").write_text(json.dumps(FULL) + "\n")
    bt("convert", "a.jsonl", "--to", form, "-o", f"a.{form}").check()
    assert bt("convert", f"a.{form}").lines == bt("convert", "a.jsonl").lines


BRAINTRUST: dict[str, Any] = {
    "id": "a",
    "span_id": "a",
    "root_span_id": "a",
    "input": '{"q":1}',
    "output": "plain words",
    "metadata": '{"model":"m"}',
    "scores": '{"exact":1}',
    "tags": '["x"]',
    "created": "2026-01-05T09:02:11.630Z",
    "_xact_id": "1000193000000000001",
}


@TABLES
def test_tables_of_braintrust(form: str) -> None:
    """JSON in columns is opened, words stay words, and long ids stay text."""
    import pyarrow as pa

    if form == "parquet":
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([BRAINTRUST]), out)
        data = out.getvalue()
    else:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(BRAINTRUST))
        writer.writeheader()
        writer.writerow(BRAINTRUST)
        data = text.getvalue().encode()
    (row,) = back(form, data)
    assert (row.input, row.output, row.metadata) == ('{"q":1}', '"plain words"', '{"model":"m"}')
    assert (row.scores, row.tags, row.server) == ('{"exact":1}', '["x"]', '{"_xact_id":"1000193000000000001"}')


def test_parquet_with_types_of_its_own() -> None:
    """Structures, lists, times and bytes."""
    from datetime import UTC, datetime

    import pyarrow as pa

    line = {
        "id": "a",
        "metadata": {"model": "m", "raw": b"x"},
        "tags": ["x"],
        "created": datetime(2026, 1, 5, tzinfo=UTC),
        "metrics": {"start": 1.5},
    }
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([line]), out)
    (row,) = back("parquet", out.getvalue())
    assert (row.metadata, row.tags, row.metrics) == ('{"model":"m","raw":"x"}', '["x"]', '{"start":1.5}')
    assert row.created == "2026-01-05T00:00:00+00:00"


BAD_CSV = [
    ("id,input\na,1,2\n", "3 cells for 2 columns"),
    ('id,input\na,"b"c\n', "not valid CSV"),
    ('id,input\na,"b\n', "not valid CSV"),
]


@pytest.mark.parametrize(("data", "why"), BAD_CSV)
def test_bad_lines_of_csv_are_rejected_by_their_place(data: str, why: str) -> None:
    """And the rest is read."""
    found = list(open_reader("auto").read(iter([data.encode()])))
    (reject,) = [one for one in found if isinstance(one, Reject)]
    assert (reject.code, reject.line) == ("not_csv", 2)
    assert why in reject.message


def test_good_lines_behind_bad_ones_are_read() -> None:
    """One line too many cells does not end the table."""
    found = list(open_reader("auto").read(iter([b"id,input\na,1,2\nb,3\n"])))
    assert [type(one) for one in found] == [Reject, Record]


def test_a_damaged_parquet_file(bt: Callable[..., Result], tmp_path: Path) -> None:
    """What can't be read on ends with exit 3, as a cut archive does."""
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(100))
    assert bt("import", "a.parquet", "-p", "a").code == 3


@pytest.mark.parametrize("command", [["convert", "a.jsonl", "--to", "parquet", "-o", "b"], ["convert", "a.parquet"]])
def test_without_pyarrow(command: list[str], tmp_path: Path) -> None:
    """A usage error that says what to install."""
    (tmp_path / "a.jsonl").write_text(json.dumps(FULL) + "\n")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    program = "import sys; sys.modules['pyarrow'] = None; from bt_cli.cli.main import run; run()"
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "pip install 'bt-spans[parquet]'" in done.stderr
