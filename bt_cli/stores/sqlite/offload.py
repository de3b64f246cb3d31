"""Writing in a process of its own, so that SQLite works while the next records are read and converted.

The other process is `python -m bt_cli.stores.sqlite.offload`: it opens the store, writes the batches
that come in over its input, and answers with their outcomes. It ends with its input; a batch that
was not committed by then is as if it had never been given.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from queue import Queue
from threading import Thread
from typing import IO, Literal

import msgspec
from msgspec import Struct

from bt_cli.errors import StoreError, StoreLockedError
from bt_cli.processes import PIPE_BYTES, other_processors, receive, send, widen
from bt_cli.spans.container import Container
from bt_cli.stores.base import Known, Outcome, Settlement, Submission
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.writing import SqliteWriting, Touched, find_known

_IN_FLIGHT = 3
_WORTH_BYTES = 4 << 20


class Request(Struct, array_like=True, gc=False):
    """A batch to write, or the settlement; and the traces that known records touched meanwhile."""

    kind: Literal["write", "settle"]
    touched: list[Touched] = []
    submissions: list[Submission] = []


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

_encode = msgspec.msgpack.Encoder().encode
_request = msgspec.msgpack.Decoder(Request)
_answer = msgspec.msgpack.Decoder(Answer)


def worth_a_process(expected_bytes: int | None) -> bool:
    """Whether a run of so much input gains from a second process, and there is a processor for it."""
    return expected_bytes is not None and expected_bytes > _WORTH_BYTES and other_processors() > 0


class OffloadedWriting:
    """See `bt_cli.stores.base.Writing`. ``lookup`` is this process's own view of the same store."""

    def __init__(self, path: str, container: Container, lookup: SqliteWriting) -> None:
        self._path = path
        self._lookup = lookup
        self._touched: list[Touched] = []
        self._in_flight = 0
        command = [sys.executable, "-m", "bt_cli.stores.sqlite.offload", path, *[one for one in container if one is not None]]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=PIPE_BYTES)
        self._requests: Queue[bytes | None] = Queue(1)
        self._answers: Queue[bytes | None] = Queue()
        for target, pipe in ((self._send_all, self._process.stdin), (self._receive_all, self._process.stdout)):
            widen(pipe)
            Thread(target=target, args=(pipe,), daemon=True).start()

    def _send_all(self, pipe: IO[bytes]) -> None:
        while (request := self._requests.get()) is not None:
            try:
                send(pipe, request)
            except OSError:
                return  # it has ended; whoever waits for its answer learns that
        pipe.close()

    def _receive_all(self, pipe: IO[bytes]) -> None:
        while (answer := receive(pipe)) is not None:
            self._answers.put(answer)
        self._answers.put(None)

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """Those of ``sources`` that are the last version applied and committed."""
        with translated(self._path):
            known, traces = find_known(self._lookup.db, sources)
        self._touched += [(trace, 1, 0, 0) for trace in traces]
        return known

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """The id of the first row of known records."""
        return self._lookup.ids_of(records)

    def write(self, submissions: list[Submission]) -> list[list[Outcome]]:
        """Gives a batch away; the outcomes of those that are done."""
        self._ask(Request("write", self._touched, submissions))
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
        else:
            self._requests.put(None)
        self._process.wait()

    def _ask(self, request: Request) -> None:
        self._in_flight += 1
        self._requests.put(_encode(request))

    def _outcomes(self) -> list[Outcome]:
        answer = self._receive()
        assert isinstance(answer, Written)
        return answer.outcomes

    def _receive(self) -> Answer:
        packed = self._answers.get()
        if packed is None:
            raise StoreError(
                f"{self._path}: the process that writes to it has ended", hint="run the same command again; nothing is stored twice"
            )
        self._in_flight -= 1
        answer: Answer = _answer.decode(packed)
        if isinstance(answer, Failure):
            self._in_flight = 1  # it has ended with the rest undone
            kind = StoreLockedError if answer.code == StoreLockedError.code else StoreError
            raise kind(answer.message, hint=answer.hint, code=answer.code)
        return answer


def _serve(path: str, *container: str) -> None:
    """The life of the other process."""
    import gc
    import signal

    from bt_cli.stores.sqlite.store import SqliteStore

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent ends the run after a clean checkpoint
    gc.disable()
    writing: SqliteWriting | None = None
    while (packed := receive(sys.stdin.buffer)) is not None:
        answer: Answer
        try:
            if writing is None:
                writing = SqliteStore(path).direct_writing(Container(*container))
            request = _request.decode(packed)
            writing.touch(request.touched)
            answer = Settled(writing.settle()) if request.kind == "settle" else Written(writing.apply(request.submissions))
        except StoreError as error:
            answer = Failure(error.message, error.hint, error.code)
        send(sys.stdout.buffer, _encode(answer))
        if isinstance(answer, Failure):
            return


if __name__ == "__main__":
    _serve(*sys.argv[1:])
