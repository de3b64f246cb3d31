"""`bt projects` and `bt experiments` over a store, and what completion offers from it."""

from __future__ import annotations

import json

import pytest

from bt_cli.cli.main import main
from running import SAMPLES

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """A store with logs and an experiment in one project, and another project."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    for where in (["-p", "support"], ["-p", "support", "--experiment", "nightly"], ["-p", "other"]):
        assert main(["import", str(SAMPLES / "support.jsonl"), *where]) == 0
    capsys.readouterr()


def items(captured: Captured, *arguments: str) -> list[dict[str, object]]:
    """The items of a list as JSON."""
    assert main([*arguments, "--json"]) == 0
    found: list[dict[str, object]] = json.loads(captured.readouterr().out)["items"]
    return found


def answer(captured: Captured, *arguments: str) -> dict[str, object]:
    """One JSON object."""
    assert main([*arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(captured.readouterr().out)
    return found


def test_projects_with_what_is_in_them(store: None, capsys: Captured) -> None:
    """A project's line counts its experiments, and the traces and spans of all that is in it."""
    other, support = items(capsys, "projects", "list")
    assert (other["project"], other["experiments"], other["traces"], other["spans"]) == ("other", 0, 5, 24)
    assert (support["project"], support["experiments"], support["traces"], support["spans"]) == ("support", 1, 10, 48)


def test_project_by_option(store: None, capsys: Captured) -> None:
    """bt projects view without a name is about the project of -p."""
    containers = answer(capsys, "projects", "view", "-p", "support")["containers"]
    assert isinstance(containers, list) and [one["ref"] for one in containers] == [
        "project_logs:support",
        "experiment:nightly",
    ]


def test_unknown_project_suggests_the_nearest(store: None, capsys: Captured) -> None:
    """A slip in a project's name exits 2 with the right one."""
    assert main(["projects", "view", "suport"]) == 2
    assert "did you mean 'support'?" in capsys.readouterr().err


def test_deleted_project_is_gone_with_its_experiments(store: None, capsys: Captured) -> None:
    """Deleting a project takes its logs and its experiments."""
    assert answer(capsys, "projects", "delete", "support", "--yes")["deleted"] == {
        "containers": ["project_logs:support", "experiment:nightly"],
        "spans": 48,
    }
    assert [one["project"] for one in items(capsys, "projects", "list")] == ["other"]


def test_deleting_needs_a_yes(store: None, capsys: Captured) -> None:
    """Where nobody can be asked, --yes is needed, and the counts are told."""
    assert main(["projects", "delete", "support"]) == 2
    assert "10 traces, 48 spans" in capsys.readouterr().err


def test_experiments_of_all_projects(store: None, capsys: Captured) -> None:
    """Without -p the list has every experiment."""
    assert [one["experiment"] for one in items(capsys, "experiments", "list")] == ["nightly"]


def test_experiments_of_one_project(store: None, capsys: Captured) -> None:
    """With -p the list has those of the project."""
    assert items(capsys, "experiments", "list", "-p", "other") == []


def test_experiment_by_option(store: None, capsys: Captured) -> None:
    """bt experiments view without a name is about --experiment."""
    assert answer(capsys, "experiments", "view", "--experiment", "nightly")["spans"] == 24


def test_experiment_needs_a_name(store: None, capsys: Captured) -> None:
    """bt experiments view asks for a name where there is none."""
    assert main(["experiments", "view"]) == 2
    assert "which experiment?" in capsys.readouterr().err


def test_deleted_experiment_leaves_the_logs(store: None, capsys: Captured) -> None:
    """Deleting an experiment leaves its project's logs as they are."""
    assert answer(capsys, "experiments", "delete", "nightly", "--yes")["ok"] is True
    assert answer(capsys, "projects", "view", "support")["spans"] == 24


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bt export -p su", {"support"}),
        ("bt export --experiment n", {"nightly"}),
        ("bt projects view ", {"other", "support"}),
        ("bt export n", {"nightly"}),
        ("bt help f", {"filters", "formats"}),
    ],
)
def test_completion_offers_names_of_the_store(
    line: str, offered: set[str], store: None, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell's completion knows projects, experiments and topics."""
    monkeypatch.setenv("_BT_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    with pytest.raises(SystemExit):
        main([])
    shown = capsys.readouterr().out
    assert {word for word in ("filters", "formats", "nightly", "other", "support") if f'"{word}"' in shown} == offered


def test_completion_without_a_store_is_silent(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no store, completion offers nothing, says nothing and makes none."""
    monkeypatch.setenv("BT_STORE", "missing.db")
    monkeypatch.setenv("_BT_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "bt export -p s")
    with pytest.raises(SystemExit):
        main([])
    assert "support" not in capsys.readouterr().out
