"""Tables: boxes, upright rows, tab-separated lines, Markdown."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from bt_cli.cli.visible import one_field, visible
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table
from bt_cli.render.table import READABLE, Cell, Column, boxed, cell_of, columns_of, fits, separated, upright

PLAIN = Look(visible, visible, 40)
ASCII = Look(visible, visible, 40, ascii=True)
ODD = [
    "plain",
    "猫" * 30,
    "👩‍👩‍👧 family " * 5,
    "❤️ VS16",
    "e\u0301" * 50,
    "\x1b[31mred\u202e",
    "[bold]x[/bold]",
    "a\tb\nc",
    "",
]


def drawn(names: list[str], rows: list[list[object]], look: Look = PLAIN) -> str:
    """A box of values of any kind."""
    return boxed(columns_of(names, rows, look), [[cell_of(value, look) for value in row] for row in rows], look)


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_box_is_aligned_whatever_is_in_it(width: int) -> None:
    """Wide characters, emoji, control bytes and markup move no frame, and no line is wider than the terminal."""
    look = Look(visible, visible, width)
    lines = drawn(["text", "n"], [[text, number] for number, text in enumerate(ODD)], look).splitlines()
    assert len({cell_len(line) for line in lines}) == 1 and cell_len(lines[0]) <= width


def test_a_box_in_ascii() -> None:
    """With ASCII only, the frame and the mark of a cut are ASCII too."""
    assert drawn(["name"], [["x" * 100]], ASCII).isascii() and "..." in drawn(["name"], [["x" * 100]], ASCII)


def test_numbers_are_grouped_and_never_cut() -> None:
    """Text gives way to numbers."""
    text = drawn(["name", "n"], [["x" * 100, 123456789012345678]])
    assert "123,456,789,012,345,678" in text and "x…" in text


def test_the_widest_text_is_cut_first() -> None:
    """What is short stays whole."""
    assert "short" in drawn(["a", "b"], [["short", "x" * 100]])


def test_markup_in_a_cell_is_text() -> None:
    """Brackets are brackets."""
    assert "[red]x[/red]" in drawn(["name"], [["[red]x[/red]"]])


def test_separated_keeps_one_line_a_row() -> None:
    """Tabs and line ends of data are escaped, nothing is cut."""
    assert "".join(separated(["a", "b"], [["x\ty\nz" * 100, None]], one_field)) == "a\tb\n" + "x\\ty\\nz" * 100 + "\t\n"


def test_upright_has_a_line_a_column() -> None:
    """Names are aligned, long values are cut to the width."""
    text = "".join(upright([Column("猫"), Column("name")], [[Cell("1"), Cell("x" * 100)]], PLAIN))
    assert text.splitlines() == ["── 1 ".ljust(40, "─"), "猫    1", f"name  {'x' * 33}…"]


def test_a_box_needs_room_for_every_number() -> None:
    """A table that would lose a column is known before it is drawn."""
    columns = [Column("a", least=4), Column("b" * 20), Column("c" * 20)]
    rows = [[Cell("x"), Cell("1"), Cell("2")]]
    assert not fits(columns, rows, PLAIN) and fits(columns[:2], rows, PLAIN)


def test_columns_without_room_are_named() -> None:
    """Numbers are never cut: a column that does not fit is left out, those of the lowest rank stay."""
    columns = [Column("name", right=False, least=READABLE), Column("a" * 12, 2), Column("b" * 12, 1)]
    text = boxed(columns, [[Cell("x" * 30), Cell("1"), Cell("2")]], PLAIN)
    assert "b" * 12 in text.splitlines()[1] and "a" * 12 not in text.splitlines()[1]
    assert f"No room for: {'a' * 12}." in text and max(map(len, text.splitlines())) <= 40


def test_markdown_is_escaped() -> None:
    """What Markdown knows is escaped, what is long is cut."""
    assert escaped("a|b*[c](d)<e>`$") == r"a\|b\*\[c\](d)\<e\>\`\$"
    assert escaped("x" * 100) == "x" * 79 + "…"


def test_markdown_table() -> None:
    """Text on the left, numbers on the right."""
    assert table([Column("a", right=False), Column("b|")], [["x", "1"]]) == "| a | b\\| |\n| :-- | --: |\n| x | 1 |\n"
