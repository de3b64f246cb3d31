"""Values that Braintrust's fields do not allow move to ``metadata._bt.invalid.<field>`` (one problem each)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw

from bt_cli.spans import text
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row

Score = Annotated[float, Meta(ge=0, le=1)]
Decoder = msgspec.json.Decoder[Any]

METRICS: Decoder = msgspec.json.Decoder(dict[str, float | None])
SCORES: Decoder = msgspec.json.Decoder(dict[str, Score | None])
TAGS: Decoder = msgspec.json.Decoder(list[str])
_METRIC: Decoder = msgspec.json.Decoder(float | None)
_SCORE: Decoder = msgspec.json.Decoder(Score | None)
_STRING: Decoder = msgspec.json.Decoder(str)

_WHY = {
    "scores": "a score is a number from 0 to 1",
    "metrics": "a metric is a number",
    "tags": "a tag is text",
    "metadata": "metadata is an object",
    "span_attributes": "span_attributes is an object",
    "created": "created is text or the number of a date",
    "span_parents": "span_parents is a list of span ids",
    "name": "a name is text or a number",
    "type": "a type is text",
}


def fits(decoder: Decoder, value: str | Raw) -> bool:
    """Whether JSON text has the shape that ``decoder`` describes."""
    try:
        decoder.decode(value)
    except msgspec.DecodeError:
        return False
    return True


class Invalid:
    """What does not fit in one span: collected while its row is built, then put into its metadata."""

    def __init__(self) -> None:
        self._moved: dict[str, Raw] = {}
        self._paths: list[tuple[str, str]] = []

    def move(self, name: str, value: str) -> None:
        """Takes the whole of a field."""
        self._moved[name] = text.raw(value)
        self._paths.append((name, name))

    def split_members(self, name: str, value: str) -> str | None:
        """The members of ``scores`` or ``metrics`` that fit, as an object; the others are taken."""
        if not text.is_object(value):
            self.move(name, value)
            return None
        decoder = _SCORE if name == "scores" else _METRIC
        members = text.members(value)
        bad = {key: item for key, item in members.items() if not fits(decoder, item)}
        if not bad:  # a duplicate key, whose last value fits
            return text.join(members)
        self._moved[name] = text.raw(text.join(bad))
        self._paths += [(name, f"{name}.{key}") for key in bad]
        return text.join({key: item for key, item in members.items() if key not in bad})

    def split_tags(self, value: str) -> str | None:
        """The items of ``tags`` that are text; the others are taken."""
        if value[0] != "[":
            self.move("tags", value)
            return None
        items = [(text.text_of(item), fits(_STRING, item)) for item in text.items(value)]
        self._moved["tags"] = text.raw(f"[{','.join(item for item, good in items if not good)}]")
        self._paths += [("tags", f"tags[{index}]") for index, (_, good) in enumerate(items) if not good]
        return f"[{','.join(item for item, good in items if good)}]"

    def settle(self, row: Row, path: str) -> list[Problem]:
        """Writes what was taken to ``metadata._bt.invalid`` of ``row``; the problems, below ``path``."""
        if not self._moved:
            return []
        metadata = text.members(row.metadata) if row.metadata and text.is_object(row.metadata) else {}
        ours = _object(metadata.get("_bt"))
        ours["invalid"] = text.raw(text.join({**_object(ours.get("invalid")), **self._moved}))
        metadata["_bt"] = text.raw(text.join(ours))
        row.metadata = text.join(metadata)
        why = "; moved to metadata._bt.invalid"
        return [Problem("invalid_" + name, _WHY[name] + why, path + place) for name, place in self._paths]


class Invalids(dict[int, Invalid]):
    """What does not fit, by the index of its span; most records have none."""

    def __missing__(self, index: int) -> Invalid:
        self[index] = invalid = Invalid()
        return invalid


def _object(value: Raw | None) -> dict[str, Raw]:
    return text.members(value) if value is not None and text.is_object(text.text_of(value)) else {}
