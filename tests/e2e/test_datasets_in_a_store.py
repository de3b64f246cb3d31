"""Datasets that a server has stored, in commands that read the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asking import filled
from bt_cli.cli.main import main

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five traces of three spans in logs and in an experiment, five rows in a dataset."""
    path = tmp_path / "spans.db"
    filled(str(path)).close()
    monkeypatch.setenv("BT_STORE", str(path))


def out(captured: Captured, *arguments: str) -> str:
    """What a command prints."""
    assert main(list(arguments)) == 0
    return captured.readouterr().out


def test_export_of_a_dataset(capsys: Captured) -> None:
    """Its rows, in order, by name."""
    rows = out(capsys, "export", "dataset:data", "-p", "demo", "--to", "rows").splitlines()
    assert [json.loads(row)["id"] for row in rows] == [f"d{number}" for number in range(5)]


def test_all_projects_are_traces_only(capsys: Captured) -> None:
    """What is exported of all projects has no row of a dataset."""
    rows = out(capsys, "export", "--all-projects", "--to", "rows").splitlines()
    assert len(rows) == 30
    assert not any(json.loads(row)["id"].startswith("d") for row in rows)


def test_a_list_of_a_dataset(capsys: Captured) -> None:
    """`bt view logs` shows the rows of one."""
    found = json.loads(out(capsys, "view", "logs", "dataset:data", "--json"))
    assert len(found["items"]) == 5


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("select count(*) from spans", 30),
        ("select count(*) from traces", 10),
        ("select count(*) from scores", 10),
        ("select count(*) from dataset('data')", 5),
        ("select count(*) from dataset('data') where expected > 4", 2),
        (
            "select count(*) from dataset('data') d join project_logs('demo') l on l._pagination_key < d._pagination_key",
            75,
        ),
        ("select count(*) from experiment('run') where _xact_id > '1'", 15),
    ],
)
def test_sql_keeps_datasets_apart(capsys: Captured, query: str, number: int) -> None:
    """No view of spans has rows of datasets; ``dataset()`` has no others."""
    assert out(capsys, "sql", query).splitlines()[1] == str(number)


def test_an_unknown_column_of_a_dataset_is_told(capsys: Captured) -> None:
    """With the columns that there are."""
    assert main(["sql", "select outputs from dataset('data')"]) == 2
    assert "columns: project, dataset, id" in capsys.readouterr().err
