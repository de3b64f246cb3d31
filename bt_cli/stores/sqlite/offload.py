"""Writing in a process of its own, so that SQLite works while the next records are read and converted.

The other process is `bt_cli.stores.sqlite.writer_process`. It ends with its input; a batch that was not
committed by then is as if it had never been given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from queue import Queue
from threading import Thread
from typing import IO, Literal

import msgspec
from msgspec import Struct

from bt_cli.errors import StoreError, StoreLockedError
from bt_cli.processes import receive, send, start
from bt_cli.spans.container import Container
from bt_cli.stores.base import Known, Outcome, Settlement, Submission
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.statements import Touched
from bt_cli.stores.sqlite.writing import SqliteWriting, find_known

_IN_FLIGHT = 2
_PART_BYTES = 1 << 20


class Request(Struct, array_like=True, gc=False):
    """A part of a batch, which follows as a message of its own; the end of a batch; or the settlement.

    ``touched`` are the traces that known records touched meanwhile. A part has no answer.
    """

    kind: Literal["add", "commit", "settle"]
    touched: list[Touched] = []


class Failure(Struct, array_like=True, tag=True):
    """A StoreError of the other process."""

    message: str
    hint: str | None
    code: str


class Written(Struct, array_like=True, tag=True, gc=False):
    """The outcomes of one batch."""

    outcomes: list[Outcome]


class Settled(Struct, array_like=True, tag=True):
    """The end of a run."""

    settlement: Settlement


Answer = Failure | Written | Settled

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_part = msgspec.msgpack.Decoder(list[Submission]).decode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode


class _Part:
    """Submissions packed as they come, while the processor has them at hand: a msgpack array of 32-bit length."""

    def __init__(self) -> None:
        self._packed = bytearray(b"\xdd\0\0\0\0")
        self._count = 0

    def add(self, submission: Submission) -> None:
        _encoder.encode_into(submission, self._packed, -1)
        self._count += 1

    @property
    def size(self) -> int:
        return len(self._packed)

    def message(self) -> bytes:
        self._packed[1:5] = self._count.to_bytes(4, "big")
        return bytes(self._packed)


class OffloadedWriting:
    """See `bt_cli.stores.base.Writing`. ``lookup`` is this process's own view of the same store."""

    def __init__(self, path: str, container: Container, lookup: SqliteWriting) -> None:
        self._path = path
        self._lookup = lookup
        self._touched: list[Touched] = []
        self._in_flight = 0
        self._part = _Part()
        # Into an empty store nothing is looked up: a record that comes twice is found equal when it is written.
        self._nothing_known = not lookup.db.execute("SELECT 1 FROM sources").fetchone()
        arguments = [path, msgspec.json.encode(container).decode()]
        self._process = start("bt_cli.stores.sqlite.writer_process", arguments)
        self._requests: Queue[tuple[bytes, ...] | None] = Queue()
        self._answers: Queue[bytes | None] = Queue()
        self._threads = [
            Thread(target=self._send_all, args=(self._process.stdin,), daemon=True),
            Thread(target=self._receive_all, args=(self._process.stdout,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _send_all(self, pipe: IO[bytes]) -> None:
        # An error means that the process has ended; whoever waits for its answer learns that.
        with contextlib.suppress(OSError), pipe:
            while (request := self._requests.get()) is not None:
                for message in request:
                    send(pipe, message)

    def _receive_all(self, pipe: IO[bytes]) -> None:
        with pipe:
            while (answer := receive(pipe)) is not None:
                self._answers.put(answer)
        self._answers.put(None)

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """Those of ``sources`` that are the last version applied and committed."""
        if self._nothing_known:
            return {}
        with translated(self._path):
            known, traces = find_known(self._lookup.db, sources)
        self._touched += [(trace, 1, 0, 0) for trace in traces]
        return known

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """The id of the first row of known records."""
        return self._lookup.ids_of(records)

    def add(self, submission: Submission) -> None:
        """Puts a submission into the batch."""
        self._part.add(submission)
        if self._part.size >= _PART_BYTES:
            self._send_part()

    def _send_part(self) -> None:
        self._requests.put((encode(Request("add")), self._part.message()))
        self._part = _Part()

    def commit(self) -> list[list[Outcome]]:
        """Gives the batch away; the outcomes of those that are done."""
        self._send_part()
        self._ask(Request("commit", self._touched))
        self._touched = []
        done = []
        while self._in_flight > _IN_FLIGHT or (self._in_flight and not self._answers.empty()):
            done.append(self._outcomes())
        return done

    def drain(self) -> list[list[Outcome]]:
        """Waits for all batches in flight."""
        return [self._outcomes() for _ in range(self._in_flight)]

    def settle(self) -> Settlement:
        """See `bt_cli.stores.base.Writing`; all batches are done."""
        self._ask(Request("settle", self._touched))
        answer = self._receive()
        assert isinstance(answer, Settled)
        return answer.settlement

    def close(self) -> None:
        """Ends the other process; without a settlement it is stopped where it is."""
        if self._in_flight:
            self._process.kill()
        self._requests.put(None)
        self._process.wait()
        for thread in self._threads:
            thread.join()

    def _ask(self, request: Request) -> None:
        self._requests.put((encode(request),))
        self._in_flight += 1

    def _ended(self) -> StoreError:
        message = f"{self._path}: the process that writes to it has ended"
        return StoreError(message, hint="run the same command again; nothing is stored twice")

    def _outcomes(self) -> list[Outcome]:
        answer = self._receive()
        assert isinstance(answer, Written)
        return answer.outcomes

    def _receive(self) -> Answer:
        packed = self._answers.get()
        if packed is None:
            raise self._ended()
        self._in_flight -= 1
        answer: Answer = _decode_answer(packed)
        if isinstance(answer, Failure):
            self._in_flight = 1  # it has ended with the rest undone
            kind = StoreLockedError if answer.code == StoreLockedError.code else StoreError
            raise kind(answer.message, hint=answer.hint, code=answer.code)
        return answer
