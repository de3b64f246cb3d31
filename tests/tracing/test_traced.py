"""`traced`: calls of functions, coroutines and generators as spans."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import bt_cli as bt
from bt_cli.tracing.noop import NOOP_SPAN
from bt_cli.tracing.state import STATE
from bt_cli.tracing.testing import Recorded


def only(recorded: Recorded) -> dict[str, Any]:
    (row,) = recorded.spans()
    return row


def test_call_is_a_span_with_arguments_and_result(recorded: Recorded) -> None:
    """Named like the function, of type ``function``; arguments by their names."""

    @bt.traced
    def add(a: int, *rest: int, scale: int = 1, **more: int) -> int:
        return (a + sum(rest)) * scale

    assert add(1, 2, 3, scale=2, unused=0) == 12
    row = only(recorded)
    assert (row["span_attributes"]["name"], row["span_attributes"]["type"]) == ("add", "function")
    assert (row["input"], row["output"]) == ({"a": 1, "rest": [2, 3], "scale": 2, "more": {"unused": 0}}, 12)


def test_defaults_are_no_input(recorded: Recorded) -> None:
    """Only what the caller gave is."""

    @bt.traced
    def greet(name: str, word: str = "hi") -> None: ...

    greet("you")
    assert only(recorded)["input"] == {"name": "you"}


def test_decorator_takes_what_spans_take(recorded: Recorded) -> None:
    """Name, type and fields."""

    @bt.traced(name="judge", type="score", span_attributes={"purpose": "scorer"}, metadata={"v": 1})
    def check() -> None: ...

    check()
    row = only(recorded)
    attributes = row["span_attributes"]
    assert (attributes["name"], attributes["type"], attributes["purpose"]) == ("judge", "score", "scorer")
    assert row["metadata"] == {"v": 1}


def test_name_may_come_first(recorded: Recorded) -> None:
    """``@traced("name")``."""

    @bt.traced("short")
    def long_name() -> None: ...

    long_name()
    assert only(recorded)["span_attributes"]["name"] == "short"


def test_input_and_output_may_be_left_to_the_function(recorded: Recorded) -> None:
    """With ``notrace_io``."""

    @bt.traced(notrace_io=True)
    def secret(key: str) -> str:
        bt.current_span().log(input="hidden")
        return key

    secret("k")
    row = only(recorded)
    assert row["input"] == "hidden" and "output" not in row


def test_function_stays_what_it_was(recorded: Recorded) -> None:
    """Its name, documentation and signature are kept."""

    def documented(x: int) -> int:
        """Doc."""
        return x

    wrapped = bt.traced(documented)
    assert (wrapped.__name__, wrapped.__doc__, wrapped.__wrapped__) == ("documented", "Doc.", documented)


def test_wrong_arguments_are_the_functions_to_complain_about(recorded: Recorded) -> None:
    """With the error that it would have raised anyway."""

    @bt.traced
    def one(a: int) -> int:
        return a

    with pytest.raises(TypeError, match="positional argument"):
        one(1, 2)
    assert only(recorded)["input"] == {"args": [1, 2], "kwargs": {}}


def test_methods_are_traced(recorded: Recorded) -> None:
    """``self`` is logged like any argument."""

    class Bot:
        @bt.traced
        def answer(self, question: str) -> str:
            return question.upper()

        def __repr__(self) -> str:
            return "Bot()"

    assert Bot().answer("a") == "A"
    assert only(recorded)["input"] == {"self": "Bot()", "question": "a"}


def test_calls_within_are_below(recorded: Recorded) -> None:
    """Traced functions that call each other are a tree."""

    @bt.traced
    def inner() -> None: ...

    @bt.traced
    def outer() -> None:
        inner()

    outer()
    above, below = recorded.spans()
    assert below["span_parents"] == [above["span_id"]]


def test_coroutine_is_a_span_while_it_runs(recorded: Recorded) -> None:
    """Awaited as before."""

    @bt.traced
    async def wait(n: int) -> int:
        await asyncio.sleep(0)
        with bt.start_span(name="below"):
            return n

    assert asyncio.run(wait(3)) == 3
    above, below = recorded.spans()
    assert (above["input"], above["output"], below["span_parents"]) == ({"n": 3}, 3, [above["span_id"]])


def test_generator_is_a_span_until_its_end(recorded: Recorded) -> None:
    """With all items as output, and what it returns for whoever reads it."""

    @bt.traced
    def count(n: int) -> Iterator[int]:
        yield from range(n)
        return "done"  # type: ignore[return-value]

    def reader() -> Iterator[int]:
        result = yield from count(3)  # type: ignore[misc]
        assert result == "done"

    assert list(reader()) == [0, 1, 2]
    assert only(recorded)["output"] == [0, 1, 2]


def test_generator_is_current_only_while_it_runs(recorded: Recorded) -> None:
    """Whoever reads it is not in its span; what it has open stays open for it."""

    @bt.traced
    def steps() -> Iterator[int]:
        with bt.start_span(name="open"):
            yield 1
            with bt.start_span(name="deep"):
                yield 2

    for _ in steps():
        assert bt.current_span() is NOOP_SPAN
        bt.start_span(name="outside").end()
    rows = {row["span_attributes"]["name"]: row for row in recorded.spans()}
    assert rows["deep"]["span_parents"] == [rows["open"]["span_id"]]
    assert rows["open"]["span_parents"] == [rows["steps"]["span_id"]]
    assert rows["outside"]["span_parents"] == []


def test_generator_takes_what_is_sent_and_thrown(recorded: Recorded) -> None:
    """As it would without a span."""

    @bt.traced
    def echo() -> Any:
        heard = yield "first"
        try:
            yield heard
        except KeyError:
            yield "caught"

    talk = echo()
    assert (next(talk), talk.send("hello"), talk.throw(KeyError())) == ("first", "hello", "caught")


def test_generator_that_is_left_early_has_what_it_gave(recorded: Recorded) -> None:
    """To leave is no error."""

    @bt.traced
    def forever() -> Iterator[int]:
        n = 0
        while True:
            yield n
            n += 1

    endless = forever()
    next(endless), next(endless)
    endless.close()
    row = only(recorded)
    assert row["output"] == [0, 1] and "error" not in row and "end" in row["metrics"]


def test_generator_that_fails_has_what_it_gave_and_the_error(recorded: Recorded) -> None:
    """Both are in the row, and the error goes on."""

    @bt.traced
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        list(broken())
    row = only(recorded)
    assert row["output"] == [1] and "ValueError: halfway" in row["error"]


def test_long_output_of_a_generator_is_not_logged(recorded: Recorded, caplog: pytest.LogCaptureFixture) -> None:
    """Beyond ``BRAINTRUST_MAX_GENERATOR_ITEMS``, said once."""
    STATE.settings = STATE.settings._replace(generator_items=2)

    @bt.traced
    def three() -> Iterator[int]:
        yield from range(3)

    try:
        assert list(three()) == [0, 1, 2]
    finally:
        STATE.settings = STATE.settings._replace(generator_items=1000)
    assert "output" not in only(recorded)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_asynchronous_generator_is_a_span_until_its_end(recorded: Recorded) -> None:
    """And current only while it runs."""

    @bt.traced
    async def stream() -> AsyncIterator[int]:
        with bt.start_span(name="open"):
            yield 1
            await asyncio.sleep(0)
            yield 2

    async def main() -> list[int]:
        found = []
        async for item in stream():
            assert bt.current_span() is NOOP_SPAN
            found.append(item)
        return found

    assert asyncio.run(main()) == [1, 2]
    above, below = recorded.spans()
    assert (above["output"], below["span_parents"]) == ([1, 2], [above["span_id"]])


def test_asynchronous_generator_takes_what_is_sent_and_thrown(recorded: Recorded) -> None:
    """As it would without a span."""

    @bt.traced
    async def echo() -> Any:
        heard = yield "first"
        try:
            yield heard
        except KeyError:
            yield "caught"

    async def main() -> tuple[Any, ...]:
        talk = echo()
        said = await anext(talk), await talk.asend("hello"), await talk.athrow(KeyError())
        await talk.aclose()
        return said

    assert asyncio.run(main()) == ("first", "hello", "caught")
    assert only(recorded)["output"] == ["first", "hello", "caught"]


def test_asynchronous_generator_that_fails_has_its_error(recorded: Recorded) -> None:
    """Beside what it gave."""

    @bt.traced
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("halfway")

    async def main() -> None:
        async for _ in broken():
            pass

    with pytest.raises(ValueError, match="halfway"):
        asyncio.run(main())
    row = only(recorded)
    assert row["output"] == [1] and "ValueError: halfway" in row["error"]
