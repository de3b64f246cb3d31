"""Python values become JSON as Braintrust's own package makes it."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import sys
import types
import uuid
from collections import OrderedDict, UserDict, defaultdict, deque
from typing import Any, NamedTuple

import numpy
import pydantic
import pytest
from braintrust.bt_json import bt_dumps, bt_safe_deep_copy
from hypothesis import given
from hypothesis import strategies as some

from bt_cli.tracing.values import UNKNOWN, to_json


class Colour(enum.Enum):
    RED = 1
    MIXED = (1, "a")


class Word(str, enum.Enum):  # noqa: UP042 - as programs have them; its text is "Word.NO"
    NO = "no"


class Level(enum.IntEnum):
    LOW = 3


class Point(NamedTuple):
    x: int
    y: int


class Half(float):
    """A number of a type of its own."""


@dataclasses.dataclass
class Message:
    role: str
    parts: Any = None
    _hidden: int = 1


@dataclasses.dataclass
class Broken:
    fine: int = 1

    def __getattribute__(self, name: str) -> Any:
        if name == "fine":
            raise OSError("gone")
        return super().__getattribute__(name)


class Model(pydantic.BaseModel):
    name: str
    nothing: int | None = None
    when: datetime.date | None = None
    inner: Model | None = None


class Root(pydantic.RootModel[list[int]]):
    pass


class OlderModel:
    """As models of pydantic 1 are."""

    def dict(self, exclude_none: bool) -> dict[str, Any]:
        return {"a": 1, "without None": exclude_none}


class Inner(pydantic.BaseModel):
    a: int


class Other(pydantic.BaseModel):
    b: int


class Generic(pydantic.BaseModel):
    """Dumping it warns where a member is not of the type it says."""

    inner: Inner


class Strict:
    """As a model whose method takes less than pydantic's."""

    def model_dump(self, exclude_none: bool) -> dict[str, Any]:
        return {"a": 1, "without None": exclude_none}


class Named:
    def __str__(self) -> str:
        return "an object's text"


class Nameless:
    def __str__(self) -> str:
        raise ValueError("no text")

    __hash__ = object.__hash__


class Exploding(dict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise OSError("gone")


class Proxy:
    """As one that stands for an object which isn't there."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("nothing bound")


def nothing_known(value: object) -> object:
    return UNKNOWN


def ours(value: object) -> Any:
    return json.loads(to_json(value, nothing_known))


def theirs(value: object) -> Any:
    """What the package sends as the value of a field."""
    return json.loads(bt_dumps(bt_safe_deep_copy({"input": value})))["input"]


def nested(levels: int, innermost: Any) -> Any:
    for _ in range(levels):
        innermost = [innermost]
    return innermost


def cyclic() -> Any:
    value: dict[str, Any] = {"a": {}}
    value["a"]["again"] = value
    value["list"] = [value["a"]]
    return value


SHARED = {"a": [1]}
UTC = datetime.UTC
VALUES = {
    "text": 'é😀\n"',
    "true": True,
    "float": 1.5,
    "whole float": 1.0,
    "small float": 1e-7,
    "null": None,
    "null inside": {"a": [None, {"b": None}]},
    "not a number": math.nan,
    "infinity": math.inf,
    "below all": -math.inf,
    "odd numbers inside": {"a": [math.nan, (math.inf, None)], "b": {"c": -math.inf}},
    "big integer": 1 << 70,
    "big integer inside": {"a": [-(1 << 64), "é"]},
    "date and time": datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    "date and time without zone": {"at": datetime.datetime(2024, 5, 6)},  # noqa: DTZ001 - programs have them
    "date": datetime.date(2024, 5, 6),
    "time": datetime.time(1, 2, 3),
    "time with zone": datetime.time(1, 2, 3, tzinfo=UTC),
    "duration": datetime.timedelta(seconds=90),
    "uuid": uuid.UUID(int=5),
    "decimal": decimal.Decimal("1.10"),
    "complex": 1 + 2j,
    "bytes": b"ab\xff",
    "bytes inside": {"a": b"ab"},
    "path": pathlib.PurePosixPath("/a/b"),
    "exception": ValueError("what went wrong"),
    "type": int,
    "function": len,
    "module of models": Model,
    "set": {1},
    "frozen set": frozenset([1]),
    "queue": deque([1, 2]),
    "tuple": (1, "a"),
    "named tuple": Point(1, 2),
    "range": range(3),
    "enumeration": Colour.RED,
    "enumeration of tuples": [Colour.MIXED],
    "enumeration of text": {"a": Word.NO},
    "enumeration of numbers": [Level.LOW],
    "enumerations beside a set": [Level.LOW, Word.NO, Colour.RED, {1}],
    "number of a type of its own": [Half(0.5)],
    "odd number of a type of its own": Half(math.nan),
    "ordered": OrderedDict(b=1, a=2),
    "default": defaultdict(list, a=[1]),
    "user's dictionary": UserDict(a=1),
    "proxy of a dictionary": types.MappingProxyType({"a": {1}}),
    "keys": {2: "a", None: "b", True: "c", 1.5: "d", (1, 2): "e", Colour.RED: "f", Word.NO: "g"},
    "key without text": {Nameless(): 1},
    "dataclass": Message("user", [Message("system", {1})]),
    "dataclass with odd number": {"a": Message("user", math.nan)},
    "dataclass that fails": Broken(),
    "class of a dataclass": Message,
    "model": Model(name="a", when=datetime.date(2024, 5, 6), inner=Model(name="b")),
    "models inside": {"a": [Model(name="a")], "b": Root([1, 2])},
    "model that would warn": Generic.model_construct(inner=Other(b=1)),  # type: ignore[arg-type]
    "model of another kind": [Strict()],
    "older model": OlderModel(),
    "array": numpy.array([[1, 2], [3, 4]]),
    "array of odd numbers": {"a": numpy.array([1.0, math.nan])},
    "array of objects": numpy.array([{"a": 1}, None], dtype=object),
    "numpy's numbers": [numpy.float64(0.5), numpy.int32(3), numpy.float32(0.5), numpy.bool_(True)],
    "numpy's odd numbers": [numpy.float64("nan")],
    "object": Named(),
    "object inside": {"a": [Named()]},
    "object without text": {"a": Nameless()},
    "cycle": cyclic(),
    "shared, no cycle": [SHARED, {"again": SHARED, 1: SHARED}],
    "deep": nested(190, math.nan),
    "too deep": nested(300, 1),
    "as deep as may be": nested(199, math.nan),
    "one level too deep": nested(200, math.nan),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_become_what_the_official_package_makes_of_them(name: str) -> None:
    """Decoded, the JSON of both is the same."""
    assert ours(VALUES[name]) == theirs(VALUES[name])


plain = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: (
        some.lists(inner) | some.tuples(inner, inner) | some.dictionaries(some.text() | some.integers(), inner)
    ),
    max_leaves=20,
)


@given(plain)
def test_any_plain_value_becomes_what_the_official_package_makes_of_it(value: Any) -> None:
    """Whatever numbers, text and nesting there are, but for halves of surrogate pairs, which hypothesis leaves out."""
    assert ours(value) == theirs(value)


def test_keys_stay_in_the_order_of_the_program() -> None:
    """Neither way to JSON sorts them."""
    assert to_json({"role": "user", "content": "hi"}, nothing_known) == '{"role":"user","content":"hi"}'
    assert to_json({"role": "user", "content": {1}}, nothing_known) == '{"role":"user","content":[1]}'


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    """As when it is read from a file; no store could keep it."""
    assert ours({"a\ud800": "b\udc00"}) == {"a\ufffd": "b\ufffd"}


def test_deep_json_is_kept_whole() -> None:
    """What orjson writes is not cut, though the official package cuts it."""
    assert ours(nested(250, 1)) == nested(250, 1)


def test_later_changes_change_nothing() -> None:
    """The text is made at once."""
    value = {"a": [1]}
    written = to_json(value, nothing_known)
    value["a"].append(2)
    assert written == '{"a":[1]}'


def test_each_object_is_asked_for_once_and_something_stands_for_it() -> None:
    """Whoever replaces attachments counts them."""
    asked: list[object] = []

    def replaced(value: object) -> object:
        asked.append(value)
        return {"type": "external_attachment", "pages": {1}} if isinstance(value, Named) else UNKNOWN

    one, other = Named(), Named()
    written = to_json({"a": one, "b": [other, None, math.nan, 1 << 70], "c": {2}}, replaced)
    stands = {"type": "external_attachment", "pages": [1]}
    assert json.loads(written) == {"a": stands, "b": [stands, None, "NaN", 1 << 70], "c": [2]}
    assert asked == [one, other]


def test_members_of_dataclasses_are_replaced_too() -> None:
    """An attachment in a dataclass is found."""
    written = to_json(Message("user", [Named()]), lambda value: "<here>" if isinstance(value, Named) else UNKNOWN)
    assert json.loads(written)["parts"] == ["<here>"]


def test_an_object_that_cannot_be_read_is_named() -> None:
    """Nothing a program logs raises."""
    assert ours({"a": Exploding(b=1), 1: 2}) == {"a": "<non-sanitizable: Exploding>", "1": 2}
    assert ours([Proxy()]) == ["<non-sanitizable: Proxy>"]
    assert ours([10**5000]) == "<non-sanitizable: list>"


def test_methods_that_have_a_models_names_by_chance_are_no_models() -> None:
    """What isn't data has its text."""

    class Chance:
        dict = "not a method"

        def model_dump(self, **options: bool) -> object:
            return object()

        def __str__(self) -> str:
            return "by chance"

    assert ours([Chance()]) == ["by chance"]


def test_a_deep_stack_of_the_caller_raises_nothing() -> None:
    """Where no frames are left, values are cut."""

    def below(frames: int, value: Any) -> str:
        return below(frames - 1, value) if frames else to_json(value, nothing_known)

    frame, used = sys._getframe(), 0
    while frame is not None:
        frame, used = frame.f_back, used + 1  # type: ignore[assignment]
    room = sys.getrecursionlimit() - used
    for left in range(15, 120, 15):
        for value in (nested(150, {1}), nested(150, 1 << 70)):
            assert "<" in below(room - left, value)


def test_a_value_that_changes_meanwhile_raises_nothing() -> None:
    """Another thread may change what is being logged."""

    class Growing(dict[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            self[len(self) + 10] = 1
            return 1

    assert ours({1: Growing({1: 1, 2: 2})}) == {"1": "<non-sanitizable: Growing>"}
