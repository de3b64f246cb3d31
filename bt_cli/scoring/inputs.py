"""What scorers are given: inputs, where each comes from, and in which form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from bt_cli.scoring.base import Case, Missing
from bt_cli.spans.conversation import plain_text
from bt_cli.spans.conversation import texts as texts_of
from bt_cli.spans.paths import Path
from bt_cli.spans.row import LINKAGE, PAYLOAD

PAYLOADS = frozenset(PAYLOAD) - {"context", "origin", "span_attributes"}
"""Inputs that are a field of the row; ``context`` is what was retrieved, not the row's place in a program."""
_ANSWERS = ("output", "expected")


class Source(Struct, frozen=True):
    """Where an input comes from: ``field`` is the row's field that ``read`` looks into, None for a literal."""

    read: Callable[[Case], Any]
    field: str | None = None


class Input(Struct, frozen=True):
    """One argument of a scorer; ``form`` makes of a value what the scorer takes."""

    name: str
    source: Source
    required: bool = True
    form: Callable[[Any], Any] | None = None


def at_path(written: str) -> Source:
    """A value within the scored row. Raises ValueError for what is no path."""
    path = Path(written)
    return Source(lambda case: path.of(case.row), path.field)


def literal(value: Any) -> Source:
    """The same value for every case."""
    return Source(lambda case: value)


def default_source(name: str) -> Source:
    """A payload field by its name, anything else out of the metadata."""
    return Source(lambda case: case.value(name), name) if name in PAYLOADS else at_path(f"metadata.{name}")


def as_text(name: str) -> Callable[[Any], str]:
    """The form of an input of a scorer that reads texts; what was retrieved becomes one text."""
    if name == "context":
        return _context
    answer = name in _ANSWERS
    return lambda value: value if type(value) is str else plain_text(value, answer)


def _context(value: Any) -> str:
    return "\n".join(texts_of(value)) if isinstance(value, list) else plain_text(value, answer=True)


def gather(inputs: Sequence[Input], case: Case) -> dict[str, Any] | Missing:
    """The inputs that a case has, in their forms; null is absent, an empty text and 0 are not."""
    given: dict[str, Any] = {}
    missing: list[str] = []
    for one in inputs:
        value = one.source.read(case)
        if value is None:
            if one.required:
                missing.append(one.name)
        else:
            given[one.name] = value if one.form is None else one.form(value)
    return Missing(tuple(missing)) if missing else given


def fields_of(inputs: Sequence[Input]) -> frozenset[str]:
    """The fields of a row that some inputs look into; those that place it are always there."""
    fields = [one.source.field for one in inputs]
    return frozenset(field for field in fields if field is not None and field not in LINKAGE)
