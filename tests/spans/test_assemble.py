"""Rules 1.3 and 1.4: rows of one trace become trees that lose nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bt_cli.spans.assemble import Branch, assemble
from bt_cli.spans.node import MAX_DEPTH
from bt_cli.spans.row import Row
from builders import row


def shape(top: Branch) -> str:
    """A tree as ``a(b,c)``; fragments with a star."""
    below = ",".join(map(shape, top.children))
    return f"{top.row.id}{'*' if top.fragment else ''}{f'({below})' if below else ''}"


def shapes(*rows: Row) -> list[str]:
    """The trees of some rows."""
    return [shape(top) for top in assemble(rows)]


def sizes(tops: list[Branch]) -> Iterator[int]:
    """How many spans each tree has."""
    for top in tops:
        waiting, count = [top], 0
        while waiting:
            count += 1
            waiting += waiting.pop().children
        yield count


def named(row_id: str, span_id: str, *parents: str) -> Row:
    """A row whose id is not its span_id."""
    made = row(span_id, *parents)
    made.id = row_id
    return made


def test_children_hang_under_their_parents_in_order() -> None:
    """Whichever comes first."""
    assert shapes(row("b", "a"), row("a"), row("c", "b"), row("d", "a")) == ["a(b(c),d)"]


def test_the_first_parent_counts() -> None:
    """Further parents place nothing."""
    assert shapes(row("a"), row("b", "a"), row("c", "b", "a")) == ["a(b(c))"]


def test_an_orphan_is_a_fragment() -> None:
    """Its own children stay below it."""
    assert shapes(row("a"), row("b", "gone"), row("c", "b")) == ["a", "b*(c)"]


def test_several_roots() -> None:
    """A trace may have more than one."""
    assert shapes(row("a"), row("b")) == ["a", "b"]


def test_its_own_parent() -> None:
    """The smallest cycle."""
    assert shapes(row("a", "a"), row("b", "a")) == ["a*(b)"]


def test_a_cycle_opens_at_its_first_span() -> None:
    """And keeps all its spans."""
    assert shapes(row("a", "c"), row("b", "a"), row("c", "b")) == ["a*(b(c))"]


def test_what_hangs_below_a_cycle_stays_there() -> None:
    """Even if it comes first."""
    assert shapes(row("x", "b"), row("a", "b"), row("b", "a")) == ["a*(b(x))"]


def test_two_cycles() -> None:
    """Each opens by itself."""
    assert shapes(row("a", "b"), row("c", "d"), row("b", "a"), row("d", "c")) == ["a*(b)", "c*(d)"]


def test_a_deep_tail_below_a_cycle() -> None:
    """What lies too deep below a cycle is cut off, not left out."""
    rows = [row("a", "b"), row("b", "a"), *(row(f"{i}", f"{i - 1}" if i else "b") for i in range(600))]
    assert list(sizes(assemble(rows))) == [MAX_DEPTH, MAX_DEPTH, 602 - 2 * MAX_DEPTH]


def test_a_chain_longer_than_a_record_may_be_deep() -> None:
    """It is cut into fragments of at most that depth."""
    tops = assemble([row("0"), *(row(f"{i}", f"{i - 1}") for i in range(1, 600))])
    assert list(sizes(tops)) == [MAX_DEPTH, MAX_DEPTH, 600 - 2 * MAX_DEPTH]
    assert [top.fragment for top in tops] == [False, True, True]


def test_spans_of_the_same_span_id() -> None:
    """Children hang under the first; none gets lost."""
    assert shapes(named("1", "a"), named("2", "a"), named("3", "b", "a")) == ["1(3)", "2"]


def test_equal_rows_in_a_cycle() -> None:
    """The right one of several equal rows is taken out."""
    assert sum(sizes(assemble([row("b", "a"), row("a", "b"), row("a", "b"), row("b", "a")]))) == 4


def test_nothing() -> None:
    """No rows, no trees."""
    assert assemble([]) == []
