"""`bt compare` as a user runs it: sides, keys, gates and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running import SAMPLES, Result
from screen import shown
from traces import generated

Bt = Callable[..., Result]
SUPPORT = str(SAMPLES / "support.jsonl")


def run(name: str, scores: dict[str, float], **more: Any) -> str:
    """A file of traces that answer questions with some score."""
    records = ({"input": question, "scores": {"good": score}, **more} for question, score in scores.items())
    Path(name).write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return name


@pytest.fixture
def base() -> str:
    return run("base.jsonl", {"a": 1.0, "b": 0.5, "c": 0.0})


@pytest.fixture
def later() -> str:
    """One case better, one worse, and in the mean worse by 0.1."""
    return run("later.jsonl", {"b": 0.6, "a": 0.6, "c": 0.0, "d": 1.0})


def only(result: Result) -> Any:
    """The one comparison of a result."""
    (found,) = result.json["comparisons"]["items"]
    return found


def test_the_object(base: str, later: str, bt: Bt) -> None:
    """Cases, and each score with its means, difference and interval."""
    result = bt("compare", base, later, "--json").check()
    assert (result.json["schema"], result.json["ok"]) == ("bt/compare/1", True)
    found = only(result)
    assert found["cases"] == {"base": 3, "other": 4, "matched": 3, "repeated": 0, "only_base": 0, "only_other": 1}
    score = found["measures"][0]
    assert (score["name"], score["base"], score["other"], score["difference"]) == ("good", 0.5, 0.4, -0.1)
    assert (score["better"], score["worse"], score["equal"], score["verdict"]) == (1, 1, 1, "noise")
    assert score["low"] < -0.1 < score["high"]


def test_the_same_bytes_each_run(base: str, later: str, bt_here: Bt) -> None:
    """The random draws of the interval are the same each time."""
    assert bt_here("compare", base, later, "--json").out == bt_here("compare", base, later, "--json").out


def test_itself(bt_here: Bt) -> None:
    """A file compared with itself differs in nothing, and passes every gate."""
    found = only(bt_here("compare", SUPPORT, SUPPORT, "--json", "--fail-on-regression").check())
    assert {one["difference"] for one in found["measures"]} == {0}
    assert {one["verdict"] for one in found["measures"]} == {"equal"}


def test_a_store_and_a_file(bt_here: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects, experiments and files compare with each other; each other with the base."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    bt_here("import", SUPPORT, "-p", "support").check()
    bt_here("import", SUPPORT, "-p", "support", "--experiment", "nightly").check()
    items = bt_here("compare", "support", "nightly", SUPPORT, "--json").check().json["comparisons"]["items"]
    assert [(one["base"], one["other"], one["cases"]["matched"]) for one in items] == [
        ("support", "support/nightly", 5),
        ("support", SUPPORT, 5),
    ]


def test_stdin(base: str, bt: Bt) -> None:
    """One side may be standard input."""
    found = only(bt("compare", "-", base, "--json", stdin=Path(base).read_bytes()).check())
    assert found["base"] == "standard input" and found["cases"]["matched"] == 3


def test_a_key_of_ones_own(bt_here: Bt) -> None:
    """A field that Braintrust does not know lies in extra."""
    for name in ("one", "two"):
        Path(f"{name}.jsonl").write_text(json.dumps({"id": name, "my_case": 7}))
    assert (
        only(bt_here("compare", "one.jsonl", "two.jsonl", "--by", "extra.my_case", "--json").check())["cases"][
            "matched"
        ]
        == 1
    )


@pytest.mark.parametrize("by", ["id", "metadata.case", "input"])
def test_keys(by: str, bt_here: Bt) -> None:
    """Cases are matched by what --by says."""
    for name in ("one", "two"):
        record = {"id": "x", "metadata": {"case": 1}, "input": "q", "scores": {"s": 1}}
        record |= {key: name for key in ("id", "input") if key != by} | ({} if "." in by else {"metadata": {}})
        Path(f"{name}.jsonl").write_text(json.dumps(record))
    assert only(bt_here("compare", "one.jsonl", "two.jsonl", "--by", by, "--json").check())["cases"]["matched"] == 1
    for other in {"id", "metadata.case", "input"} - {by}:
        assert (
            only(bt_here("compare", "one.jsonl", "two.jsonl", "--by", other, "--json").check())["cases"]["matched"] == 0
        )


@pytest.mark.parametrize(("only_these", "cases"), [
    ("regressions", ["a"]),
    ("changed", ["a", "b"]),
])  # fmt: skip
def test_only(only_these: str, cases: list[str], base: str, later: str, bt_here: Bt) -> None:
    """--only tells the cases that moved so, one row for each measure."""
    lines = bt_here("compare", base, later, "--only", only_these).check().out.splitlines()
    assert [line.split("\t")[1] for line in lines[1:]] == cases


def test_per_case(base: str, later: str, bt_here: Bt) -> None:
    """--per-case tells all cases, with the traces behind them."""
    cases = only(bt_here("compare", base, later, "--per-case", "--json").check())["per_case"]["items"]
    assert [(one["case"], one["in"], one["measures"][0]["difference"]) for one in cases] == [
        ("a", "both", -0.4),
        ("b", "both", 0.1),
        ("c", "both", 0),
        ("d", "other", None),
    ]
    assert [(len(one["base_traces"]), len(one["other_traces"])) for one in cases] == [(1, 1)] * 3 + [(0, 1)]


def test_cases_of_one_side_are_named(base: str, bt_here: Bt) -> None:
    """In a pipe a case that one side has says which, with its id, also where nothing was measured."""
    Path("other.jsonl").write_text('{"id":"new-trace","input":"new"}\n{"input":"a","scores":{"good":1}}\n')
    lines = bt_here("compare", base, "other.jsonl", "--per-case").check().out.splitlines()
    columns, *rows = (line.split("\t") for line in lines)
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [(one["case"], one["in"], one["measure"], one["base"], one["other"]) for one in found] == [
        ("a", "both", "good", "1", "1"),
        ("b", "base", "good", "0.5", ""),
        ("c", "base", "good", "0", ""),
        ("new", "other", "", "", ""),
    ]
    assert found[-1]["other_traces"] == "new-trace" and found[1]["base_traces"] and not found[1]["other_traces"]


def test_cases_of_one_side_are_listed(base: str, bt_here: Bt) -> None:
    """For people they have a list of their own, with the end of their trace's id."""
    Path("other.jsonl").write_text('{"id":"some-new-trace","input":"new"}\n{"input":"a"}\n')
    text = bt_here("compare", base, "other.jsonl", "--per-case", "--markdown").check().out
    assert "2 cases only in base" in text and "1 case only in other" in text and "ew-trace" in text


def test_several_others(base: str, later: str, bt_here: Bt) -> None:
    """Each OTHER is compared with BASE: one table in a pipe, a section each in Markdown."""
    lines = bt_here("compare", base, later, base, "--per-case").check().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["run", *[later] * 4, *[base] * 3]
    text = bt_here("compare", base, later, base, "--markdown").check().out
    assert [line for line in text.splitlines() if line.startswith("###")] == [
        f"### {base} → {one}" for one in (later, base)
    ]


def test_nothing_moved(base: str, bt_here: Bt) -> None:
    """--only says where there is no such case; cases are folded away in Markdown."""
    assert "No case moved so." in shown("compare", base, base, "--only", "regressions", "--no-color", talk=True)
    assert (
        "<summary>0 cases</summary>"
        in bt_here("compare", base, base, "--only", "regressions", "--markdown").check().out
    )


def test_coverage_is_data(base: str, later: str, bt_here: Bt) -> None:
    """In a pipe the table begins with how many cases there are on each side, matched and not."""
    columns, cases, *_ = (line.split("\t") for line in bt_here("compare", base, later).check().out.splitlines())
    found = dict(zip(columns, cases, strict=True))
    assert (found["measure"], found["kind"], found["base"], found["other"]) == ("cases", "coverage", "3", "4")
    assert (found["n"], found["only_base"], found["only_other"]) == ("3", "0", "1")


@pytest.mark.parametrize(("gate", "code"), [
    ([], 0),
    (["--fail-on-regression"], 4),
    (["--fail-on-regression", "good"], 4),
    (["--fail-on-regression=good=0.1"], 0),
    (["--fail-on-regression", "good=1", "--fail-on-regression", "-q"], 0),
    (["--fail-on-regression", "--fail-on-regression", "good=0.2"], 0),
    (["--fail-on-regression", "good", "--fail-on-regression", "other"], 3),
])  # fmt: skip
def test_gate(gate: list[str], code: int, base: str, later: str, bt_here: Bt) -> None:
    """A mean that falls by more than is allowed exits 4; a score that nobody has is no verdict: 3."""
    result = bt_here("compare", base, later, *gate).check(code)
    assert ("can't be judged" in result.err) == (code == 3)
    assert code != 4 or "good is worse by 0.1, and 0 is allowed" in result.err


def test_the_object_has_the_gates(base: str, later: str, bt_here: Bt) -> None:
    """What each gate says is in the object, and so is the exit code."""
    result = bt_here("compare", base, later, "--json", "--fail-on-regression").check(4)
    assert (result.json["ok"], result.json["exit_code"], result.err) == (False, 4, "")
    assert only(result)["gates"] == [
        {
            "measure": "good",
            "state": "failed",
            "worse_by": 0.1,
            "allowed": 0,
            "missing": 0,
            "of": 3,
            "missing_are": "values",
        }
    ]


@pytest.mark.parametrize(("gate", "code"), [
    ([], 0),
    (["--fail-on-regression=good=1"], 3),
    (["--fail-on-regression"], 3),
    (["--fail-on-regression=good=1", "--max-missing", "1"], 3),
    (["--fail-on-regression=good=1", "--max-missing", "2"], 0),
    (["--fail-on-regression=good=1", "--max-missing", "66%"], 3),
    (["--fail-on-regression=good=1", "--max-missing", "67%"], 0),
    (["--fail-on-regression", "--max-missing", "67%"], 4),
])  # fmt: skip
def test_missing_cases_are_no_verdict(gate: list[str], code: int, base: str, bt_here: Bt) -> None:
    """OTHER lacks two of three cases: 3 beyond what --max-missing allows, within it the verdict counts."""
    result = bt_here("compare", base, run("other.jsonl", {"a": 0.9}), *gate).check(code)
    assert ("other lacks 2 of 3 cases of base" in result.err) == (code == 3)


def test_missing_scores_are_no_verdict(base: str, bt_here: Bt) -> None:
    """Every case is there, but one lost its score."""
    Path("other.jsonl").write_text(Path(base).read_text().replace('{"good": 0.0}', "{}"))
    told = bt_here("compare", base, "other.jsonl", "--fail-on-regression").check(3).err
    assert "other lacks good of 1 of 3 cases of base" in told and "--max-missing" in told
    bt_here("compare", base, "other.jsonl", "--fail-on-regression", "--max-missing", "1").check()


@pytest.mark.parametrize("gate", [["--fail-on-regression"], ["--fail-on-regression="]])
def test_a_file_behind_the_gate_is_a_side(gate: list[str], base: str, later: str, bt_here: Bt) -> None:
    """A file that exists is no NAME of a score."""
    assert "good is worse" in bt_here("compare", *gate, base, later).check(4).err


def test_slower_fails(bt_here: Bt) -> None:
    """A gate on latency fails where it rises."""
    fast, slow = (run(f"{end}.jsonl", {"a": 1}, metrics={"start": 1, "end": end}) for end in (2, 3))
    assert "latency is worse by 1.00 s, and 500 ms is allowed" in (
        bt_here("compare", fast, slow, "--fail-on-regression", "latency=50%").check(4).err
    )


@pytest.mark.parametrize(("gate", "code"), [([], 0), (["--fail-on-regression"], 3)])
def test_nothing_in_common(gate: list[str], code: int, base: str, bt_here: Bt) -> None:
    """Sides without a common case are a warning, and no verdict for a gate."""
    result = bt_here("compare", base, run("other.jsonl", {"z": 1}), *gate).check(code)
    assert "No case matches by input" in result.err


def test_empty_files(bt_here: Bt) -> None:
    """Two empty files have nothing in common, which is no mistake."""
    Path("empty.jsonl").touch()
    assert "No case matches" in bt_here("compare", "empty.jsonl", "empty.jsonl").check().err


def test_incomplete_before_no(base: str, later: str, bt_here: Bt) -> None:
    """A file with a rejected record is incomplete: exit 3, whatever the gate says."""
    with Path(later).open("a") as file:
        file.write('{"id":\n')
    bt_here("compare", base, later, "--fail-on-regression").check(3)


def test_traces_without_a_key_are_told(base: str, bt_here: Bt) -> None:
    """Traces without input are counted, on the screen too."""
    Path("keyless.jsonl").write_text('{"name":"x"}\n')
    text = bt_here("compare", base, "keyless.jsonl", "--markdown").check().out
    assert "1 trace of other without input" in text and "3 only in base" in text


def test_trials_are_told(base: str, bt_here: Bt) -> None:
    """Several traces of a case are told, and which measure is over how many cases."""
    again = Path("again.jsonl")
    again.write_text(Path(base).read_text() + '{"input":"a","scores":{"good":0}}\n')
    text = bt_here("compare", base, again, "--markdown").check().out
    assert "1 of them with several trials (means)" in text


def test_a_limit_is_told(base: str, later: str, bt_here: Bt) -> None:
    """--limit takes the first traces of each side, and says that there are more."""
    result = bt_here("compare", base, later, "--limit", "1", "--json")
    assert only(result.check())["traces"]["base"] == 1
    told = bt_here("compare", base, later, "--limit", "3").check().err
    assert "later.jsonl: Cut at --limit 3" in told and "base.jsonl: Cut" not in told


def test_what_has_no_time_is_told(base: str, bt_here: Bt) -> None:
    """A filter by time says for each side what it could not match."""
    assert (
        bt_here("compare", base, base, "--since", "2020-01-01").check().err.count("3 traces without a time left out")
        == 2
    )


@pytest.mark.parametrize(("arguments", "told"), [
    (["-", "-"], "read once"),
    (["base.jsonl"], "OTHER"),
    (["base.jsonl", "base.jsonl", "--by", "a..b"], "not a path"),
    (["base.jsonl", "base.jsonl", "--fail-on-regression", "good=x"], "NAME=DELTA"),
    (["--fail-on-regression", "main", "base.jsonl"], "OTHER… is missing: 'main' was taken as the NAME"),
    (["--fail-on-regression", "main"], "BASE is missing"),
    (["base.jsonl", "base.jsonl", "--max-missing", "3"], "add --fail-on-regression"),
    (["base.jsonl", "base.jsonl", "--fail-on-regression", "--max-missing", "x"], "not a number of cases"),
    (["base.jsonl", "base.jsonl", "--markdown", "--json"], "two forms"),
    (["base.jsonl", "base.jsonl", "--by", "imput"], "did you mean 'input'?"),
    (["base.jsonl", "base.jsonl", "--by", "tokens"], "is no field that a span has a value of"),
    (["base.jsonl", "nothing", "--store", "none.db"], "no store"),
])  # fmt: skip
def test_mistakes(arguments: list[str], told: str, base: str, bt_here: Bt) -> None:
    """Each exits 2 and says what is wrong; nothing is printed as data."""
    result = bt_here("compare", *arguments).check(2)
    assert told in result.err and result.out == ""


def test_many_traces_are_reduced_by_several_processes(bt: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is worth a second process has the cases and values of the file it came from."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    file = generated(1000, Path("many.jsonl"))
    bt("import", file, "-p", "many", "-q").check()
    found = only(bt("compare", file, "many", "--json", "--only", "changed").check())
    assert (found["cases"]["only_base"], found["cases"]["only_other"], found["per_case"]["items"]) == (0, 0, [])
    assert {one["difference"] for one in found["measures"]} == {0} and found["cases"]["matched"] > 900
