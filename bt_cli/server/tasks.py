"""Queries that run while nobody waits: begun, looked after, their results kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import orjson
from msgspec import Struct, field
from starlette.exceptions import HTTPException

from bt_cli.errors import BtError, Interrupted
from bt_cli.pipeline.answering import answer_whole
from bt_cli.query.btql import read_query
from bt_cli.server.row_out import row_json
from bt_cli.server.service import Service
from bt_cli.server.waiting import Patience

_KEPT = 32
"""Queries that are remembered; the oldest that are done give way."""
_MOST_BYTES = 64 << 20
"""Of all kept results together."""
_SECONDS = 600.0


class _Task(Struct):
    status: str = "queued"
    rows: list[str] = field(default_factory=list)
    size: int = 0
    error: str | None = None
    run: Any = None
    """The task of asyncio, which would be dropped if nobody held it."""


class Tasks:
    """The queries of one server that run or have run."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tasks: dict[str, _Task] = {}
        self._turn = asyncio.Semaphore(1)

    def begin(self, query: str | Mapping[str, Any]) -> dict[str, str]:
        """Begins a query; its id and status. Raises HTTPException where too many run."""
        self._forget(_KEPT - 1, _MOST_BYTES)
        if len(self._tasks) >= _KEPT:
            raise HTTPException(503, f"{_KEPT} queries are running; ask again later")
        id = str(uuid4())
        task = self._tasks[id] = _Task()
        task.run = asyncio.ensure_future(self._run(task, query))
        return {"id": id, "status": task.status}

    def status(self, id: str) -> dict[str, Any]:
        """How far a query has got. Raises HTTPException for an unknown one."""
        task = self._task(id)
        return {"id": id, "status": task.status, "error": task.error}

    def result(self, id: str, begin: int, limit: int | None) -> bytes:
        """Rows of a result from number ``begin`` on, in their envelope; the cursor is the number of the next."""
        task = self._task(id)
        end = len(task.rows) if limit is None else begin + limit
        after = {"cursor": str(end) if end < len(task.rows) else None, "error": task.error}
        rows = ",".join(task.rows[begin:end]).encode()
        head = orjson.dumps({"status": task.status})[:-1]
        return head + b',"rows":[' + rows + b"]," + orjson.dumps(after)[1:]

    async def _run(self, task: _Task, query: str | Mapping[str, Any]) -> None:
        async with self._turn:  # one after another: they can wait, and readers are few
            task.status = "running"
            patience = Patience(_SECONDS)
            try:
                task.rows = await self._service.read(
                    lambda store: answer_whole(store, read_query(query), row_json, patience, _MOST_BYTES)
                )
                task.size = sum(map(len, task.rows))
                task.status = "succeeded"
            except Interrupted:
                task.status, task.error = "failed", f"the query took longer than {_SECONDS:g} s and was ended"
            except BtError as error:
                task.status, task.error = "failed", error.message
            except asyncio.CancelledError:
                patience.gone = True
                raise
            except Exception as error:
                task.status, task.error = "failed", f"the query failed: {type(error).__name__}"
                raise
        self._forget(_KEPT, _MOST_BYTES, task)

    def _task(self, id: str) -> _Task:
        if id not in self._tasks:
            raise HTTPException(404, f"there is no query with the id {id}, or its result is no longer kept")
        return self._tasks[id]

    def _forget(self, most: int, most_bytes: int, newest: _Task | None = None) -> None:
        """Drops the oldest results until what is kept is within bounds."""
        done = [id for id, one in self._tasks.items() if one.status in ("succeeded", "failed") and one is not newest]
        for id in done:
            if len(self._tasks) <= most and sum(one.size for one in self._tasks.values()) <= most_bytes:
                return
            del self._tasks[id]
