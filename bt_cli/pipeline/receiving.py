"""Rows that clients of Braintrust's API post → the store: each row stored or refused on its own, a body at one go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Raw, Struct, field

from bt_cli.errors import InputError, StoreError
from bt_cli.pipeline.findings import reject_line
from bt_cli.pipeline.report import Finding
from bt_cli.readers.repair import repair
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.node import MAX_DEPTH
from bt_cli.spans.posted import Head, Posted, read_head, read_posted
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.stores.base import Conflict, Outcome, Submission
from bt_cli.stores.serving import ServingStore, Written

_LETTERS = {"new": "n", "changed": "c", "unchanged": "u", "folded": "f", "rejected": "r"}
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("experiment_id", "experiment"),
    ("dataset_id", "dataset"),
    ("project_id", "project_logs"),
)
"""Which member of a row names its container; rows of experiments and datasets may name their project too."""
_Body = msgspec.json.Decoder(dict[str, Raw])
_Rows = msgspec.json.Decoder(list[Raw])


class Received(Struct):
    """A posted row on its way: what it means, or why it is refused; then what became of it."""

    raw: bytes
    id: str = ""
    posted: Posted | None = None
    container: Container | None = None
    problem: Problem | None = None
    outcome: Outcome | None = None

    @property
    def letter(self) -> str:
        """Its status in one letter: ``a`` for a new row of a stored trace, else that of `_LETTERS`."""
        if self.outcome is None:
            return "r"
        return "a" if self.outcome.status == "changed" and self.outcome.new else _LETTERS[self.outcome.status]


class Receiving(Struct):
    """The rows of one body, in order."""

    rows: list[Received] = field(default_factory=list)
    xact: int = 0
    conflict: Conflict | None = None
    """How rows meet stored ones of their ids, where the body says it for all of them."""

    @property
    def refused(self) -> list[Received]:
        """Rows that were not stored."""
        return [one for one in self.rows if one.problem is not None]

    @property
    def statuses(self) -> str:
        """The letters of all rows in order, each run as its length and the letter: ``4998n1c1r``."""
        runs: list[tuple[str, int]] = []
        for one in self.rows:
            if runs and runs[-1][0] == one.letter:
                runs[-1] = (one.letter, runs[-1][1] + 1)
            else:
                runs.append((one.letter, 1))
        return "".join(f"{length}{letter}" for letter, length in runs)


def body_members(body: bytes) -> Mapping[str, Raw]:
    """The members of a body, a JSON object; odd JSON is mended as in files. Raises InputError for what is none."""
    try:
        return _Body.decode(body)
    except (msgspec.DecodeError, RecursionError):
        mended, _ = repair(body)
    try:
        return _Body.decode(mended)
    except RecursionError:
        raise InputError("the body is nested too deeply", code="too_deep") from None
    except msgspec.DecodeError as error:
        raise InputError(f"the body is not a JSON object: {error}", code="not_json") from None


def body_rows(value: Raw | None, name: str) -> list[Raw]:
    """The rows of a body, raw. Raises InputError where the member ``name`` is no list."""
    try:
        return _Rows.decode(value) if value is not None else []
    except msgspec.DecodeError:
        raise InputError(f"{name} must be a list", code="not_rows") from None


def read_rows(
    store: ServingStore, rows: Sequence[Raw], within: Container | None = None, *, fills: bool = True
) -> Receiving:
    """What posted rows mean, and where they belong; ``within`` is the container of those that need not say so.

    ``fills`` gives rows that say nothing of their time the present one. Raises NotFoundError where no row
    belongs to a container that is there.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds") if fills else None
    containers = _Containers(store, within)
    seed = int.from_bytes(os.urandom(15))  # two rows without an id are two rows, however equal
    digests = ((seed + index).to_bytes(16, "little") for index in range(len(rows)))
    return Receiving([_read(bytes(raw), containers, now, digest) for raw, digest in zip(rows, digests, strict=True)])


def _read(raw: bytes, containers: _Containers, now: str | None, digest: bytes) -> Received:
    received = Received(raw)
    try:
        head = read_head(raw)
        received.container = containers.of(head)
        received.posted = posted = read_posted(raw, head, digest, now)
        received.id = posted.row.id
    except Rejected as rejected:
        received.problem = rejected.problem
    except RecursionError:
        received.problem = Problem("too_deep", f"more than {MAX_DEPTH} levels", "")
    return received


class _Containers:
    """The containers that the rows of one body name, each looked up once."""

    def __init__(self, store: ServingStore, within: Container | None) -> None:
        self._store = store
        self._within = within
        self._found: dict[tuple[str | None, ...], Container] = {}

    def of(self, head: Head) -> Container:
        """Raises `Rejected` for rows that belong nowhere, or to what is not kept here."""
        if self._within is not None:
            return self._within
        if head.is_elsewhere:
            raise Rejected("unsupported_rows", "playgrounds, prompts and functions are not kept here")
        named = (head.experiment_id, head.dataset_id, head.project_id)
        found = self._found.get(named)
        if found is None:
            self._found[named] = found = self._look_up(named)
        return found

    def _look_up(self, named: tuple[str | None, ...]) -> Container:
        for (member, kind), id in zip(_KINDS, named, strict=True):
            if id:
                there = self._store.objects(kind, id=id)
                if not there:
                    raise Rejected("unknown_container", f"there is no {member} {id}", member)
                return there[0].container
        raise Rejected("no_container", "the row names no project, experiment or dataset", "project_id")


def store_rows(store: ServingStore, receiving: Receiving) -> None:
    """Stores the rows in one transaction, which is durable when this returns, and tells each its outcome."""
    batches: dict[Container, list[Received]] = {}
    for one in receiving.rows:
        if one.posted is not None and one.container is not None:
            batches.setdefault(one.container, []).append(one)
    if not batches:
        return
    written: Written = store.apply(
        [(container, [_submission(one, receiving.conflict) for one in some]) for container, some in batches.items()]
    )
    receiving.xact = written.xact
    for some, outcomes in zip(batches.values(), written.outcomes, strict=True):
        for one, outcome in zip(some, outcomes, strict=True):
            one.outcome, one.problem = outcome, outcome.problem


def _submission(received: Received, conflict: Conflict | None) -> Submission:
    posted = received.posted
    assert posted is not None  # only such are stored
    own: Conflict = "merge" if posted.merges else "replace"
    return Submission([posted.row], None, conflict or own, tree=False, terms=posted.terms)


def keep_refused(receiving: Receiving, path: str, client: str) -> None:
    """Appends the rows that were refused to a file of rejects, which `bt import` reads; durable when this returns."""
    lines = b"".join(_reject(index, one, client) for index, one in enumerate(receiving.rows) if one.problem is not None)
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


def _reject(index: int, received: Received, client: str) -> bytes:
    problem = received.problem
    assert problem is not None  # only such are refused
    finding = Finding(problem.code, problem.message, client, index + 1, 0, path=problem.path)
    return reject_line(finding, received.raw)
