"""What spans begin below: context variables, threads, tasks, and nothing at all."""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import bt_cli as bt
from bt_cli.tracing.noop import NOOP_SPAN, NoopSpan
from bt_cli.tracing.span import Span
from bt_cli.tracing.state import STATE
from bt_cli.tracing.testing import Recorded, recording


def test_without_a_logger_nothing_is_a_span() -> None:
    """Everything may be called, and does nothing."""
    assert (STATE.logger, STATE.experiment) == (None, None)
    with bt.start_span(name="x", input=1) as span:
        span.log(output=2)
        assert bt.current_span() is span is NOOP_SPAN
    assert (span.export(), span.end(5.0), span.inject({"a": "b"})) == ("", 5.0, {"a": "b"})


def test_span_that_is_none_has_every_method_of_a_span() -> None:
    """Programs call them without asking."""
    public = {name for name in dir(Span) if not name.startswith("_")} - {"target", "inbound", "span_parents"}
    assert public <= set(dir(NoopSpan))


def test_current_span_is_that_of_the_block(recorded: Recorded) -> None:
    """And the one around it afterwards."""
    with bt.start_span() as outer:
        with bt.start_span() as inner:
            assert bt.current_span() is inner
        assert bt.current_span() is outer
    assert bt.current_span() is NOOP_SPAN


def test_threads_begin_traces_of_their_own(recorded: Recorded) -> None:
    """A new thread has no current span."""
    with bt.start_span():
        thread = Thread(target=lambda: bt.start_span(name="there").end())
        thread.start()
        thread.join()
    assert [row["span_parents"] for row in recorded.spans()] == [[], []]


def test_traced_pool_keeps_the_current_span(recorded: Recorded) -> None:
    """Work begins below the span in which it was submitted."""
    with bt.TracedThreadPoolExecutor(2) as pool:
        with bt.start_span() as root:
            futures = [pool.submit(lambda n=n: bt.start_span(name=str(n)).end()) for n in range(4)]  # type: ignore[misc]
        for one in futures:
            one.result()
    assert [row["span_parents"] for row in recorded.spans()[1:]] == [[root.span_id]] * 4


def test_tasks_keep_the_current_span_apart(recorded: Recorded) -> None:
    """Each task has its own, which began below that of who made the task."""

    async def task(name: str) -> None:
        with bt.start_span(name=name):
            await asyncio.sleep(0)
            with bt.start_span(name=f"{name}.below"):
                await asyncio.sleep(0)

    async def main() -> None:
        with bt.start_span(name="root"):
            await asyncio.gather(*(task(name) for name in "abc"))

    asyncio.run(main())
    rows = {row["span_attributes"]["name"]: row for row in recorded.spans()}
    assert all(rows[f"{name}.below"]["span_parents"] == [rows[name]["span_id"]] for name in "abc")
    assert all(rows[name]["span_parents"] == [rows["root"]["span_id"]] for name in "abc")


def test_logger_of_a_context_wins(recorded: Recorded) -> None:
    """`current_logger` is the one that was initialised last here."""
    assert bt.current_logger() is recorded.logger


tree = st.recursive(st.just([]), lambda below: st.lists(below, max_size=4), max_leaves=12)


@given(tree)
def test_any_tree_of_blocks_comes_back_as_that_tree(shape: list[Any]) -> None:
    """Nested blocks and the rows' parents are the same tree."""

    def run(nodes: list[Any]) -> None:
        for node in nodes:
            with bt.start_span(name="x"):
                run(node)

    with recording() as rows:
        run([shape])
    below: dict[str, list[str]] = {}
    found = rows.spans()
    for row in found:
        below.setdefault("".join(row["span_parents"]), []).append(row["span_id"])

    def told(span_id: str) -> list[Any]:
        return [told(one) for one in below.get(span_id, [])]

    assert told("") == [shape]
