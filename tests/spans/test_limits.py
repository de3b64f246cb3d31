"""Rule 4.6: how deep a trace may be."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from bt_cli.spans.decode import decode_node
from bt_cli.spans.mapping import Mapping
from bt_cli.spans.node import MAX_DEPTH, deepen_stack
from bt_cli.spans.problem import Rejected
from builders import convert, refusal


@pytest.fixture(autouse=True)
def deep_stack() -> Iterator[None]:
    """As every process of ours runs."""
    limit = sys.getrecursionlimit()
    deepen_stack()
    yield
    sys.setrecursionlimit(limit)


def chain(length: int, unknown: str = "") -> bytes:
    """So many spans below each other."""
    return (f'{{{unknown}"children":[' * (length - 1) + "{}" + "]}" * (length - 1)).encode()


@pytest.mark.parametrize("unknown", ["", '"x":1,'])
def test_as_deep_as_may_be(unknown: str) -> None:
    """256 spans below each other are read, with unknown keys too."""
    assert len(convert(chain(MAX_DEPTH, unknown)).rows) == MAX_DEPTH


@pytest.mark.parametrize("unknown", ["", '"x":1,'])
@pytest.mark.parametrize("length", [MAX_DEPTH + 1, 900])
def test_too_deep(length: int, unknown: str) -> None:
    """More are refused, always with the same words."""
    problem = refusal(chain(length, unknown))
    assert (problem.code, problem.message) == ("too_deep", "more than 256 spans below each other")


def test_too_deep_by_another_name() -> None:
    """Trees with names of their own, which are read level by level, are as deep as others may be."""
    deep = chain(MAX_DEPTH + 1).replace(b"children", b"kids")
    with pytest.raises(Rejected) as refused:
        decode_node(deep, Mapping(children="kids"))
    assert refused.value.problem.message == "more than 256 spans below each other"


def test_nesting_beyond_any_parser() -> None:
    """What no parser takes is refused, not a crash."""
    assert refusal(b'{"children":' * 100_000 + b"1" + b"}" * 100_000).code == "too_deep"


def test_a_deep_payload_is_no_deep_trace() -> None:
    """Payloads are not opened."""
    deep = "[" * 900 + "]" * 900
    assert convert(f'{{"input":{deep}}}'.encode()).rows[0].input == deep


def test_a_wide_trace() -> None:
    """A trace of 100,000 spans is one record."""
    assert len(convert(b'{"children":[' + b"{}," * 99_998 + b"{}]}").rows) == 100_000
