"""`bt import --score`: what was imported is scored, and the build goes on or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from running import SAMPLES, Result

SAMPLE = SAMPLES / "support.jsonl"
CI = SAMPLES / "ci"
Bt = Callable[..., Result]


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BT_STORE", "spans.db")
    monkeypatch.setenv("BT_PROJECT", "p")


def test_import_and_score_in_one(bt: Bt) -> None:
    """The report goes to stderr, as all that an import says."""
    done = bt("import", SAMPLE, "--score", "Levenshtein", "--fail-under", "Levenshtein=0.3").check()
    assert done.out == "" and "5 new traces" in done.err and "gates: passed" in done.err


def test_unchanged_traces_are_scored_too(bt_here: Bt) -> None:
    """A gate judges the whole input, whatever of it is new."""
    bt_here("import", SAMPLE).check()
    report = (
        bt_here("import", SAMPLE, "--score", "Levenshtein", "--fail-under", "Levenshtein=0.4", "--json").check(4).json
    )
    assert report["traces"]["unchanged"] == 5 and report["exit_code"] == 4
    assert report["score"]["schema"] == "bt/score/1" and report["score"]["scorers"][0]["scored"] == 4


def test_without_score_the_object_is_as_ever(bt_here: Bt) -> None:
    """No member says that there is no scoring."""
    assert "score" not in bt_here("import", SAMPLE, "--json").check().json


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--fail-under", "ExactMatch=0.5"], "--score ExactMatch"),
        (["--score", "ExactMatch", "--fail-under", "exactmatsch=1"], "did you mean 'ExactMatch'?"),
        (["--score", "ExactMatch", "--follow"], "--follow never ends"),
        (["--score", "ExactMatch", "--markdown"], "--markdown FILE"),
        (["--scoer", "ExactMatch"], "--score"),
    ],
)
def test_a_mistake_is_told_before_anything_is_stored(bt_here: Bt, options: list[str], told: str) -> None:
    """Exit 2 with the way out."""
    assert told in bt_here("import", SAMPLE, *options).check(2).err
    assert not Path("spans.db").exists()


def test_a_dry_run_does_not_score(bt_here: Bt) -> None:
    """And says so."""
    assert "scoring is not rehearsed" in bt_here("import", SAMPLE, "--score", "ExactMatch", "-n").check().err


def test_rejects_and_gates_come_together(bt_here: Bt) -> None:
    """3 before 4: rejected records are missing in what the gate judged."""
    Path("t.jsonl").write_bytes(SAMPLE.read_bytes() + b"{no json}\n")
    done = bt_here("import", "t.jsonl", "--score", "Levenshtein", "--fail-under", "Levenshtein=0.9").check(3)
    assert "gates: no verdict" in done.err and "input: 1 record rejected" in done.err


@pytest.mark.parametrize("command", ["import", "score"])
def test_every_report_says_what_the_exit_code_says(bt_here: Bt, command: str) -> None:
    """A mean over less than the input is no success; records rejected within --max-errors are."""
    Path("t.jsonl").write_bytes(SAMPLE.read_bytes() + b"{no json}\n")
    gate = ["--score", "Levenshtein", "--fail-under", "Levenshtein=0.1", "--markdown", "r.md", "--junit", "r.xml"]
    done = bt_here(command, "t.jsonl", *gate, "--json").check(3)
    report = done.json["score"] if command == "import" else json.loads(done.err.splitlines()[-1])
    assert (report["ok"], report["exit_code"], report["verdict"]) == (False, 3, "incomplete")
    for text in (str(report["gates"]), Path("r.md").read_text(), Path("r.xml").read_text()):
        assert "1 record rejected" in text and "no verdict" in text
    bt_here(command, "t.jsonl", *gate, "--max-errors", "1").check(0)
    assert "passed" in Path("r.md").read_text()


def test_a_refused_import_is_not_scored(bt_here: Bt) -> None:
    """With --strict nothing is there to be scored."""
    Path("t.jsonl").write_bytes(SAMPLE.read_bytes() + b"{no json}\n")
    done = bt_here("import", "t.jsonl", "--strict", "--score", "Levenshtein", "--json").check(5)
    assert done.json["score"] is None


def test_the_input_may_be_passed_on(bt_here: Bt) -> None:
    """--tee leaves stdout to the input, and the report is the last line of stderr."""
    done = bt_here("import", SAMPLE, "--tee", "--score", "Levenshtein", "--json").check()
    assert done.out.encode() == SAMPLE.read_bytes() and '"bt/score/1"' in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ([], 0, "Passed."),
        (["--score", "ExactMatch", "--fail-under", "ExactMatch=0.5"], 4, "Failed: scores are too low."),
        (["--score", "ExactMatch", "--max-skipped", "0"], 3, "No verdict"),
        (["--score", "Factuality", "--judge-model", "m"], 6, "The key of the judge is missing"),
    ],
)
def test_the_script_for_ci(shell: Callable[[str], Result], options: list[str], code: int, told: str) -> None:
    """samples/ci/score.sh as it stands: imports, scores, gates, leaves its reports and says what to do."""
    done = shell(" ".join(["bash", str(CI / "score.sh"), str(SAMPLE), *options])).check(code)
    assert told in done.out
    if code != 6:
        assert ElementTree.parse("reports/junit.xml").getroot().tag == "testsuites"
        assert Path("reports/summary.md").read_text().startswith("### ")


def test_the_workflow_runs_as_it_stands(shell: Callable[[str], Result], tmp_path: Path) -> None:
    """samples/ci/github-actions.yml is YAML; its steps import, score and put the verdict on the summary page."""
    workflow = yaml.safe_load((CI / "github-actions.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["score"]["steps"] if "run" in step]
    assert steps[0].startswith("pip install")
    (tmp_path / "samples").symlink_to(SAMPLES)
    script = "set -e\nexport GITHUB_STEP_SUMMARY=$PWD/step.md\n" + "\n".join(steps[1:])
    shell(script).check()
    assert "✅ Levenshtein: mean 0.339" in Path("step.md").read_text()
    assert ElementTree.parse("reports/junit.xml").getroot().tag == "testsuites"


def test_an_import_without_score_makes_no_options_of_scoring(tmp_path: Path) -> None:
    """Three dozen options take time, and `bt import` is called in loops."""
    program = (
        "import sys; from bt_cli.cli.main import main; "
        f"main(['import', {str(SAMPLE)!r}, '-q']); print('bt_cli.cli.score_options' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "False\n"


def test_the_options_are_there_when_asked_for(bt_here: Bt) -> None:
    """In the help, which both ways of asking for it give."""
    for command in (["import", "--help"], ["help", "import"]):
        assert "--fail-under NAME=X" in bt_here(*command).check().out
