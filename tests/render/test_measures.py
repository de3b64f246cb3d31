"""Numbers as people read them, and tables of them."""

from __future__ import annotations

import pytest

from bt_cli.render import charts
from bt_cli.render.charts import sparks
from bt_cli.render.grid import Cell, Column, boxed
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table
from bt_cli.render.measures import amount, difference, edge, plain

PLAIN = Look(str, str, 40)
ASCII = Look(str, str, 40, ascii=True)


@pytest.mark.parametrize(("kind", "value", "text"), [
    ("latency", None, "–"),
    ("latency", 0.0, "0 s"),
    ("latency", 0.00012, "0.120 ms"),
    ("latency", 0.0123, "12.3 ms"),
    ("latency", 0.9994, "999 ms"),
    ("latency", 0.9999, "1.00 s"),
    ("latency", 2.412, "2.41 s"),
    ("latency", 59.94, "59.9 s"),
    ("latency", 59.96, "1 min 0 s"),
    ("latency", 125.4, "2 min 5 s"),
    ("latency", 7260.0, "2 h 1 min"),
    ("latency", -1.5, "−1.50 s"),
    ("cost", 0.0, "$0"),
    ("cost", 0.0001234, "$0.000123"),
    ("cost", 1.5, "$1.50"),
    ("cost", 1234.5, "$1,234.50"),
    ("cost", -3.0, "−$3.00"),
    ("tokens", 3807.0, "3,807"),
    ("tokens", 12.34, "12.3"),
    ("tokens", 761.4, "761"),
    ("score", 0.9125, "0.912"),
    ("score", 1.0, "1.000"),
])  # fmt: skip
def test_amount(kind: str, value: float | None, text: str) -> None:
    """Three significant digits and a unit; scores have three decimals."""
    assert amount(kind, value) == text


@pytest.mark.parametrize(("kind", "value", "text"), [
    ("score", None, "–"),
    ("score", 0.0, "0.000"),
    ("score", 0.0001, "0.000"),
    ("score", 0.25, "+0.250"),
    ("score", -0.25, "−0.250"),
    ("latency", -0.335, "−335 ms"),
])  # fmt: skip
def test_difference(kind: str, value: float | None, text: str) -> None:
    """A sign before all but what shows as zero."""
    assert difference(kind, value) == text


@pytest.mark.parametrize(("value", "number"), [
    (None, None),
    (3807.0, 3807),
    (0.30000000000000004, 0.3),
    (14813.099999999991, 14813.1),
    (float("inf"), None),
    (float("nan"), None),
])  # fmt: skip
def test_plain(value: float | None, number: float | None) -> None:
    """Programs get whole numbers as integers, twelve digits of others, and null for what JSON has not."""
    assert plain(value) == number and isinstance(plain(value), type(number))


@pytest.mark.parametrize(("value", "text"), [(0.2, "200 ms"), (0.001, "1 ms"), (5.0, "5 s"), (2000.0, "2,000 s")])
def test_edge(value: float, text: str) -> None:
    """Edges of a histogram are round."""
    assert edge(value) == text


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
