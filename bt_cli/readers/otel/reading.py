"""What a row gets of a span while its attributes are read: every field is set once, by the first that knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw

from bt_cli.readers.otel.span import Loss, OtelSpan
from bt_cli.spans import text

_valid = msgspec.json.Decoder(Raw).decode
_NONE: frozenset[str] = frozenset()
_NUMBER = re.compile(r"\d{1,6}")


class Reading:
    """The attributes of one span that nobody has understood yet (``bag``), and the row's fields so far.

    Payloads are JSON text. What a dialect takes leaves the bag; what stays is kept in ``metadata.otel``.
    """

    def __init__(self, span: OtelSpan) -> None:
        self.span = span
        self.bag: dict[str, Any] = dict(span.attributes)
        self.families = {key.partition(".")[0] for key in self.bag}
        """First words of the attributes' names: what tells which dialects have something to read."""
        self.texts: dict[str, str] = {}
        """JSON text of fields by their name: ``input``, ``output``, ``expected``, ``error``, ``context`` …"""
        self.type = ""
        self.name = span.name
        self.metadata: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}
        self.scores: dict[str, Any] = {}
        self.tags: list[Any] = []
        self.usage: dict[str, Any] = {}
        """Token counts by the name of the metric that they may become; see `bt_cli.readers.otel.usage`."""
        self.losses: list[Loss] = span.losses
        self._held: dict[str, frozenset[str]] = {}
        self.dialects: list[str] = []
        self.events = list(span.events)

    def put(self, field: str, written: str) -> bool:
        """Sets a field to JSON text unless it is set; answers whether it did."""
        if field in self.texts:
            return False
        self.texts[field] = written
        return True

    def put_value(self, field: str, value: Any) -> bool:
        """The same with a value."""
        return field not in self.texts and self.put(field, text.encode(value))

    def take_into(self, field: str, key: str, nested: bool = True) -> bool:
        """Makes an attribute a field: as JSON where its text is that, else as it is. Answers whether it did.

        ``nested`` takes text as JSON only if that is an object or array.
        """
        if key not in self.bag or field in self.texts:
            return False
        self.texts[field] = json_or_text(self.bag.pop(key), nested)
        return True

    def held(self, part: str) -> frozenset[str]:
        """The members that ``metadata`` or ``metrics`` have as they were given, which nothing overrides."""
        held = self._held.get(part)
        if held is None:
            given = self.texts.get(part)
            held = frozenset(text.members(given)) if given and text.is_object(given) else _NONE
            self._held[part] = held
        return held

    def lacks(self, name: str) -> bool:
        """Whether the metadata has no such member yet."""
        return name not in self.metadata and name not in self.held("metadata")

    def describe(self, name: str, value: Any) -> bool:
        """Sets a member of the metadata; answers whether that is what it has now."""
        return name not in self.held("metadata") and bool(self.metadata.setdefault(name, value) == value)

    def take_json(self, key: str) -> Any:
        """The value of an attribute that is JSON text or, in newer forms, a value; None where it has none.

        Text that is no JSON stays in the bag, and is told.
        """
        value = self.bag.get(key)
        if isinstance(value, str):
            if (written := json_text(value)) is None:
                self.losses.append((key, "unparsed"))
                return None
            value = text.decode(written)
        self.bag.pop(key, None)
        return value

    def take_numbered(self, prefix: str) -> list[Any]:
        """The attributes ``prefix.N.…`` as a list of objects, in the order of their numbers."""
        found = self.take_nested(prefix)
        return found if isinstance(found, list) else []

    def take_nested(self, prefix: str) -> Any:
        """The attributes ``prefix.…`` as the object (or list, where its keys are numbers) that they flatten."""
        start = prefix + "."
        keys = [key for key in self.bag if key.startswith(start)]
        if not keys:
            return None
        return nested((key[len(start) :], self.bag.pop(key)) for key in keys)


def nested(flat: Iterable[tuple[str, Any]]) -> Any:
    """Objects and lists from names with dots: ``0.role`` and ``0.content`` are a list of one object."""
    top: dict[str, Any] = {}
    for name, value in flat:
        at = top
        *path, last = name.split(".")
        for step in path[:32]:
            below = at.setdefault(step, {})
            if not isinstance(below, dict):  # both a value and something below it
                below = at[step] = {"": below}
            at = below
        at[last] = value
    return _listed(top)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: _listed(one) for key, one in value.items()}
    if found and all(_NUMBER.fullmatch(key) for key in found):
        return [found[key] for key in sorted(found, key=int)]
    return found


def json_text(value: str) -> str | None:
    """The text itself where it is valid JSON; else None."""
    try:
        _valid(value.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return value.strip()


def json_or_text(value: Any, nested_only: bool = True) -> str:
    """JSON text of an attribute's value: text that is JSON (an object or array, ``nested_only``) as it is."""
    if isinstance(value, str):
        head = value.lstrip()[:1]
        if (head in "{[" if nested_only else True) and head and (written := json_text(value)) is not None:
            return one_line(written)
    return text.encode(value)


def one_line(written: str) -> str:
    """Valid JSON without line breaks between its tokens: payloads stand on one line."""
    return msgspec.json.format(written, indent=-1) if "\n" in written or "\r" in written else written


def value_of(value: Any) -> Any:
    """What an attribute's value holds where it is the text of an object or array, else the value."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        written = json_text(value)
        return value if written is None else text.decode(written)
    return value
