"""Reports of a scoring run: text, JSON, Markdown and JUnit say the same."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bt_cli.render import junit
from bt_cli.render.score_json import result_dict, run_dict, scorer_table
from bt_cli.render.score_markdown import run_markdown
from bt_cli.render.score_text import run_text, verdict_text
from bt_cli.render.score_words import check_words, judge_words
from bt_cli.spans.score_gates import Allowance, FailUnder, Gates, MinPass, drop_rule
from bt_cli.spans.score_run import JudgeUse
from results import compared, exact, other, run, scored
from seeing import look

HOSTILE = "]]> </testcase> & \"'<b> \x00\x1b[31m \ud800 \ufffe `|` $x$ @all"
FAILED = Gates(fail_under=(FailUnder("exact", 0.9),))
MIXED = (scored(1), scored(0.2), other("skipped", "missing expected"), other("error", "timeout"), other("not_run"))


def parsed(*parts: str) -> ElementTree.Element:
    return ElementTree.fromstring("".join((junit.head(), *parts, junit.tail())).encode())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_mean_never_stands_without_its_counts(width: int) -> None:
    """All four states are told, however narrow the terminal is."""
    text = run_text(run(*MIXED), look(width=width))
    line = next(line for line in text.splitlines() if line.startswith("│ exact"))
    numbers = re.findall(r"[\d.]+", line)
    assert [numbers[0], *numbers[-4:]] == ["0.600", "2", "1", "1", "1"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Reasons and ids wrap."""
    results = [scored(0.1, span_id="s" * 40) for _ in range(9)] + [other("error", "a long reason " * 9)]
    assert max(map(len, run_text(run(*results), look(width=width)).splitlines())) <= width


def test_ascii_means_ascii() -> None:
    """Also marks and punctuation."""
    found = run(*MIXED, gates=FAILED, comparison=compared([1, 0], [0, 1]))
    assert run_text(found, look(width=80, ascii=True)).isascii()


def test_text_that_could_move_the_cursor_is_spelled_out() -> None:
    """Names, sources and reasons come from data."""
    found = run(other("error", HOSTILE, "\x1b[2Jname"), names=(), source="\x1b]0;title\x07")
    text = run_text(found, look(width=80))
    assert not [sign for sign in text if ord(sign) < 32 and sign != "\n"]


def test_the_lowest_are_told_by_the_end_of_their_ids() -> None:
    """Eight characters, which `bt view` takes."""
    assert "lowest: 0.200 45678901" in run_text(run(scored(0.2, span_id="012345678901")), look(width=80))


def test_perfect_scores_are_no_low_ones() -> None:
    """Nothing is wrong with them."""
    assert "lowest" not in run_text(run(scored(1)), look(width=80))
    assert "<details>" not in run_markdown(run(scored(1)), look())


def test_a_score_that_shows_as_one_is_no_low_one() -> None:
    """0.99999 is written as 1.000, which is nothing to look at."""
    assert "lowest" not in run_text(run(scored(0.99999)), look(width=80))
    assert "<details>" not in run_markdown(run(scored(0.99999)), look())


def test_a_part_of_a_report_says_that_it_is_one() -> None:
    """After a signal nobody knows what was left."""
    found = run(scored(1), unread=True, stopped="interrupted", whole=False)
    assert "the rest was not read" in run_text(found, look(width=80))
    assert "the rest was not read" in run_markdown(found, look())


def test_a_gate_without_a_value_names_none() -> None:
    """And what is not worse has no minus before its zero."""
    (check,) = run(gates=FAILED).verdict.checks
    assert check_words(check) == "exact: no verdict: no case was scored"
    gates = Gates(max_drop=(drop_rule("exact=0.1"),))
    (check,) = run(scored(0.5), gates=gates, comparison=compared([0.5], [0.5])).verdict.checks
    assert check_words(check) == "exact: no worse than the baseline, and 0.100 is allowed"


def test_every_gate_has_its_line() -> None:
    """What was found and what was asked, and why there is no verdict."""
    gates = Gates(
        (FailUnder("exact", 0.9),), (MinPass("exact", 0.5, 90),), (drop_rule("exact=0.1"),), max_errors=Allowance(1)
    )
    found = run(scored(0.6), scored(0.2), gates=gates, comparison=compared([1, 1], [0.6, 0.2]))
    assert [check_words(check) for check in found.verdict.checks] == [
        "exact: mean 0.400, at least 0.900 is asked",
        "exact: 50 % have 0.5 or more, at least 90 % is asked",
        "exact: worse than the baseline by 0.600, and 0.100 is allowed",
    ]
    assert verdict_text(found, look()).startswith("gates: failed\n  ✗ exact: mean")


def test_close_numbers_have_digits_that_tell_them_apart() -> None:
    """A mean of 0.89996 does not fail with the words that 0.900 is below 0.900."""
    (check,) = run(scored(0.89996), gates=FAILED).verdict.checks
    assert check_words(check) == "exact: mean 0.89996, at least 0.90000 is asked"


def test_limits_and_lacks_are_told() -> None:
    """Errors, cases that were not run, and gates that have no verdict for it."""
    found = run(*MIXED, gates=Gates(fail_under=(FailUnder("exact", 0.9),), max_skipped=Allowance(0)))
    assert [check_words(check) for check in found.verdict.checks] == [
        "exact: mean 0.600, at least 0.900 is asked – no verdict: not every case was run",
        "exact: 1 not run",
        "exact: 1 error, 0 allowed",
        "exact: 1 skipped, 0 allowed",
    ]


def test_a_failure_that_is_only_reported_says_so() -> None:
    """The word is failed, whatever the exit code is."""
    found = run(scored(0), gates=Gates(fail_under=(FailUnder("exact", 0.9),), report_only=True))
    assert "gates: failed (report only)" in verdict_text(found, look())


def test_the_json_object_has_the_facts() -> None:
    """The shape of cli.md: schema, ok, exit_code, and a scorer an item."""
    use = JudgeUse(5, 2, 1, 100, 20, 0.5, 1)
    found = run_dict(run(*MIXED, gates=FAILED, judge=use, partial=True), 3, {"file": "x"})
    assert (found["schema"], found["ok"], found["exit_code"], found["verdict"]) == (
        "bt/score/1",
        False,
        3,
        "incomplete",
    )
    assert found["source"] == {"file": "x"} and found["partial"] and found["judge"]["retries"] == 1
    (one,) = found["scorers"]
    assert [one[key] for key in ("mean", "scored", "skipped", "errors", "not_run")] == [0.6, 2, 1, 1, 1]
    assert found["gates"][0] == {
        "gate": "fail_under",
        "name": "exact",
        "state": "unknown",
        "value": 0.6,
        "wanted": 0.9,
        "threshold": None,
        "lack": "not_run",
        "message": "exact: mean 0.600, at least 0.900 is asked – no verdict: not every case was run",
    }


def test_the_baseline_is_in_the_json_object() -> None:
    """As `bt compare` tells it."""
    found = run_dict(run(scored(1), comparison=compared([0.5], [1])), 0, {})
    assert found["baseline"]["measures"][0]["difference"] == 0.5


def test_nothing_scored_is_null_and_empty() -> None:
    """In JSON and in a pipe; never zero."""
    found = run(other("error"))
    assert run_dict(found, 3, {})["scorers"][0]["mean"] is None
    assert scorer_table(found, str)[1] == [["exact", "", "", "", "", "", 0, 0, 1, 0, 0]]


def test_a_line_of_results() -> None:
    """One object a result, with what the scorer said."""
    assert result_dict(scored(0.5, metadata={"choice": "A"}, values=[0, 1.0], reused=True), "t") == {
        "trace_id": "t",
        "span_id": "s",
        "name": "exact",
        "state": "scored",
        "score": 0.5,
        "reason": None,
        "values": [0, 1.0],
        "reused": True,
        "metadata": {"choice": "A"},
    }


def test_markdown_begins_with_the_verdict() -> None:
    """Then one table, and the lowest folded away."""
    text = run_markdown(run(scored(0.2), gates=FAILED, comparison=compared([1], [0.2])), look())
    head, gate, table = text.index("### ❌ Scores of p: failed"), text.index("- ❌ exact"), text.index("| score |")
    assert head == 0 and head < gate < table < text.index("<details><summary>Lowest scores")
    assert "against the baseline" in text and "-0.800" in text


def test_markdown_shows_markup_and_does_not_obey_it() -> None:
    """Names and reasons come from data."""
    text = run_markdown(run(other("error", "<img src=x> | [a](b) @all", "a|b <i>"), names=(), stopped="<u>"), look())
    assert not re.search(r"(?<!\\)<(img|i|u)\b", text) and "[a]" not in text and "@all" not in text
    assert {line.replace(r"\|", "").count("|") for line in text.splitlines() if "a\\|b" in line} == {0, 5, 10}


def test_a_run_that_stopped_says_why() -> None:
    """In Markdown, which stands alone; beside the text, the error says it."""
    found = run(scored(1), other("not_run"), stopped="no money left", whole=False)
    assert "**Stopped: no money left**" in run_markdown(found, look())


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (JudgeUse(1, 0, 0, 10, 2, 0.25, 0), "1 call · 0 from the cache · 0 retries · 10 + 2 tokens · $0.25"),
        (JudgeUse(2, 3, 1, 10, 2, 0.0, 2), "2 calls · 3 from the cache · 1 retry · 10 + 2 tokens · cost unknown"),
        (
            JudgeUse(2, 0, 0, 9, 1, 0.5, 1),
            "2 calls · 0 from the cache · 0 retries · 9 + 1 tokens · $0.50 · 1 call of unknown cost",
        ),
    ],
)
def test_an_unknown_price_is_no_price_of_zero(use: JudgeUse, words: str) -> None:
    """What a judge was asked, and what it cost as far as that is known."""
    assert judge_words(use, " · ").replace("$0.250", "$0.25").replace("$0.500", "$0.50") == words


def test_junit_has_a_suite_a_scorer_and_a_case_a_trace() -> None:
    """With the four states, and a failure for a score below the threshold of a case."""
    cases = [junit.case(one, f"t{place}", 0.5) for place, one in enumerate(MIXED)]
    suite = parsed(junit.suite_head(exact(*MIXED), 1), *cases, junit.suite_tail())[0]
    assert suite.attrib == {"name": "exact", "tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    inner = [[child.tag for child in case if child.tag != "properties"] for case in suite]
    assert inner == [[], ["failure"], ["skipped"], ["error"], ["skipped"]]
    assert suite[1][1].get("message") == "0.2 is below 0.5" and suite[4][0].get("message") == "not run"


def test_without_a_threshold_a_low_score_is_no_failure() -> None:
    """And neither is one at the threshold."""
    assert "failure" not in junit.case(scored(0), "t", None) + junit.case(scored(0.3 - 1e-12), "t", 0.3)


def test_gates_are_a_suite_of_their_own() -> None:
    """A mean that is too low is no single case's fault; a gate without a verdict is an error."""
    failed = parsed(junit.gates_suite(run(scored(0.1), gates=FAILED).verdict.checks))[0]
    unknown = parsed(junit.gates_suite(run(*MIXED, gates=FAILED).verdict.checks))[0]
    passed = parsed(junit.gates_suite(run(scored(1), gates=FAILED).verdict.checks))[0]
    assert [failed[0][0].tag, unknown[0][0].tag, len(passed[0])] == ["failure", "error", 0]
    assert junit.gates_suite([]) == ""


@pytest.mark.parametrize("state", ["error", "skipped", "not_run"])
def test_hostile_text_is_valid_xml(state: str) -> None:
    """Markup, control bytes and lone surrogates come back as text that a parser takes."""
    result = other(state, HOSTILE, HOSTILE, span_id=HOSTILE)
    suite = parsed(junit.suite_head(exact(), 0), junit.case(result, HOSTILE, None), junit.suite_tail())[0]
    assert suite[0].get("classname", "").startswith("]]> </testcase> & \"'<b> \\x00\\x1b[31m \\ud800 \\ufffe")


def test_a_span_below_the_root_is_named_too() -> None:
    """With --on llm, several cases are of one trace."""
    assert 'name="t s"' in junit.case(scored(1), "t", None)
    assert 'name="t"' in junit.case(scored(1, span_id="t"), "t", None)


def test_the_text_tells_of_the_baseline_and_the_judge() -> None:
    """The difference with its interval, what it is against, and what was asked."""
    use = JudgeUse(5, 2, 1, 1000, 20, 0.0, 5)
    found = run(scored(1), comparison=compared([0.5, 0.5], [1, 0.5]), judge=use, partial=True)
    text = run_text(found, look(width=100))
    assert "  exact  +0.250 [" in text and "against 0.500: 1 better, 0 worse of 2" in text
    assert "judge: 5 calls · 2 from the cache · 1 retry · 1,000 + 20 tokens · cost unknown" in text
    assert "a part of the traces" in text and "Judge: 5 calls" in run_markdown(found, look())


def test_a_baseline_without_pairs_says_so() -> None:
    """There is nothing to compare."""
    assert "no case has a score in the baseline" in run_text(
        run(scored(1), comparison=compared([], [1])), look(width=90)
    )
