"""What tests of stores do all the time: submit rows, run a whole write, read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import pytest

from bt_cli.query.filters import SpanFilter, Test
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Conflict, Outcome, ReadStats, Settlement, Store, Submission, Writing

HERE = Container("here")
THERE = Container("there")


def source_of(text: str) -> bytes:
    """A source hash."""
    return blake2b(text.encode(), digest_size=16).digest()


def submit(
    *rows: Row, conflict: Conflict = "merge", source: str | None = None, anonymous: bool = False, tree: bool = True
) -> Submission:
    """One record of these rows; its source is their content unless given."""
    return Submission(list(rows), source_of(source or repr(rows)), conflict, anonymous, tree)


def single(row: Row, conflict: Conflict = "merge") -> Submission:
    """A record of one row, as flat input has them."""
    return submit(row, conflict=conflict, tree=False)


def commit(writing: Writing, *submissions: Submission) -> list[list[Outcome]]:
    """Gives one batch away; the outcomes of those that are done."""
    for submission in submissions:
        writing.add(submission)
    return writing.commit()


def put(writing: Writing, *submissions: Submission) -> list[Outcome]:
    """Writes one batch and waits for its outcomes."""
    done = commit(writing, *submissions) + writing.drain()
    return [outcome for outcomes in done for outcome in outcomes]


def only(outcomes: list[Outcome]) -> Outcome:
    """The outcome of the one submission there was."""
    (outcome,) = outcomes
    return outcome


class StoreSteps:
    """The base of the contract: a store to test, and how a run of writes begins on it."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """The store under test, empty."""
        raise NotImplementedError

    def begin(self, store: Store, container: Container) -> Writing:
        """Begins a run of writes."""
        return store.writing(container)

    @contextmanager
    def writing(self, store: Store, container: Container = HERE) -> Iterator[Writing]:
        """A run of writes, closed at its end."""
        writing = self.begin(store, container)
        try:
            yield writing
        finally:
            writing.close()

    def run(
        self, store: Store, *submissions: Submission, container: Container = HERE
    ) -> tuple[list[Outcome], Settlement]:
        """A whole run of one batch: its outcomes and its settlement."""
        with self.writing(store, container) as writing:
            return put(writing, *submissions), writing.settle()

    def store_rows(self, store: Store, *rows: Row, container: Container = HERE) -> Settlement:
        """A run of records of one row each."""
        return self.run(store, *map(single, rows), container=container)[1]


def read(
    store: Store, *conditions: Test, container: Container = HERE, stats: ReadStats | None = None, **rest: Any
) -> list[list[Row]]:
    """Wanted traces, each as its rows."""
    return list(store.read_traces(container, SpanFilter(conditions, **rest), stats or ReadStats()))


def rows(store: Store, container: Container = HERE) -> list[Row]:
    """All rows of a container in the order of an export."""
    return [row for trace in read(store, container=container) for row in trace]


def ids(traces: list[list[Row]]) -> list[list[str]]:
    """The ids of the rows of some traces."""
    return [[row.id for row in trace] for trace in traces]


def requires(store: Store, *capabilities: str) -> None:
    """Skips the test for a store that does not declare what it is about."""
    missing = [name for name in capabilities if not getattr(store.capabilities, name)]
    if missing:
        pytest.skip(f"{store.name} does not declare {', '.join(missing)}")
