"""Rows that clients of Braintrust's API post → the store: each row stored or refused on its own, a body at one go."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

from msgspec import UNSET, Raw, Struct, field

from bt_cli.errors import StoreError
from bt_cli.pipeline.addressing import Containers
from bt_cli.pipeline.bodies import Body
from bt_cli.pipeline.findings import reject_line
from bt_cli.pipeline.report import Finding
from bt_cli.spans.container import Container
from bt_cli.spans.node import MAX_DEPTH
from bt_cli.spans.plain import Plain, learn_from, read_plain
from bt_cli.spans.posted import read_head, read_posted
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms
from bt_cli.stores.base import Conflict, Outcome, Submission
from bt_cli.stores.serving import ServingStore

_LETTERS = {"new": "n", "changed": "c", "unchanged": "u", "folded": "f", "rejected": "r"}


class Batch(Struct):
    """Rows of one body that belong to one container, in order."""

    places: list[int] = field(default_factory=list)
    """Of each row the index in the body."""
    submissions: list[Submission] = field(default_factory=list)


class HoldsItems(Protocol):
    """A body whose items can be had as they came."""

    @property
    def items(self) -> Sequence[Raw | bytes]:
        """One for each row."""


class Receiving(Struct):
    """The rows of one body, in order: their ids, and what becomes of each."""

    body: HoldsItems
    ids: list[str] = field(default_factory=list)
    """Empty for a row that was refused before it had one."""
    outcomes: list[Outcome | None] = field(default_factory=list)
    """None until the row is stored or refused."""
    batches: dict[Container, Batch] = field(default_factory=dict)
    xact: int = 0

    @property
    def problems(self) -> dict[int, Problem]:
        """Why rows were not stored, by their index."""
        return {index: one.problem for index, one in enumerate(self.outcomes) if one and one.problem}

    @property
    def statuses(self) -> str:
        """The letters of all rows in order, each run as its length and the letter: ``4998n1c1r``."""
        letters = [(_letter(one), len(list(some))) for one, some in groupby(self.outcomes)]
        runs = [(letter, sum(length for _, length in some)) for letter, some in groupby(letters, lambda run: run[0])]
        return "".join(f"{length}{letter}" for letter, length in runs)

    def take(self, row_id: str, container: Container, submission: Submission) -> None:
        """Adds a row that is to be stored."""
        batch = self.batches.get(container)
        if batch is None:
            self.batches[container] = batch = Batch()
        batch.places.append(len(self.ids))
        batch.submissions.append(submission)
        self.ids.append(row_id)
        self.outcomes.append(None)

    def refuse(self, problem: Problem) -> None:
        """Adds a row that can't be stored."""
        self.ids.append("")
        self.outcomes.append(Outcome("rejected", problem=problem))


def _letter(outcome: Outcome | None) -> str:
    """The status of a row in one letter: ``a`` for a new row of a stored trace, else that of `_LETTERS`."""
    if outcome is None:
        return "r"
    return "a" if outcome.status == "changed" and outcome.new else _LETTERS[outcome.status]


def read_rows(
    store: ServingStore,
    body: Body,
    within: Container | None = None,
    *,
    fills: bool = True,
    conflict: Conflict | None = None,
) -> Receiving:
    """What posted rows mean, and where they belong; ``within`` is the container of those that need not say so.

    ``fills`` gives rows that say nothing of their time the present one. ``conflict`` is how all rows meet
    stored ones of their ids, else each says so. Raises InputError where the body has no rows.
    """
    receiving = Receiving(body)
    reading = _Reading(receiving, body, Containers(store, within), fills, conflict)
    for one in body.rows():
        try:
            if not (isinstance(one, Plain) and reading.take_plain(one)):
                reading.take_any(one)
        except Rejected as rejected:
            receiving.refuse(rejected.problem)
        except RecursionError:
            receiving.refuse(Problem("too_deep", f"more than {MAX_DEPTH} levels", ""))
    return receiving


class _Reading:
    """Reads the rows of one body, one after another."""

    def __init__(
        self, receiving: Receiving, body: Body, containers: Containers, fills: bool, conflict: Conflict | None
    ) -> None:
        self._receiving = receiving
        self._body = body
        self._containers = containers
        self._conflict = conflict
        self._now = datetime.now(UTC).isoformat(timespec="milliseconds") if fills else None
        self._timed, self._untimed = Terms(), Terms(created=self._now)
        self._seed = int.from_bytes(os.urandom(15))  # two rows without an id are two rows, however equal

    def take_plain(self, one: Plain) -> bool:
        """Whether a row is as plain as it seemed, and is taken. Raises `Rejected`."""
        row = read_plain(one)
        if row is None:
            return False
        terms = self._untimed if one.created is UNSET else self._timed
        if one.merge_paths:
            terms = Terms(tuple(one.merge_paths), created=terms.created)
        self._take(self._containers.of(one), row, bool(one.is_merge), terms)
        return True

    def take_any(self, one: Plain | Raw) -> None:
        """Takes a row of any kind. Raises `Rejected`."""
        index = len(self._receiving.ids)
        raw = bytes(one if isinstance(one, Raw) else self._body.items[index])
        head = read_head(raw)
        container = self._containers.of_any(head)
        posted = read_posted(raw, head, (self._seed + index).to_bytes(16, "little"), self._now)
        learn_from(posted.row)
        self._take(container, posted.row, posted.merges, posted.terms)

    def _take(self, container: Container, row: Row, merges: bool, terms: Terms) -> None:
        conflict: Conflict = self._conflict or ("merge" if merges else "replace")
        self._receiving.take(row.id, container, Submission([row], None, conflict, False, False, terms))


def store_rows(store: ServingStore, receiving: Receiving) -> None:
    """Stores the rows in one transaction, which is durable when this returns, and tells each its outcome."""
    batches = receiving.batches
    if not batches:
        return
    written = store.apply([(container, batch.submissions) for container, batch in batches.items()])
    receiving.xact = written.xact
    for batch, outcomes in zip(batches.values(), written.outcomes, strict=True):
        for place, outcome in zip(batch.places, outcomes, strict=True):
            receiving.outcomes[place] = outcome


def keep_refused(receiving: Receiving, path: str, client: str) -> None:
    """Appends the rows that were refused to a file of rejects, which `bt import` reads; durable when this returns."""
    raws = receiving.body.items
    lines = b"".join(
        _reject(index, problem, client, bytes(raws[index])) for index, problem in receiving.problems.items()
    )
    try:
        with open(path, "ab", opener=_private) as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: a refused row can't be kept", code="rejects") from error


def _private(path: str, flags: int) -> int:
    """Opens a file that others can't read when it is made: what is in it would be in the store, which they can't."""
    return os.open(path, flags, 0o600)


def _reject(index: int, problem: Problem, client: str, raw: bytes) -> bytes:
    return reject_line(Finding(problem.code, problem.message, client, index + 1, 0, path=problem.path), raw)
