"""Why spans stand at the top of a trace."""

from __future__ import annotations

from bt_cli.spans.assemble import assemble
from bt_cli.spans.fragments import fragments_of
from bt_cli.spans.row import Row
from builders import row


def reasons(*rows: Row) -> dict[str, str]:
    """The reason of each fragment by its span id."""
    tops = assemble(rows)
    found = fragments_of(tops, rows)
    return {top.row.span_id: found[id(top)] for top in tops if id(top) in found}


def test_a_whole_trace_has_no_fragments() -> None:
    """Roots need no reason."""
    assert reasons(row("a"), row("b", "a")) == {}


def test_an_orphan() -> None:
    """The parent is not in the trace."""
    assert reasons(row("a"), row("b", "gone"), row("c", "b")) == {"b": "orphan"}


def test_a_cycle() -> None:
    """The parents lead back to the span, which may be its own."""
    assert reasons(row("a", "b"), row("b", "a"), row("c", "b"), row("d", "d")) == {"a": "cycle", "d": "cycle"}


def test_a_deep_span() -> None:
    """What lies more than 256 levels deep goes on at the top."""
    chain = [row("0"), *(row(str(n), str(n - 1)) for n in range(1, 300))]
    assert reasons(*chain) == {"256": "deep"}


def test_a_deep_span_below_a_cycle() -> None:
    """A chain that hangs on a cycle is no cycle where it goes on."""
    chain = [row("a", "b"), row("b", "a"), row("0", "a"), *(row(str(n), str(n - 1)) for n in range(1, 300))]
    assert set(reasons(*chain).values()) == {"cycle", "deep"}
