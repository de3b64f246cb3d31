"""Long values where there is little room."""

from __future__ import annotations

from typing import Any

from bt_cli.render.budget import drawn_within
from bt_cli.render.look import cells
from bt_cli.render.span import span_text
from bt_cli.spans.facts import facts_of
from bt_cli.spans.row import Row
from seeing import look, span


def shown(one: Row, **options: Any) -> list[str]:
    """The lines of a span."""
    return span_text(one, facts_of(one), look(**options)).splitlines()


def test_a_long_line_is_cut_to_its_rows() -> None:
    """What is left counts what is not shown, and says how to see it."""
    lines = shown(span("a", output="x" * 1_000_000), width=80, rows=20)
    assert lines[lines.index("output") + 1 :][:2] == [
        "  " + "x" * 20 * 78,
        "  … 998,440 characters cut; --full shows all",
    ]


def test_many_lines_are_cut_to_their_rows() -> None:
    """Lines count, and longer ones count as often as they wrap."""
    lines = shown(span("a", output="\n".join(["x" * 100, *map(str, range(1000))])), width=80, rows=5)
    begin = lines.index("output") + 1
    assert lines[begin + 1 : begin + 5] == ["  0", "  1", "  2", "  … 997 lines cut; --full shows all"]


def test_a_cut_line_before_others_counts_characters() -> None:
    """Where much of a line is missing, the number of lines alone would say little."""
    lines = shown(span("a", output="x" * 1000 + "\nend"), width=80, rows=5)
    assert lines[lines.index("output") + 2] == "  … 613 characters on 2 lines cut; --full shows all"


def test_what_fits_is_whole() -> None:
    """A value of just as many rows has no mark."""
    assert "… " not in "".join(shown(span("a", output="\n".join("abcde")), width=80, rows=5))


def test_json_and_messages_are_cut() -> None:
    """Every value that is read: JSON, what somebody says, arguments, results."""
    call = {"type": "tool_use", "name": "f" * 5000, "input": {"q": "w" * 50_000}}
    said = [{"role": "user", "content": [{"type": "text", "text": "y" * 50_000}, call]}] * 3
    one = span("a", input=said, metadata={"k": list(range(5000))}, error="e" * 50_000, scores={"s" * 5000: 1})
    text = "\n".join(shown(one, width=80, rows=5))
    assert len(text) < 10_000 and text.count("--full shows all") >= 6


def test_many_messages_are_cut_to_a_screenful_of_values() -> None:
    """A field of many short values ends too."""
    said = [{"role": "user", "content": f"m{n}"} for n in range(1000)]
    lines = shown(span("a", input=said), width=80, rows=5)
    assert lines[-1].strip() != "" and "  … 1,950 lines cut; --full shows all" in lines


def test_wide_characters_count_twice() -> None:
    """The rows of a terminal are filled by columns, not by characters."""
    lines = shown(span("a", output="猫" * 1000), width=80, rows=2)
    assert cells(lines[lines.index("output") + 1]) == 2 + 2 * 78


def test_a_budget_does_not_name_another_option() -> None:
    """What --max-chars cut is not to be had with --full."""
    one = span("a", output="x" * 9000)
    text = drawn_within(lambda how: span_text(one, facts_of(one), how), 500, look())
    assert " characters cut\n" in text and "--full" not in text


def test_a_budget_cuts_between_lines() -> None:
    """No line is broken where there are whole ones, no word in one long line."""
    words = " ".join(f"word{n}" for n in range(900))
    fields = {f"f{n}": {"k": "v" * 9} for n in range(40)}
    one = span("a", input=words, metadata=fields, extra=fields)
    whole = {line.strip() for line in span_text(one, facts_of(one), look(rows=1, remedy="")).splitlines()}
    text = drawn_within(lambda how: span_text(one, facts_of(one), how), 700, look())
    cut = [line for line in text.splitlines() if line.strip() not in whole]
    assert len(text) <= 700 and len(cut) == 1 and cut[0].startswith("… ")
    line = drawn_within(lambda how: words, 100, look()).splitlines()[0]
    assert set(line.split()) <= set(words.split()) and len(line) > 50


def test_a_word_longer_than_the_budget_is_cut() -> None:
    """Where there is no blank to cut at, the budget is kept all the same."""
    assert len(drawn_within(lambda how: "w" * 5000, 100, look())) <= 100


def test_a_budget_of_characters_is_kept() -> None:
    """All fields have their part of it, as long as there is room; then the middle goes."""
    one = span("a", input="i" * 9000, output="o" * 9000, metadata={"k": list(range(900))})
    for most in (200, 500, 2000, 9000):
        text = drawn_within(lambda how: span_text(one, facts_of(one), how), most, look())
        assert len(text) <= most and "cut" in text, most
    assert "iii" in text and "ooo" in text and '"k"' in text
    whole = span_text(one, facts_of(one), look())
    assert drawn_within(lambda how: span_text(one, facts_of(one), how), 10**6, look()) == whole
