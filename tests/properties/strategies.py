"""Random payloads, records and traces for the properties.

Built by a seeded generator of our own: hypothesis chooses the seeds and prints the one that fails.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from hypothesis import strategies as st

from bt_cli.spans.row import Row

Dice = random.Random
Made = TypeVar("Made")

SCALARS = ["0", "-0", "1.50", "1e400", "-1E-7", "123456789012345678901234567890", "null", "true", "false"]
STRINGS = ['""', '"a"', '"b"', '"\\u00e9"', '"é"', '"\\ud83d\\ude00"', '"a\\/b"', '"}{]["', '"\\\\\\""', '"\\u0000"']
TIMES = [1704916642.5, 1704916650, 12.5, 0, None]
ATTRIBUTES = ['{"name":"x"}', '{"name":"x","type":"llm"}', '{"type":"task"}', '{"name":5}', "null", "{}", '{"é":1}']
CREATED = ["2024-01-10T19:57:22.5Z", "2024-01-10", "<timestamp>", "1999-01-01"]
EXTRA = ['{"z":1}', '{"caf\\u00e9":[1e400],"y":null}', '{"k":{"name":"x"}}']


def seeded(build: Callable[[Dice], Made]) -> st.SearchStrategy[Made]:
    """A strategy of what a builder makes with seeded dice."""
    return st.integers(0, 2**32 - 1).map(lambda seed: build(Dice(seed)))


def build_json(dice: Dice, depth: int = 3) -> str:
    """JSON text with odd numbers, escapes and white space."""
    kind = dice.randrange(4) if depth else 0
    if kind < 2:
        return dice.choice(SCALARS + STRINGS)
    if kind == 2:
        return "[" + ",".join(build_json(dice, depth - 1) for _ in range(dice.randrange(4))) + "]"
    return build_object(dice, depth)


def build_object(dice: Dice, depth: int = 3) -> str:
    """JSON text of an object, no key of it twice."""
    keys = {orjson.loads(key): key for key in dice.choices(STRINGS, k=dice.randrange(4))}
    space = dice.choice(["", "", " ", "\t"])
    members = [f"{key}:{space}{build_json(dice, depth - 1)}{space}" for key in keys.values()]
    return "{" + space + ",".join(members) + "}"


def build_metrics(dice: Dice) -> dict[str, Any]:
    """Times and tokens, some of them null."""
    values: dict[str, list[Any]] = {"start": TIMES, "end": [1704916660.25, 99, None]}
    values |= {"prompt_tokens": [3, 1.5, None], "tokens": [7, None]}
    return {name: dice.choice(choice) for name, choice in values.items() if dice.random() < 0.4}


def maybe(dice: Dice, text: str) -> str | None:
    """A text or, as often, none."""
    return text if dice.random() < 0.5 else None


def build_row(dice: Dice, index: int = 0, names: tuple[str, ...] = ("s0",)) -> Row:
    """A row whose parents are any of some span ids."""
    span_id = names[index] if dice.random() < 0.85 else names[0]
    parents = dice.sample([*names, "gone"], k=min(dice.randrange(3), len(names)))
    row = Row(f"r{index}", span_id, "trace", orjson.dumps(parents).decode())
    row.input, row.output, row.error = (maybe(dice, build_json(dice)) for _ in range(3))
    row.metadata = maybe(dice, dice.choice([build_object(dice), "null"]))
    row.metrics = maybe(dice, dice.choice([orjson.dumps(build_metrics(dice)).decode(), "null"]))
    row.span_attributes = maybe(dice, dice.choice(ATTRIBUTES))
    row.created = maybe(dice, dice.choice(CREATED))
    row.extra = maybe(dice, dice.choice(EXTRA))
    return row


def build_trace(dice: Dice) -> list[Row]:
    """Rows linked in any way: roots, orphans, cycles, several parents, span ids that occur twice."""
    names = tuple(f"s{index}" for index in range(dice.randint(1, 9)))
    return [build_row(dice, index, names) for index in range(len(names))]


def build_node(dice: Dice, depth: int = 4) -> str:
    """A nested record whose nodes may have names, times and unknown keys."""
    values = {
        "name": dice.choice(['"x"', "5", "null", '"\\u00e9"']),
        "type": dice.choice(['"llm"', "null"]),
        "metrics": orjson.dumps(build_metrics(dice)).decode(),
        "created": orjson.dumps(dice.choice(CREATED)).decode(),
        "input": build_json(dice),
        "unknown": build_json(dice),
        "span_attributes": dice.choice(ATTRIBUTES),
        "span_id": f'"s{dice.randrange(10**9)}"',
    }
    members = [f'"{name}":{text}' for name, text in values.items() if dice.random() < 0.3]
    below = [build_node(dice, depth - 1) for _ in range(dice.randrange(4) if depth else 0)]
    return "{" + ",".join([*members, f'"children":[{",".join(below)}]']) + "}"


JSON = seeded(build_json)
OBJECTS = seeded(build_object)
ROWS = seeded(build_row)
TRACES = seeded(build_trace)
TREES = seeded(build_node).map(str.encode)
