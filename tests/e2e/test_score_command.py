"""`bt score` as a user runs it: scores, gates, exit codes and reports, with scorers that need nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bt_cli.cli.main import main
from running import SAMPLES, Result
from screen import same_as_golden, shown

SAMPLE = SAMPLES / "support.jsonl"
ODD = """
import os, signal

def grade(output):
    print("this is no data")
    if output.startswith("E4"):
        raise ValueError("no [bold]grade[/bold] \\x1b[31m")
    return {"score": 0.25, "metadata": {"choice": "D"}}

def all_at_once(output):
    return [{"name": "short", "score": 1}, {"name": "kind", "score": 0}]

def interrupts(output):
    os.kill(os.getpid(), signal.SIGINT)
    return 1
"""
LOUD = """
import os, subprocess

def grade(output):
    subprocess.run(["echo", "of a child"], check=True)
    os.write(1, b"of a system call\\n")
    return 1
"""
Bt = Callable[..., Result]


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Bt:
    """`bt` in this process, where autoevals is loaded once for many runs."""

    def run(*args: object) -> Result:
        capfd.readouterr()
        code = main([*map(str, args)])
        return Result(code, *capfd.readouterr())

    return run


@pytest.fixture
def stored(here: Bt, monkeypatch: pytest.MonkeyPatch) -> Bt:
    """`bt`, in this process, with a store that has the sample in the project ``p``, and a file of odd scorers."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    monkeypatch.setenv("BT_PROJECT", "p")
    Path("odd.py").write_text(ODD)
    here("import", SAMPLE, "-q").check()
    return here


def test_what_scorers_write_past_python_is_no_data(bt: Bt) -> None:
    """Bytes that a scorer or a child process of its writes to standard output go to standard error."""
    Path("loud.py").write_text(LOUD)
    done = bt("score", SAMPLE, "--score", "loud.py:grade").check()
    assert len(done.lines) > 0 and done.err.count("of a child") == done.err.count("of a system call") == 4


def scores_of(bt: Bt, name: str) -> list[float]:
    """The scores of a name in the store."""
    rows = bt("export", "--scope", "spans", "--filter", f"scores.{name} is not null").check().lines
    return [row["scores"][name] for row in rows]


def test_scores_are_stored_and_told(stored: Bt) -> None:
    """In a pipe a line a scorer; the values are in the store then."""
    done = stored("score", "--score", "Levenshtein", "--score", "same=ExactMatch").check()
    header, *lines = [line.split("\t") for line in done.out.splitlines()]
    assert header[:2] == ["scorer", "mean"] and [line[0] for line in lines] == ["Levenshtein", "same"]
    assert dict(zip(header, lines[0], strict=True))["scored"] == "4"
    assert len(scores_of(stored, "Levenshtein")) == 4 and scores_of(stored, "same") == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-under", "Levenshtein=0.3"], 0),
        (["--fail-under", "Levenshtein=0.4"], 4),
        (["--fail-under", "Levenshtein=0.4", "--report-only"], 0),
        (["--min-pass", "Levenshtein>=0.2:75%"], 0),
        (["--min-pass", "Levenshtein>=0.2:76%"], 4),
        (["--max-skipped", "0"], 3),
        (["--max-skipped", "20%"], 0),
        (["--max-skipped", "0", "--fail-under", "Levenshtein=0.9"], 3),
        (["--name", "nothing"], 0),
        (["--name", "nothing", "--fail-under", "Levenshtein=0.1"], 3),
        (["--score", "odd.py:grade"], 3),
        (["--score", "odd.py:grade", "--max-score-errors", "1"], 0),
        (["--score", "odd.py:grade", "--max-score-errors", "20%", "--fail-under", "grade=0.5"], 4),
        (["--score", "odd.py:grade", "--fail-under", "grade=0.5", "--report-only"], 3),
    ],
)
def test_the_exit_code_says_whether_to_go_on(stored: Bt, options: list[str], code: int) -> None:
    """0 passed, 4 failed, and 3 before it where there is no verdict."""
    stored("score", "--score", "Levenshtein", *options).check(code)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--score", "Levenshtein", "--fail-under", "levenstein=0.5"], "did you mean 'Levenshtein'?"),
        (["--score", "Levenstein"], "Levenshtein"),
        (["--score", "Levenshtein", "--fail-under", "Levenshtein"], "--fail-under Factuality=0.8"),
        (["--score", "Levenshtein", "--min-pass", "Levenshtein=0.5"], "--min-pass 'Factuality>=0.5:90%'"),
        (["--score", "Levenshtein", "--max-score-errors", "few"], "--max-score-errors 3, or 0.5%"),
        (["--score", "Levenshtein", "--max-drop", "Levenshtein=0.1"], "add --baseline RUN"),
        (["--score", "Levenshtein", "--baseline", "nothing"], "there is no project or experiment 'nothing'"),
        (["--score", "Levenshtein", "--sample-seed", "3"], "add --sample N"),
        (["--score", "Levenshtein", "--no-cache", "--cache-only"], "give one of them"),
        (["--score", "Levenshtein", "--rescore", "some"], "missing, changed, errors, all"),
        (["--score", "Levenshtein", "--trials", "0"], "0 is less than 1"),
        (["--score", "Levenshtein", "--junit", "a", "--jsonl", "./a"], "has another use"),
        (["--score", "Levenshtein", "--jsonl", "-"], "name a file"),
        (["--score", "Levenshtein", "--markdown", "none/a.md"], "no such folder"),
        (["--score", "Levenshtein", "--junit", "spans.db"], "has another use"),
        (["--score", "Levenshtein", "--markdown", "--json"], "--markdown FILE"),
        (["--score", "Levenshtein", "-o", "x"], "are for a FILE"),
        (["--score", "Levenshtein", "--scope", "spans"], "whole traces"),
        (["--fail-under", "Levenshtein=0.5"], "bt score --list"),
    ],
)
def test_a_mistake_is_told_before_the_first_case(stored: Bt, options: list[str], told: str) -> None:
    """Exit 2 with the way out; nothing has been scored."""
    assert told in stored("score", *options).check(2).err
    assert scores_of(stored, "Levenshtein") == []


def test_a_function_may_give_scores_under_names_of_its_own(stored: Bt) -> None:
    """Gates can be about them, and about one that never came there is no verdict."""
    done = stored("score", "--score", "odd.py:all_at_once", "--fail-under", "short=1", "--json").check()
    assert {one["name"]: one["mean"] for one in done.json["scorers"] if one["scored"]} == {
        "short": 1,
        "kind": 0,
    }
    stored("score", "--score", "odd.py:all_at_once", "--fail-under", "long=1").check(3)


def test_the_second_run_counts_what_the_first_has_found(stored: Bt) -> None:
    """Reused results are results of this run, and gates judge them."""
    first = stored("score", "--score", "Levenshtein", "--json").check().json["scorers"][0]
    again = stored("score", "--score", "Levenshtein", "--fail-under", "Levenshtein=0.4", "--json").check(4)
    assert again.json["scorers"][0] == {**first, "reused": 5}


def test_files_of_results_and_suites(stored: Bt) -> None:
    """A line a result, and XML whose counts are those of the table; run again, they are replaced."""
    command = ["score", "--score", "Levenshtein", "--score", "odd.py:grade", "--min-pass", "Levenshtein>=0.3:50%"]
    for _ in range(2):
        stored(*command, "--jsonl", "r.jsonl", "--junit", "r.xml").check(3)
    results = [json.loads(line) for line in Path("r.jsonl").read_text().splitlines()]
    assert [sum(one["state"] == state for one in results) for state in ("scored", "skipped", "error")] == [7, 2, 1]
    suites = {suite.get("name"): suite for suite in ElementTree.parse("r.xml").getroot()}
    counts = {name: [suite.get(key) for key in ("tests", "failures", "errors")] for name, suite in suites.items()}
    assert counts == {"Levenshtein": ["5", "2", "0"], "grade": ["5", "0", "1"], "gates": ["2", "0", "1"]}


def test_a_report_may_not_be_an_input(bt_here: Bt) -> None:
    """The file that is scored is left as it is."""
    Path("t.jsonl").write_bytes(SAMPLE.read_bytes())
    assert "also an input" in bt_here("score", "./t.jsonl", "--score", "ExactMatch", "--junit", "t.jsonl").check(2).err
    assert Path("t.jsonl").read_bytes() == SAMPLE.read_bytes()


def test_the_summary_of_a_step_is_appended_to(stored: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other steps have written to it; any other file is replaced."""
    for name in ("step.md", "other.md"):
        Path(name).write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(Path("step.md").absolute()))
    for name in ("step.md", "other.md"):
        stored("score", "--score", "Levenshtein", "--markdown", name).check()
    assert Path("step.md").read_text().startswith("# Before\n### Scores of p: no gates")
    assert Path("other.md").read_text().startswith("### Scores of p: no gates")


def test_markdown_without_a_file_is_the_answer(stored: Bt) -> None:
    """On stdout, with the verdict first."""
    done = stored("score", "--score", "Levenshtein", "--fail-under", "Levenshtein=0.9", "--markdown").check(4)
    assert done.out.startswith("### ❌ Scores of p: failed\n") and "gates: failed" in done.err


def test_a_baseline_that_was_better_fails(stored: Bt) -> None:
    """Scores stored elsewhere, joined by the input of the roots."""
    stored("score", "--score", "Levenshtein", "-q").check()
    worse = SAMPLE.read_text().replace("Lift it out, dry the contact", "0123456789 0123456789 01234")
    Path("worse.jsonl").write_text(worse)
    command = ["import", "worse.jsonl", "-p", "later", "--score", "Levenshtein", "--baseline", "p", "--json"]
    allowed = stored(*command, "--max-drop", "Levenshtein=0.2").check().json["score"]
    (measure,) = allowed["baseline"]["measures"]
    assert measure["n"] == 4 and measure["worse"] == 1 and -0.2 < measure["difference"] < 0
    failed = stored(*command, "--max-drop", "Levenshtein=0.001").check(4).json["score"]
    assert failed["verdict"] == "failed" and failed["gates"][0]["gate"] == "max_drop"


def test_a_file_is_written_with_its_scores(bt_here: Bt) -> None:
    """Trees on stdout, the report on stderr, and no store."""
    done = bt_here("score", SAMPLE, "--score", "Levenshtein", "--fail-under", "Levenshtein=0.9").check(4)
    assert [bool(tree["scores"].get("Levenshtein")) if "scores" in tree else None for tree in done.lines].count(
        True
    ) == 4
    assert "✗ Levenshtein: mean 0.339" in done.err and not list(Path().rglob("*.db"))


def test_a_stream_has_its_report_on_the_last_line_of_stderr(bt: Bt) -> None:
    """With --json, whatever a scorer prints."""
    Path("odd.py").write_text(ODD)
    done = bt("score", "-", "--score", "odd.py:grade", "--to", "rows", "--json", stdin=SAMPLE.read_bytes()).check(3)
    report = json.loads(done.err.splitlines()[-1])
    assert report["schema"] == "bt/score/1" and report["exit_code"] == 3 and report["source"] == {"file": "-"}
    assert all("span_id" in row for row in done.lines)


def test_quiet_tells_what_is_wrong_only(bt_here: Bt) -> None:
    """Nothing where all is well; the gate that failed where it is not."""
    assert bt_here("score", SAMPLE, "--score", "Levenshtein", "-q").check().err == ""
    done = bt_here("score", SAMPLE, "--score", "Levenshtein", "--fail-under", "Levenshtein=0.9", "-q").check(4)
    assert done.err == "gates: failed\n  ✗ Levenshtein: mean 0.339, at least 0.900 is asked\n"


def test_filters_are_for_stored_traces(bt_here: Bt) -> None:
    """A stream is scored as it comes."""
    assert "bt import" in bt_here("score", SAMPLE, "--score", "Levenshtein", "--type", "llm").check(2).err


def test_nothing_to_score_is_said(stored: Bt) -> None:
    """A filter that matches nothing is no failure."""
    assert "No cases" in stored("score", "--score", "Levenshtein", "--name", "nothing").check().err


def test_ctrl_c_keeps_what_was_scored(stored: Bt) -> None:
    """Exit 130 with what to do; the same command goes on where it stopped."""
    done = stored("score", "--score", "odd.py:interrupts", "--jsonl", "r.jsonl", "--fail-under", "interrupts=0").check(
        130
    )
    assert "run the same command again" in done.err
    assert "cut short" in done.err and Path("r.jsonl").exists()
    assert len(scores_of(stored, "interrupts")) >= 1


def test_the_reader_may_go_away(shell: Callable[[str], Result]) -> None:
    """No traceback."""
    done = shell("bt score $SAMPLES/support.jsonl --to rows --score ExactMatch | head -1 > /dev/null")
    assert "Traceback" not in done.err


def test_the_list_says_what_works_here(bt_here: Bt) -> None:
    """Offline scorers do; a judge's need a model, and say which option names it."""
    lines = {line.split("\t")[0]: line.split("\t") for line in bt_here("score", "--list").check().out.splitlines()}
    assert lines["Levenshtein"][3] == "yes" and "--judge-model" in lines["Factuality"][3]
    items = bt_here("score", "--list", "--json").check().json["items"]
    assert {one["name"] for one in items} == {*lines} - {"scorer"}


@pytest.mark.parametrize("columns", [80, 130])
def test_screen(stored: Bt, columns: int, update_golden: bool) -> None:
    """What a person sees: a table, what is below it, and the verdict."""
    options = ["--score", "odd.py:grade", "--fail-under", "Levenshtein=0.3", "--min-pass", "grade>=0.2:90%"]
    text = shown("score", "--score", "Levenshtein", *options, columns=columns, talk=True, code=3)
    text = re.sub(r"[\d.]+ m?s$", "0 ms", text, flags=re.MULTILINE)
    same_as_golden(f"score-{columns}", text, update_golden)


def test_help_has_its_options_in_groups(bt_here: Bt) -> None:
    """In the order in which one thinks of them."""
    titles = re.findall(r"^([A-Z].*):$", bt_here("score", "--help").check().out, re.MULTILINE)
    wanted = ["What is scored", "Judge", "Load", "Cost", "Cache", "Gates", "Reports", "Output of FILE", "Filters"]
    assert [title for title in titles if title in wanted] == wanted


def test_rejected_records_of_a_file_count(bt_here: Bt) -> None:
    """They are put aside and told; within --max-errors the run is complete."""
    Path("t.jsonl").write_bytes(SAMPLE.read_bytes() + b"{no json}\n")
    command = ["score", "t.jsonl", "--score", "Levenshtein", "-o", "scored.jsonl.gz", "--compress", "gzip", "--force"]
    done = bt_here(*command, "--rejects", "bad.jsonl").check(3)
    assert "not valid JSON" in done.err and '"raw":"{no json}"' in Path("bad.jsonl").read_text()
    bt_here(*command, "--max-errors", "1").check()
    assert len(bt_here("convert", "scored.jsonl.gz", "--to", "tree").check().lines) == 5


def test_a_rehearsal_stores_nothing(stored: Bt) -> None:
    """It counts cases, what is missing, and results that would be reused."""
    command = ["score", "--score", "Levenshtein", "--dry-run"]
    header, line = stored(*command).check().out.splitlines()
    assert header.startswith("scorer\tcases\tto run") and line.startswith("Levenshtein\t5\t4\t0\t1")
    assert scores_of(stored, "Levenshtein") == []
    stored("score", "--score", "Levenshtein").check()
    assert stored(*command, "--json").check().json["scorers"][0]["reused"] == 5


def test_a_score_of_the_apps_own_is_not_replaced_in_silence(stored: Bt) -> None:
    """It says how to give ours another name."""
    done = stored("score", "--score", "helpful=ExactMatch").check()
    assert "had a score helpful of their own" in done.err and "ALIAS=" in done.err


def test_what_a_filter_leaves_out_is_said(stored: Bt) -> None:
    """Traces without a time, and what a limit cut."""
    Path("timeless.jsonl").write_text('{"name": "no time", "output": "x", "expected": "x"}\n')
    stored("import", "timeless.jsonl", "-q").check()
    done = stored("score", "--score", "Levenshtein", "--since", "2020-01-01", "--limit", "2").check()
    assert "1 trace without a time left out" in done.err and "Cut at --limit" in done.err
    report = stored("score", "--score", "Levenshtein", "--first", "2", "--json").check().json
    assert report["partial"] and report["traces"] == 2
