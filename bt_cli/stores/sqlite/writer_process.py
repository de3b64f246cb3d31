"""The process that writes to a store for another: batches come in over its input, outcomes go out."""

from __future__ import annotations

import gc
import sys

import msgspec

from bt_cli.errors import StoreError
from bt_cli.processes import receive, send
from bt_cli.spans.container import Container
from bt_cli.stores.sqlite.offload import Answer, Failure, Request, Settled, Written, decode_part, decode_request, encode
from bt_cli.stores.sqlite.statements import touch
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.writing import SqliteWriting


def serve(path: str, container: str) -> None:
    """Opens the store at ``path`` with the first request, and writes to one container (JSON) until the input ends."""
    gc.disable()  # batches are freed by reference counts
    writing: SqliteWriting | None = None
    while (packed := receive(sys.stdin.buffer)) is not None:
        try:
            if writing is None:
                writing = SqliteStore(path).direct_writing(msgspec.json.decode(container, type=Container))
            answer = _answer(writing, decode_request(packed))
        except StoreError as error:
            answer = Failure(error.message, error.hint, error.code)
        try:
            if answer is not None:
                send(sys.stdout.buffer, encode(answer))
        except OSError:
            return  # whoever asked has ended
        if isinstance(answer, Failure):
            return


def _answer(writing: SqliteWriting, request: Request) -> Answer | None:
    touch(writing.db, request.touched)
    if request.kind == "settle":
        return Settled(writing.settle())
    if request.kind == "commit":
        return Written(writing.commit()[0])
    part = receive(sys.stdin.buffer)
    for submission in decode_part(part) if part is not None else ():
        writing.add(submission)
    return None


if __name__ == "__main__":
    serve(*sys.argv[1:])
    gc.freeze()  # nothing to look through at the end: the parent waits for it
