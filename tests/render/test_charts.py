"""Bars and sparks."""

from __future__ import annotations

import pytest

from bt_cli.render import charts
from bt_cli.render.charts import sparks
from bt_cli.render.look import Look

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
