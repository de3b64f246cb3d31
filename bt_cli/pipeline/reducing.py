"""Pages of traces reduced to something small where they are read: here, or in another process."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from bt_cli.pipeline.workers import Job, Workers
from bt_cli.spans.row import Row
from bt_cli.stores import open_store
from bt_cli.stores.base import Fields, Store

_BYTES_OF_SPAN = 400
"""How much work a span is, in bytes of input, to judge whether another process pays."""
_CHUNK_SPANS = 1_000
"""Spans that go to a process at a time: enough that handing them over costs little."""

Result = TypeVar("Result")


def reduced(store: Store, pages: Iterable[Any], job: Job[Result]) -> Generator[Result, None, None]:
    """The results for chunks of ``pages``, in their order; where there are many, another process does some.

    A chunk is a list of pages. A store that is this process's own is read here only.
    """
    workers: Workers[None, Result] = Workers(job, ahead=2)
    with contextlib.closing(workers):
        for chunk, spans in _chunks(pages):
            for _, result in workers.submit(None, chunk, spans * _BYTES_OF_SPAN if store.url else 0):
                yield result
        for _, result in workers.finish():
            yield result


def read_chunk(store: Store, chunk: Iterable[Any], fields: Fields) -> Iterator[list[Row]]:
    """The traces of a chunk, with only ``fields`` of their rows."""
    return (trace for page in chunk for trace in store.read_page(page, fields))


@lru_cache(maxsize=1)
def opened(url: str) -> Store:
    """The store of a worker process, open for its life."""
    return open_store(url, "read")


def _chunks(pages: Iterable[Any]) -> Iterator[tuple[list[Any], int]]:
    """Pages in lists of some `_CHUNK_SPANS` spans."""
    chunk: list[Any] = []
    spans = 0
    for page in pages:
        chunk.append(page)
        spans += page.spans
        if spans >= _CHUNK_SPANS:
            yield chunk, spans
            chunk, spans = [], 0
    if chunk:
        yield chunk, spans
