"""Plain rows are read at one go; what becomes of a body is what its rows become one by one, the long way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bt_cli.pipeline import bodies as reading
from bt_cli.pipeline import receiving
from bt_cli.pipeline.bodies import Body
from bt_cli.pipeline.receiving import Receiving, read_rows, store_rows
from bt_cli.spans.container import Container, container_id
from bt_cli.stores.base import Conflict
from bt_cli.stores.serving import RowsAsked
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from properties.strategies import ATTRIBUTES, Dice, build_json, build_metrics, build_object, seeded

CONTAINERS = [Container("p"), Container("p", "e"), Container("p", dataset="d")]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
_MEMBER = ("project_id", "experiment_id", "dataset_id")
ODD = ['"text"', "17", "null", "[]", "{}", '""', "true", '{"a":[1]}', '["x"]', '{"start":1e12,"q":0.5,"r":2}', "1e400"]
UNKNOWN = ["zz", "a b", "comments", "is_root", "facets", "_audit_source", "name", "children", "z\\u007a", "comment"]
INSTRUCTIONS = ['"_merge_paths":[["tags"]]', '"_merge_paths":[]', '"_merge_paths":null', '"_object_delete":true']
INSTRUCTIONS += ['"_array_delete":[{"path":["tags"],"delete":["x"]}]', '"_object_delete":false', '"_merge_paths":7']


def quoted(value: object) -> str:
    """JSON text of a value."""
    return orjson.dumps(value).decode()


def build_members(dice: Dice) -> dict[str, str]:
    """The members of a row as all should be."""
    number = dice.randrange(6)
    at = dice.randrange(3)
    values = {
        "id": quoted(f"i{number}"),
        "span_id": quoted(f"s{number}"),
        "root_span_id": quoted(f"t{number // 2}"),
        "span_parents": quoted([f"s{number - 1}"] if number % 2 else []),
        _MEMBER[at]: quoted(container_id(CONTAINERS[at])),
    }
    may = {
        "created": quoted(dice.choice(["2026-01-02T03:04:05Z", "yesterday"])),
        "input": build_json(dice),
        "error": build_json(dice, 1),
        "scores": dice.choice(['{"q":0.5}', '{"q":1,"r":null}', "{}", "null"]),
        "metrics": dice.choice([quoted(build_metrics(dice)), '{"start":1704916642500}', '{"end":1e12}']),
        "metadata": build_object(dice),
        "tags": dice.choice(['["x"]', '["x","\\u00e9"]', "[]"]),
        "span_attributes": dice.choice(ATTRIBUTES),
        "_is_merge": dice.choice(["true", "false", "null"]),
        "_merge_paths": '[["tags"],["metadata","k"]]',
        "log_id": '"g"',
        "zz": build_json(dice, 1),
        "audit_data": "null",
        "is_root": "true",
    }
    return values | {name: value for name, value in may.items() if dice.random() < 0.4}


def build_posted(dice: Dice) -> str:
    """A row, often with something that is not as it should be."""
    members = build_members(dice)
    odd = dice.randrange(8)
    if odd == 0:
        members[dice.choice(list(members))] = dice.choice(ODD)
    elif odd == 1:
        del members[dice.choice(list(members))]
    elif odd == 2:
        members[dice.choice(UNKNOWN)] = dice.choice(ODD)
    written = [f'"{name}":{value}' for name, value in members.items()]
    if odd == 3:
        written.append(dice.choice(INSTRUCTIONS))
    elif odd == 4:
        written.append(dice.choice(written))
    elif odd == 5 and dice.random() < 0.3:
        return dice.choice(["17", "null", "[]", "{}", '{"comment":{"text":"hi"},"origin":{"id":"i1"},"id":"c"}'])
    dice.shuffle(written)
    return "{" + dice.choice(["", " "]) + ",".join(written) + "}"


def build_body(dice: Dice) -> bytes:
    """A body of a few rows."""
    return ('{"rows":[' + ",".join(build_posted(dice) for _ in range(dice.randrange(5))) + "]}").encode()


BODIES = st.lists(seeded(build_body), min_size=1, max_size=4)
CONFLICTS = st.sampled_from([None, "skip", "error"])


@contextmanager
def same_clock_and_dice() -> Iterator[None]:
    """Made ids and times are the same in every run."""
    with patch.object(receiving.os, "urandom", lambda size: b"u" * size), patch.object(receiving, "datetime") as clock:
        clock.now.return_value = NOW
        yield


def told(done: Receiving) -> Any:
    """What a client is told of a body."""
    return done.ids, done.statuses, done.problems


def posted(bodies: Sequence[bytes], fills: bool, conflict: Conflict | None) -> list[Any]:
    """What clients are told of some bodies, one after another, and all that is stored then."""
    store = ServingSqliteStore(":memory:")
    for container in CONTAINERS:
        store.open_object(container, {})
    found: list[Any] = []
    with same_clock_and_dice():
        for body in bodies:
            done = read_rows(store, Body(body, "rows"), fills=fills, conflict=conflict)
            store_rows(store, done)
            found.append(told(done))
    asked = [RowsAsked([container], newest_first=False) for container in CONTAINERS]
    found.append([[(one.row, one.place) for one in store.rows(one)] for one in asked])
    store.close()
    return found


@settings(deadline=None, max_examples=150)
@given(BODIES, st.booleans(), CONFLICTS)
@example([b'{"rows":[{"id":"a","span_id":"a","root_span_id":"a","facets":null,"audit\\u005fdata":null}]}'], True, None)
def test_a_body_becomes_what_its_rows_become(bodies: list[bytes], fills: bool, conflict: Conflict | None) -> None:
    """Ids, statuses, problems and stores are equal."""
    at_one_go = posted(bodies, fills, conflict)
    with patch.object(reading, "plain_body", lambda *_: None), patch.object(reading, "plain_row", lambda raw: raw):
        assert posted(bodies, fills, conflict) == at_one_go


def test_a_body_of_plain_rows_is_never_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once their unknown keys have been met."""
    row = b'{"id":"%d","span_id":"s","root_span_id":"s","project_id":"%b","zz":1,"facets":null,"metrics":{"start":1}}'
    rows = [row % (number, container_id(CONTAINERS[0]).encode()) for number in range(3)]
    bodies = [b'{"rows":[' + one + b"]}" for one in rows]
    posted(bodies[:1], True, None)
    monkeypatch.delattr(receiving, "read_posted")
    monkeypatch.setattr(Body, "items", None)
    assert [letters for _, letters, _ in posted(bodies[1:], True, None)[:-1]] == ["1n", "1a"]
