"""Bars, boxes and tables of Markdown."""

from __future__ import annotations

import pytest

from bt_cli.render import charts
from bt_cli.render.charts import sparks
from bt_cli.render.grid import Cell, Column, boxed
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table

PLAIN = Look(str, str, 40)
ASCII = Look(str, str, 40, ascii=True)


@pytest.mark.parametrize(("share", "bar", "drawn"), [
    (0.0, "", ""),
    (1.0, "████", "####"),
    (0.5, "██", "##"),
    (0.001, "▏", "#"),
    (0.53125, "██▏", "##"),
])  # fmt: skip
def test_bar(share: float, bar: str, drawn: str) -> None:
    """A bar in eighths of a character; what is not nothing shows."""
    assert (charts.bar(PLAIN, share, 4), charts.bar(ASCII, share, 4)) == (bar, drawn)


def test_sparks() -> None:
    """A character for each count, as high as its share of the largest; nothing for none."""
    assert (sparks(PLAIN, [0, 1, 4, 8]), sparks(ASCII, [0, 1, 4, 8])) == (" ▁▄█", " .=@")
    assert sparks(PLAIN, []) == "" and sparks(PLAIN, [0, 0]) == "  "


def test_columns_without_room_are_named() -> None:
    """Numbers are never cut: a column that does not fit is left out, those of the lowest rank stay."""
    columns = [Column("name", right=False), Column("a" * 12, 2), Column("b" * 12, 1)]
    text = boxed(columns, [[Cell("x" * 30), Cell("1"), Cell("2")]], PLAIN)
    assert "b" * 12 in text.splitlines()[1] and "a" * 12 not in text.splitlines()[1]
    assert f"No room for: {'a' * 12}." in text and max(map(len, text.splitlines())) <= 40


def test_markup_in_a_cell_is_text() -> None:
    """Brackets are brackets."""
    assert "[red]x[/red]" in boxed([Column("name", right=False)], [[Cell("[red]x[/red]")]], PLAIN)


def test_markdown_is_escaped() -> None:
    """What Markdown knows is escaped, what is long is cut."""
    assert escaped("a|b*[c](d)<e>`$") == r"a\|b\*\[c\](d)\<e\>\`\$"
    assert escaped("x" * 100) == "x" * 79 + "…"


def test_markdown_table() -> None:
    """Text on the left, numbers on the right."""
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n| :-- | --: |\n| x | 1 |\n"
