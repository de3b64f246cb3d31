"""Rule 1.4: orphans and cycles are counted."""

from __future__ import annotations

import pytest

from bt_cli.spans.links import Link, broken_links, parents_of


@pytest.mark.parametrize(
    ("links", "broken"),
    [
        ({"a": [], "b": ["a"]}, (0, 0)),
        ({"a": [], "b": ["gone"], "c": ["b"]}, (1, 0)),
        ({"b": ["gone"], "c": ["gone"]}, (2, 0)),
        ({"a": ["b"], "b": ["a"]}, (0, 2)),
        ({"a": ["a"]}, (0, 1)),
        ({"a": ["b"], "b": ["a"], "below": ["a"]}, (0, 3)),
        ({"a": [], "b": ["a", "gone"]}, (0, 0)),
        ({}, (0, 0)),
    ],
)
def test_counts(links: dict[str, list[str]], broken: tuple[int, int]) -> None:
    """Missing first parents, and what lies on or below a cycle."""
    assert broken_links(Link(*link) for link in links.items()) == broken


def test_span_ids_that_occur_twice() -> None:
    """Each span counts."""
    assert broken_links([Link("a", []), Link("a", []), Link("b", ["a"]), Link("b", ["gone"])]) == (1, 0)


def test_parents_of_a_text() -> None:
    """The ids in a row's span_parents."""
    assert parents_of('["a","\\u0062"]') == ["a", "b"]
