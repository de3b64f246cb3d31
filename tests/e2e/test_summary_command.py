"""`bt summary` as a user runs it: what it reads, what it says, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running import SAMPLES, Result
from traces import generated

Bt = Callable[..., Result]
SUPPORT = SAMPLES / "support.jsonl"


def write(name: str, *records: Any) -> str:
    """A file of records, one a line."""
    Path(name).write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return name


def facts(result: Result) -> dict[str, Any]:
    """The object without what says where it was read."""
    return {name: value for name, value in result.check().json.items() if name != "source"}


def test_a_file_a_pipe_and_a_store_agree(bt: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same traces have the same numbers wherever they are."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    bt("import", SUPPORT, "-p", "support").check()
    stored = facts(bt("summary", "support", "--json"))
    assert facts(bt("summary", SUPPORT, "--json")) == stored
    assert facts(bt("summary", "-", "--json", stdin=SUPPORT.read_bytes())) == stored
    assert facts(bt("summary", "-p", "support", "--json")) == stored


def test_the_sample(bt_here: Bt) -> None:
    """The sample has 5 traces of 24 spans, 3,807 tokens, and one score that a trace lacks."""
    found = bt_here("summary", SUPPORT, "--json").check().json
    assert (found["schema"], found["ok"], found["exit_code"]) == ("bt/summary/1", True, 0)
    assert (found["traces"], found["spans"], found["tokens"]["total"]) == (5, 24, 3807)
    assert found["scores"]["helpful"] == {"mean": 0.775, "min": 0.4, "median": 0.85, "max": 1, "n": 4, "missing": 1}


def test_groups(bt_here: Bt) -> None:
    """--group-by adds a group for each value, null for what has none."""
    found = bt_here("summary", SUPPORT, "--json", "--scope", "spans", "--group-by", "metadata.model").check().json
    assert [(one["value"], one["spans"], one["tokens"]["total"]) for one in found["groups"]["items"]] == [
        (None, 18, None),
        ("gpt-4o-mini", 4, 2983),
        ("gpt-4o", 2, 824),
    ]


def test_no_root_has_it(bt_here: Bt) -> None:
    """A path that no root has gives one group, and a hint that spans may have it."""
    result = bt_here("summary", SUPPORT, "--group-by", "metadata.model").check()
    assert result.out.splitlines()[1].startswith("(none)\t5\t") and "--scope spans" in result.err


@pytest.mark.parametrize(("options", "traces", "spans"), [
    (["--error"], 1, 5),
    (["--type", "llm", "--scope", "spans"], 5, 6),
    (["--since", "2026-01-05T12:00:00"], 2, 7),
    (["--name", "nothing"], 0, 0),
])  # fmt: skip
def test_filters(options: list[str], traces: int, spans: int, bt_here: Bt) -> None:
    """The filters of every command choose what is summed up."""
    found = bt_here("summary", SUPPORT, "--json", *options).check().json
    assert (found["traces"], found["spans"]) == (traces, spans)


def test_a_limit_is_told(bt_here: Bt) -> None:
    """A cut is said."""
    result = bt_here("summary", SUPPORT, "--limit", "2").check()
    assert "traces\t2\n" in result.out and "Cut at --limit 2" in result.err


def test_what_has_no_time_is_told(bt_here: Bt) -> None:
    """A filter by time says what it could not match."""
    result = bt_here("summary", write("a.jsonl", {"name": "x"}), "--since", "2020-01-01").check()
    assert "1 trace without a time left out" in result.err and "No traces." in result.err


def test_a_disagreement_of_tokens(bt_here: Bt) -> None:
    """A parent whose own sum is not what its calls used is told; the calls count."""
    call = {"type": "llm", "metrics": {"tokens": 30}}
    file = write("a.jsonl", {"metrics": {"tokens": 50}, "children": [call, call]}, {"children": [call]})
    assert "1 trace: parents' own sums say 50 tokens, their calls used 60 (apart by 10" in bt_here("summary", file).err
    found = bt_here("summary", file, "--json").check().json
    assert found["tokens"]["total"] == 90
    assert found["token_disagreement"] == {"traces": 1, "claimed": 50, "used": 60, "difference": 10}


def test_many_traces_are_reduced_by_several_processes(bt: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is worth a second process gives the numbers that one process gives."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    file = generated(1000, Path("many.jsonl"))
    bt("import", file, "-p", "many", "-q").check()
    assert facts(bt("summary", "many", "--json")) == facts(bt("summary", file, "--json"))


def test_order_does_not_matter(bt_here: Bt) -> None:
    """The lines of a file in another order have the same summary."""
    lines = SUPPORT.read_text("utf-8").splitlines(keepends=True)
    assert facts(bt_here("summary", "-", "--json", stdin="".join(reversed(lines)))) == facts(
        bt_here("summary", SUPPORT, "--json")
    )


def test_rejected_records(bt: Bt) -> None:
    """What can't be read is told, and the rest is summed up: exit 3."""
    result = bt("summary", "-", stdin='{"id":"a"}\n{"id":\n{"id":"c"}\n').check(3)
    assert "traces\t2\n" in result.out and "2 of 3 records read" in result.err


def test_an_empty_file(bt_here: Bt) -> None:
    """Nothing to sum up is a warning."""
    result = bt_here("summary", write("empty.jsonl")).check()
    assert "traces\t0\n" in result.out and "the input was empty" in result.err


def test_logs_of_a_project_that_has_experiments_only(bt_here: Bt, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are empty, which is no mistake."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    bt_here("import", SUPPORT, "-p", "support", "--experiment", "one").check()
    assert bt_here("summary", "-p", "support", "--json").check().json["traces"] == 0


@pytest.mark.parametrize(("arguments", "code", "told"), [
    (["missing.jsonl", "--store", "none.db"], 2, "no store"),
    (["./missing.jsonl"], 5, "No such file"),
    ([str(SUPPORT), "--group-by", "a..b"], 2, "not a path"),
    ([str(SUPPORT), "--group-by", "nope"], 2, "for a key of your own: extra.nope"),
    ([str(SUPPORT), "--group-by", "metdata.model"], 2, "did you mean 'metadata'?"),
    ([str(SUPPORT), "--group-by", "id.x"], 2, "is no field"),
    ([str(SUPPORT), "--trace-id", "nothing"], 2, "no trace or span has the id nothing"),
    ([str(SUPPORT), "--trace-id", "019b"], 2, "ambiguous"),
    ([str(SUPPORT), "--markdown", "--json"], 2, "two forms of one answer"),
])  # fmt: skip
def test_mistakes(arguments: list[str], code: int, told: str, bt_here: Bt) -> None:
    """Each has its exit code and says what is wrong; nothing is printed as data."""
    result = bt_here("summary", *arguments).check(code)
    assert told in result.err and result.out == ""


def test_too_many_groups(bt: Bt) -> None:
    """A path with a value of its own for each trace is refused before it fills the memory."""
    records = "".join(f'{{"id":"{number}"}}\n' for number in range(10_001))
    assert "more than 10,000 groups" in bt("summary", "-", "--group-by", "id", stdin=records).check(2).err


def test_hostile_text(bt_here: Bt) -> None:
    """In a pipe, one line stays one line; in Markdown, text is no markup and mentions nobody."""
    odd = "[b](x)|<s>@a\n\x1b[31m\u202e"
    file = write("odd.jsonl", {"name": odd, "scores": {odd: 1}, "metrics": {"start": 1, "end": 2, "tokens": 1e308}})
    result = bt_here("summary", file, "--group-by", "name").check()
    assert len(result.out.splitlines()) == 2
    text = bt_here("summary", file, "--group-by", "name", "--markdown").check().out
    assert text.count(r"\[b\](x)\|\<s\>@" + "\u200ba" + r"\\n\\x1b\[31m\\u202e") == 3 and "\x1b" not in text


def test_numbers_that_no_sum_can_hold(bt_here: Bt) -> None:
    """Numbers beyond 1e300 are no values."""
    file = write("big.jsonl", *({"type": "llm", "id": str(n), "metrics": {"tokens": 1.7e308}} for n in range(3)))
    assert bt_here("summary", file, "--json").check().json["tokens"]["n"] == 0
