"""A small served store, and queries over Braintrust's API put to it without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bt_cli.pipeline.answer_page import Answered
from bt_cli.pipeline.answering import answer
from bt_cli.query.btql import read_query
from bt_cli.server.row_out import row_json
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Submission
from bt_cli.stores.sqlite.serving import ServingSqliteStore

LOGS, RUN, DATA = Container("demo"), Container("demo", "run"), Container("demo", None, "data")
STARTED = 1_767_600_000.0
"""When the first trace began, in epoch seconds; others follow each other by a minute."""


def span(trace: int, number: int, **fields: str | None) -> Row:
    """A span of a trace: number 0 the root, 1 a call of a model, 2 a tool below it."""
    ids = [f"t{trace}s{one}" for one in range(3)]
    kind = ("task", "llm", "tool")[number]
    return Row(
        id=ids[number],
        span_id=ids[number],
        root_span_id=ids[0],
        span_parents=json.dumps(ids[:number][-1:]),
        time=STARTED + 60 * trace + number,
        input=json.dumps({"q": f"question {trace}"}),
        metadata=json.dumps({"n": trace, "model": "gpt"}),
        metrics=json.dumps({"start": trace, "end": trace + number + 1.5, "prompt_tokens": 3, "completion_tokens": 4}),
        scores=json.dumps({"q": trace / 10}) if number == 0 else None,
        tags=json.dumps(["even" if trace % 2 == 0 else "odd"]),
        span_attributes=json.dumps({"name": f"n{number}", "type": kind}),
        **fields,
    )


def filled(path: str, traces: int = 5) -> ServingSqliteStore:
    """A store with the same traces in project logs and an experiment, and as many rows in a dataset."""
    store = ServingSqliteStore(path)
    rows = [span(trace, number) for trace in range(traces) for number in range(3)]
    data = [Row(f"d{one}", f"d{one}", f"d{one}", "[]", input=str(one), expected=str(one * 2)) for one in range(traces)]
    for container, some in ((LOGS, rows), (RUN, rows), (DATA, data)):
        store.apply([(container, [Submission([row], None) for row in some])])
    return store


def asked(store: ServingSqliteStore, query: str | Mapping[str, Any]) -> Answered:
    """The answer to a query, in any form."""
    return answer(store, read_query(query), row_json, lambda: 0)


def values(store: ServingSqliteStore, query: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of an answer, decoded."""
    return [json.loads(row) for row in asked(store, query).rows]


def ids(store: ServingSqliteStore, query: str | Mapping[str, Any]) -> list[str]:
    """The ids of the rows of an answer."""
    return [row["id"] for row in values(store, query)]


def pages(store: ServingSqliteStore, query: str, limit: int) -> Iterator[list[str]]:
    """The ids of each page of a query in clauses, until one is empty."""
    cursor = ""
    while found := asked(store, f"{query} | limit: {limit}{cursor}"):
        if not found.rows:
            return
        yield [json.loads(row)["id"] for row in found.rows]
        cursor = f' | cursor: "{found.cursor}"'
