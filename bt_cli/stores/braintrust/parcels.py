"""What goes into one request: rows of some submissions, bounded by number and bytes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from bt_cli.spans.complete import CompleteRow
from bt_cli.spans.merge import merge_rows
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.stores.base import Conflict, Outcome, Status, Submission
from bt_cli.stores.braintrust.wire import Form, Rows, rows_json


class Bounds(Struct, frozen=True):
    """How much a request may hold. One row may be more than ``bytes``; it goes alone."""

    rows: int
    bytes: int


class Tally(Struct):
    """What became of the rows of one submission so far."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    folded: int = 0
    problem: Problem | None = None

    def count(self, statuses: str, problems: dict[int, Problem]) -> None:
        """Counts rows by their letters, ``n`` and ``a`` (new), ``c``, ``u``, ``f``, ``r``; problems by their place."""
        self.new += statuses.count("n") + statuses.count("a")
        self.changed += statuses.count("c")
        self.unchanged += statuses.count("u")
        self.folded += statuses.count("f")
        if problems and self.problem is None:
            self.problem = problems[min(problems)]

    def outcomes(self) -> list[Outcome]:
        """The outcome of the record; rejected if one of its rows was."""
        if self.problem is not None:
            return [Outcome("rejected", problem=self.problem)]
        status: Status
        if self.new and not (self.changed or self.unchanged or self.folded):
            status = "new"
        elif self.new or self.changed:
            status = "changed"
        else:
            status = "folded" if self.folded else "unchanged"
        return [Outcome(status, self.new, self.changed, self.unchanged, self.folded)]


_OUTCOMES = {
    "n": Outcome("new", new=1),
    "a": Outcome("new", new=1),
    "c": Outcome("changed", changed=1),
    "u": Outcome("unchanged", unchanged=1),
    "f": Outcome("folded", folded=1),
    "r": Outcome("rejected"),
}


class RunTally(Struct):
    """What became of complete rows so far, each of which is a record: its pieces are answered in their order."""

    told: list[Outcome] = field(default_factory=list)

    def count(self, statuses: str, problems: dict[int, Problem]) -> None:
        """Notes rows by their letters, as `Tally.count`; one that is rejected has a problem."""
        outcomes = [_OUTCOMES[letter] for letter in statuses]
        for at, problem in problems.items():
            outcomes[at] = Outcome("rejected", problem=problem)
        self.told += outcomes

    def outcomes(self) -> list[Outcome]:
        """The outcome of each record."""
        return self.told


class Batch(Struct):
    """Submissions of which the outcomes are asked for together."""

    tallies: list[Tally | RunTally] = field(default_factory=list)
    waiting: int = 0
    """Pieces that are not answered yet."""


class Piece(Struct):
    """Rows of one submission, or complete rows, as JSON, with what is needed to write them again in smaller parts."""

    batch: Batch
    tally: Tally | RunTally
    rows: Rows
    conflict: Conflict
    position: int | None
    """The place of the first row, where places are counted; None for amendments."""
    body: bytes
    tree: bool

    @property
    def merged(self) -> bool:
        """Whether its rows ask for a merge."""
        return self.conflict != "replace"

    @property
    def looks_for(self) -> str:
        """What a server is to do beside merging or replacing: ``skip``, ``error``, or nothing."""
        return self.conflict if self.conflict in ("skip", "error") else ""


class Parcel(Struct):
    """Pieces that travel in one request."""

    pieces: list[Piece] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    ids: set[str] = field(default_factory=set)

    @property
    def looks_for(self) -> str:
        """What its pieces have in common; see `Piece.looks_for`."""
        return self.pieces[0].looks_for if self.pieces else ""

    def fits(self, piece: Piece, bounds: Bounds) -> bool:
        """Whether a piece has room in it."""
        if not self.pieces:
            return True
        if self.looks_for != piece.looks_for:
            return False
        return self.rows + len(piece.rows) <= bounds.rows and self.bytes + len(piece.body) < bounds.bytes

    def add(self, piece: Piece) -> None:
        """Takes a piece."""
        self.pieces.append(piece)
        self.rows += len(piece.rows)
        self.bytes += len(piece.body) + 1
        self.ids.update([row.id for row in piece.rows])

    def fold(self, later: Piece, form: Form) -> bool:
        """Makes a later version of one row part of the row that is here; False where the two don't go together."""
        if not isinstance(later.tally, Tally) or len(later.rows) != 1:
            return False
        (row,) = _mergeable(later.rows)
        piece, at = next((piece, at) for piece in self.pieces for at, one in enumerate(piece.rows) if one.id == row.id)
        if len({piece.rows[at].root_span_id, row.root_span_id} - {None}) == 2:
            return False
        self.bytes -= len(piece.body)
        rows = _mergeable(piece.rows)
        rows[at] = merge_rows(rows[at], row) if later.merged else row
        piece.rows = rows
        piece.conflict = piece.conflict if later.merged else later.conflict
        piece.body = rows_json(rows, form, piece.merged, piece.position)
        self.bytes += len(piece.body)
        later.tally.folded += 1
        later.batch.waiting -= 1
        return True

    def halves(self, form: Form) -> tuple[Parcel, Parcel]:
        """Two parcels of half the rows each; there must be two rows."""
        first, second = Parcel(), Parcel()
        half = self.rows // 2
        for piece in self.pieces:
            room = half - first.rows
            if len(piece.rows) <= room:
                first.add(piece)
            elif room <= 0:
                second.add(piece)
            else:
                first.add(part_of(piece, 0, room, form))
                second.add(part_of(piece, room, len(piece.rows), form))
        return first, second


def _mergeable(rows: Rows) -> list[Row]:
    return [row.as_row() if isinstance(row, CompleteRow) else row for row in rows]


def part_of(piece: Piece, begin: int, end: int, form: Form) -> Piece:
    """Some of a piece's rows as a piece of their own."""
    rows = piece.rows[begin:end]
    position = None if piece.position is None else piece.position + begin
    body = rows_json(rows, form, piece.merged, position)
    return Piece(piece.batch, piece.tally, rows, piece.conflict, position, body, piece.tree)


def pieces_of(
    batch: Batch, submission: Submission, form: Form, bounds: Bounds, position: int | None
) -> Iterator[Piece]:
    """A submission as pieces that fit into a request: one, unless it is large."""
    tally = Tally()
    batch.tallies.append(tally)
    rows = submission.rows
    body = rows_json(rows, form, submission.conflict != "replace", position)
    whole = Piece(batch, tally, rows, submission.conflict, position, body, submission.tree)
    yield from cut(whole, form, bounds)


def cut(piece: Piece, form: Form, bounds: Bounds) -> Iterator[Piece]:
    """A piece in parts of which none is too large, unless it is one row."""
    waiting = [piece]
    while waiting:
        one = waiting.pop()
        number = len(one.rows)
        if number > 1 and (number > bounds.rows or len(one.body) >= bounds.bytes):
            waiting += [part_of(one, number // 2, number, form), part_of(one, 0, number // 2, form)]
        else:
            one.batch.waiting += 1
            yield one
