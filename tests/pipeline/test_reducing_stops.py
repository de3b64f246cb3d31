"""Summaries and comparisons that somebody stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bt_cli.errors import NotFoundError
from bt_cli.pipeline.compare import Question, Source, read_side
from bt_cli.pipeline.summarise import summarise
from bt_cli.query.filters import EVERYTHING, Condition, SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Store, Submission
from builders import row

HERE = Container("here")
NOTHING = SpanFilter((Condition("trace", "=", "nothing"),))


@pytest.fixture
def store() -> Iterator[Store]:
    """A store of three traces."""
    opened = open_store(":memory:", "write")
    writing = opened.writing(HERE)
    for name in "abc":
        writing.add(Submission([row(name, trace=name, input=f'"{name}"')], name.encode() * 16))
    writing.commit()
    writing.drain()
    writing.settle()
    writing.close()
    yield opened
    opened.close()


def test_half_a_summary_is_none(store: Store) -> None:
    """A run that was stopped has no answer."""
    assert summarise(store, HERE, EVERYTHING, None, lambda _: None, lambda: 15) is None


def test_half_a_side_is_cut_short(store: Store) -> None:
    """Reading a side ends with the page at hand."""
    seen = []
    source = Source(store, HERE, "here")
    read_side(source, EVERYTHING, Question("input"), ReadStats(), seen.append, lambda: 15)
    assert len(seen) == 1


def test_a_trace_that_does_not_exist(store: Store) -> None:
    """It is an error, other than a container that is empty."""
    with pytest.raises(NotFoundError):
        summarise(store, HERE, NOTHING, None, lambda _: None, lambda: 0)
    empty = summarise(store, Container("empty"), EVERYTHING, None, lambda _: None, lambda: 0)
    assert empty is not None and empty.whole.traces == 0
