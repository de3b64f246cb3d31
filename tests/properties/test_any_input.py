"""Whatever the input: never an exception, and every byte is accounted for."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers.base import Record, Reject
from bt_cli.spans.ids import content_hash
from bt_cli.spans.node import deepen_stack
from bt_cli.writers.rows import write_rows
from bt_cli.writers.tree import write_tree
from builders import read
from properties.strategies import TREES

GOLDEN = Path(__file__).parents[1] / "golden"
FAST = settings(deadline=None, max_examples=100)
PIECES = [b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\r\n", b" ", b"-", b"\xff", b"\x00"]
PIECES += [
    b"\xef\xbb\xbf",
    b"NaN",
    b"null",
    b"1e400",
    b"\\ud800",
    b'{"a":1}',
    b'{"rows":[',
    b'"children":',
    b'{"_bt_reject":{},"raw":"',
]
SPACE = b" \t\r\n,[]\xef\xbb\xbf"
"""What may stand between records: white space, and the brackets, commas and marks around them."""


@pytest.fixture(autouse=True)
def deep_stack() -> Iterator[None]:
    """As every process of ours runs."""
    limit = sys.getrecursionlimit()
    deepen_stack()
    yield
    sys.setrecursionlimit(limit)


def holds(item: Record | Reject) -> bytes:
    """The bytes that a record or reject stands for."""
    assert item.raw is not None
    return item.raw


def unaccounted(data: bytes, items: list[Record | Reject]) -> bytes:
    """The bytes of the input that no record or reject holds."""
    left = bytearray(data)
    for item in items:
        raw = holds(item)
        begin = item.begin if isinstance(item, Reject) else item.byte
        assert data.startswith(raw, begin), (item, data)
        left[begin : begin + len(raw)] = b" " * len(raw)
    return bytes(left)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Some bytes flipped, removed, put in or cut off."""
    made = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(made) + 1)
        kind = dice.randrange(5)
        if kind == 0 and at < len(made):
            made[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del made[at : at + dice.randint(1, 20)]
        elif kind == 2:
            made[at:at] = dice.choice(PIECES)
        elif kind == 3:
            other = dice.randrange(len(made) + 1)
            made[at:at] = made[other : other + dice.randint(1, 40)]
        elif dice.random() < 0.2:
            del made[at:]
    return bytes(made)


def check(data: bytes) -> None:
    """Reads and converts input, and writes what became of it."""
    items = read(data)
    if b'"_bt_reject"' not in data and b'"rows"' not in data and b'"data"' not in data:
        left = unaccounted(data, items)
        assert all(byte in SPACE for byte in left), (data, left)
    for item in items:
        if isinstance(item, Record):
            done = Conversion().convert(item.json, content_hash(item.raw))
            rows = getattr(done, "rows", [])
            write_rows(rows)
            write_tree(rows)


@pytest.mark.parametrize("count", [4_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mutants(count: int) -> None:
    """Mutants of valid input, others in each run (the seed is printed)."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    lines = [line for path in sorted(GOLDEN.glob("*/*.jsonl")) for line in path.read_bytes().splitlines(True)]
    short = [line for line in lines if len(line) < 1000]
    for _ in range(count):
        data = mutated(b"".join(dice.choices(short, k=dice.randint(1, 3))), dice)
        check(data)


@FAST
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=30).map(b"".join))
def test_pieces_of_json(data: bytes) -> None:
    """Pieces put together in any order."""
    check(data)


@FAST
@given(st.lists(TREES | st.sampled_from([b"x", b'{"a"', b'{\n"b":1\n}', b"[", b"]"]), max_size=5), st.integers(1, 40))
def test_blocks_of_any_size_give_the_same(lines: list[bytes], size: int) -> None:
    """Where the input is split makes no difference."""
    data = b"\n".join(lines)
    assert read(data, block=size) == read(data)


@FAST
@given(st.lists(TREES, max_size=4), st.sampled_from([b"\n", b"\r\n", b"", b" ", b"\n\n", b"\n\xef\xbb\xbf"]))
def test_any_layout_gives_the_same_records(lines: list[bytes], between: bytes) -> None:
    """One a line, several on a line, with blank lines: the same records."""
    assert [holds(item) for item in read(between.join(lines))] == lines
