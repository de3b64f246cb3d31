"""The process that writes to a store for another: batches come in over its input, outcomes go out."""

from __future__ import annotations

import gc
import sys

from bt_cli.errors import StoreError
from bt_cli.processes import receive, send
from bt_cli.spans.container import Container
from bt_cli.stores.sqlite.offload import Answer, Failure, Settled, Written, decode_batch, decode_request, encode
from bt_cli.stores.sqlite.statements import touch
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.writing import SqliteWriting


def serve(path: str, *container: str) -> None:
    """Opens the store at ``path`` with the first request, and writes to one container until the input ends."""
    gc.disable()  # batches are freed by reference counts
    writing: SqliteWriting | None = None
    while (packed := receive(sys.stdin.buffer)) is not None:
        answer: Answer
        try:
            if writing is None:
                writing = SqliteStore(path).direct_writing(Container(*container))
            request = decode_request(packed)
            touch(writing.db, request.touched)
            if request.kind == "settle":
                answer = Settled(writing.settle())
            elif (batch := receive(sys.stdin.buffer)) is not None:
                answer = Written(writing.apply(decode_batch(batch)))
            else:
                return
        except StoreError as error:
            answer = Failure(error.message, error.hint, error.code)
        try:
            send(sys.stdout.buffer, encode(answer))
        except OSError:
            return  # whoever asked has ended
        if isinstance(answer, Failure):
            return


if __name__ == "__main__":
    serve(*sys.argv[1:])
    gc.freeze()  # nothing to look through at the end: the parent waits for it
