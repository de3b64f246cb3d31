"""The tree as text."""

from __future__ import annotations

import pytest

from bt_cli.render.look import cells
from seeing import drawn, span, tree_lines


def names(lines: list[str]) -> list[str]:
    """What stands before the first gap of each line."""
    return [line.split("  ")[0] if not line.startswith((" ", "│", "|")) else line.rstrip() for line in lines]


def test_guides_lead_to_each_span() -> None:
    """A child hangs on its parent, the last one on a corner."""
    lines = tree_lines(span("a"), span("b", "a"), span("c", "b"), span("d", "a"))
    assert lines == ["a", "├─ b", "│  └─ c", "└─ d"]


def test_ascii() -> None:
    """With --ascii nothing else is drawn."""
    lines = tree_lines(span("a", error="x", at=(0, 1)), span("b", "a"), span("c", "b"), span("d", "a"), ascii=True)
    assert "".join(lines).isascii() and lines[2].startswith("|- b") and lines[4].startswith("`- d")


def test_siblings_come_by_start() -> None:
    """Rows that arrived in another order are shown as they ran."""
    lines = tree_lines(span("a"), span("late", "a", at=(2, 3)), span("early", "a", at=(1, 2)))
    assert [line.split()[1] for line in lines[1:]] == ["early", "late"]


def test_siblings_without_times_stay_as_they_came() -> None:
    """Where one has no start, the order is that of the input."""
    lines = tree_lines(span("a"), span("z", "a", at=(2, 3)), span("b", "a"))
    assert [line.split()[1] for line in lines[1:]] == ["z", "b"]


def test_a_line_has_all_facts() -> None:
    """Name, type, bar, duration, tokens, model, scores and cost."""
    facts = {"metrics": {"tokens": 1200, "estimated_cost": 0.5}, "metadata": {"model": "m-1"}, "scores": {"good": 1}}
    (line,) = tree_lines(span("call", type="llm", at=(0, 2), **facts))
    assert line == f"call [llm]  {'█' * 24}    2.00 s  1,200  m-1 · good 1 · $0.50"


def test_heading() -> None:
    """Name and numbers of the whole trace, its id below."""
    head = drawn(span("a", error="x", at=(1767603731, 1767603732)), span("b", "a")).splitlines()[:2]
    assert head == ["a · 1.00 s · 2 spans · 1 error", "id a"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("first\nsecond", "first"),
        ("Traceback (most recent call last):\n  File x\nValueError: bad\n", "ValueError: bad"),
        ({"message": "no quota", "code": 429}, "no quota"),
        ({"code": 429}, '{"code":429}'),
        ("", "error"),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_an_error_stands_below_its_span(error: object, told: str) -> None:
    """The mark on the line, one line of the message below."""
    lines = tree_lines(span("a", error=error), span("b", "a"))
    assert lines[0].endswith("✗") and lines[1] == f"│  ✗ {told}"


def test_fragments_say_why() -> None:
    """Orphans and cycles are marked, and keep what is below them."""
    lines = tree_lines(span("a"), span("o", "gone"), span("p", "o"), span("x", "y"), span("y", "x"))
    assert "orphan" in lines[1] and lines[2].startswith("└─ p")
    assert "cycle" in lines[3] and lines[4].startswith("└─ y")


def test_long_runs_are_folded() -> None:
    """Alike siblings beyond --fold become one line with their number and durations."""
    steps = [span(f"s{n}", "a", name="step", at=(0, n)) for n in range(1, 11)]
    lines = tree_lines(span("a"), *steps, span("below", "s9"), span("end", "a", at=(9, 9)), fold=3)
    assert [line.split()[1] for line in lines[1:]] == ["step", "step", "step", "…", "end"]
    assert lines[4] == "├─ … 7 more like this (8 spans), 4.00 s–10.0 s"


@pytest.mark.parametrize("fold", [0, 2])
def test_a_failed_span_is_not_folded(fold: int) -> None:
    """One among many alike has its line, also where what failed is below it."""
    steps = [span(f"s{n}", "a", name="step", error="boom" if n == 50 else None) for n in range(100)]
    lines = [" ".join(line.split()) for line in tree_lines(span("a"), *steps, fold=fold)]
    more = f"├─ … {50 - fold} more like this"
    assert lines[1:] == [*["├─ step"] * fold, more, "├─ step ✗", "│ ✗ boom", "└─ … 49 more like this"]
    below = tree_lines(
        span("a"), *(span(f"s{n}", "a", name="step") for n in range(100)), span("b", "s50", error="boom"), fold=fold
    )
    assert [line.split()[-1] for line in below[fold + 2 : fold + 5]] == ["step", "✗", "boom"]


def test_many_failed_spans_are_folded() -> None:
    """Of many alike that failed some are shown, the others counted with their errors."""
    steps = [span(f"s{n}", "a", name="step", error="boom") for n in range(100)]
    lines = tree_lines(span("a"), *steps, fold=2)
    assert len(lines) == 10 and lines[-1] == "└─ … 96 more like this, 96 errors"


def test_other_types_and_names_break_a_run() -> None:
    """Only neighbours of the same name and type are alike."""
    steps = [span(f"s{n}", "a", name="step", type="llm" if n % 2 else "tool") for n in range(10)]
    assert len(tree_lines(span("a"), *steps, fold=1)) == 11


def test_one_more_is_not_folded() -> None:
    """A line that would say 1 more is that one."""
    steps = [span(f"s{n}", "a", name="step") for n in range(4)]
    assert "more like this" not in drawn(span("a"), *steps, fold=3)


def test_depth() -> None:
    """Below the last level one line says what is there."""
    lines = tree_lines(span("a"), span("b", "a", error="x", at=(0, 2)), span("c", "b"), span("d", "a"), depth=1)
    assert lines[1] == "└─ … 3 spans below, 2.00 s, 1 error"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_width(width: int) -> None:
    """Whatever names and notes there are, with any depth."""
    deep = [span("s0", name="猫" * 90, error="e" * 300, at=(0, 1), scores={"s" * 50: 1}, metadata={"model": "m" * 90})]
    deep += [span(f"s{n}", f"s{n - 1}", name="x" * 99, error="e" * 300, type="llm", at=(0, 1)) for n in range(1, 60)]
    lines = drawn(*deep, span("o", "gone"), width=width).splitlines()
    assert max(cells(line) for line in lines) <= width


def test_nothing_is_cut_in_a_pipe() -> None:
    """Without a width names and errors come whole."""
    text = drawn(span("a", name="n" * 500, error="e" * 500))
    assert text.count("n" * 500) == 2 and "e" * 500 in text


def test_control_characters_are_spelled_out() -> None:
    """Neither names nor errors can move anything."""
    hostile = "\x1b[2J\x00\u202e\n[bold]"
    text = drawn(span("a", name=hostile, error=hostile, metadata={"model": hostile}, scores={hostile: 1}), color=True)
    assert "\x1b[2J" not in text and "\u202e" not in text and r"\x1b[2J\x00\u202e\n[bold]" in text


def test_a_wide_trace_is_quickly_folded() -> None:
    """A hundred thousand siblings are some lines, each counted."""
    steps = [span(f"s{n}", "a", name="step") for n in range(20_000)]
    assert tree_lines(span("a"), *steps, fold=5)[-1] == "└─ … 19,995 more like this"


def test_a_deep_trace_is_drawn() -> None:
    """300 levels: the deepest are marked with their depth on a terminal, and go on at the top after 256."""
    chain = [span("s0"), *(span(f"s{n}", f"s{n - 1}") for n in range(1, 300))]
    lines = tree_lines(*chain, width=80)
    assert len(lines) == 300 and lines[100].startswith("…101 └─ s100") and "goes on from" in lines[256]


def test_a_budget_is_kept() -> None:
    """Never more characters than asked; the error and the slowest span stay, the end says what was cut."""
    steps = [span(f"s{n}", "a", name=f"step-{n}", at=(0, 50 if n == 33 else 1)) for n in range(200)]
    rows = [span("a", at=(0, 60)), *steps, span("bad", "s150", error="broken")]
    for most in (400, 800, 3000):
        text = drawn(*rows, most=most)
        assert len(text) <= most and "✗ broken" in text and "cut" in text, most
    assert "step-33" in drawn(*rows, most=800) and "of 202 spans shown" in drawn(*rows, most=800)


def test_a_budget_counts_folded_spans_apart() -> None:
    """The line of a fold is no span that is shown."""
    steps = [span(f"s{n}", "a", name="step", at=(0, 9)) for n in range(500)]
    others = [span(f"o{n}", "a", name=f"other-{n}", at=(10, 11)) for n in range(20)]
    text = drawn(span("a", at=(0, 20)), *steps, *others, fold=2, most=500)
    lines = [line for line in text.splitlines()[2:-1] if "…" not in line]
    assert text.endswith(f"{len(lines)} of 521 spans shown, 498 folded.\n") and "498 more like this" in text


def test_names_from_the_right_do_not_move_the_bar() -> None:
    """What is written from right to left is isolated from the rest of its line, and takes no more room."""
    line, other = tree_lines(span("a", name="שלום", at=(0, 1)), span("b", "a", name="abc", at=(0, 1)))
    assert line.startswith("\u2068שלום\u2069  ") and "\u2068" not in other
    assert line.index("█") - 2 == other.index("█")


def test_a_budget_that_suffices_changes_nothing() -> None:
    """What fits is shown whole."""
    assert drawn(span("a"), span("b", "a"), most=500) == drawn(span("a"), span("b", "a"))


def test_a_heading_leaves_room_for_spans() -> None:
    """Even a name of a megabyte keeps to a part of the budget; the first span is there."""
    rows = [span("a", name="n" * 1_000_000), *(span(f"s{n}", "a") for n in range(40))]
    text = drawn(*rows, most=200)
    assert len(text) <= 200 and "41 spans" in text
    assert text.count("nnn…\n") == 2 and "of 41 spans shown" in text


@pytest.mark.parametrize("most", [200, 300, 500])
def test_a_budget_always_has_a_span(most: int) -> None:
    """However little room there is, the first span stays, with the line of its error."""
    rows = [span("a", name="n" * 99, error="e" * 99, at=(0, 1), scores={f"s{n}": 1 for n in range(30)})]
    text = drawn(*rows, *(span(f"s{n}", "a", at=(0, 1)) for n in range(50)), most=most)
    assert len(text) <= most and "✗ eee" in text and "characters cut" not in text


def test_short_names_keep_their_guides() -> None:
    """Where all fits in the column, nothing stands for the guides."""
    assert tree_lines(span("a"), span("b", "a"), span("c", "b"), width=80) == ["a", "└─ b", "   └─ c"]


def test_an_error_deeper_than_the_budget_stays() -> None:
    """Where what leads to it does not fit, the error is shown without."""
    chain = [span("s0"), *(span(f"s{n}", f"s{n - 1}") for n in range(1, 100)), span("bad", "s99", error="broken")]
    assert "✗ broken" in drawn(*chain, most=800, width=80)
