"""``braintrust.*``: what Braintrust's own SDKs and processors write, and ``bt.*``, what `bt export --to otlp` adds.

Source: Braintrust's documentation of its OpenTelemetry integration, and its SDKs.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.reading import Reading, json_text, one_line, value_of
from bt_cli.spans import text
from bt_cli.spans.otel import COPIES, COPY, PARENT_LINK
from bt_cli.spans.row import LINKAGE, PAYLOAD, SERVER

FAMILIES = frozenset(("braintrust", "bt"))
PLAIN: dict[str, tuple[str, str]] = {}

_JSON = {
    "braintrust.input_json": "input",
    "braintrust.output_json": "output",
    "braintrust.expected_json": "expected",
    "braintrust.context_json": "context",
    "braintrust.origin": "origin",
    "bt.error": "error",
    "bt.tags": "tags",
    "bt.span_parents": "span_parents",
    "bt.created": "created",
}
_OBJECTS = ("metadata", "metrics", "scores", "span_attributes")
_VALUES = ("input", "output", "expected")
_FIELDS = frozenset((*LINKAGE, *PAYLOAD, *SERVER, "children", "_is_merge", "_bt_as_stored"))
_IDS = ("bt.id", "bt.span_id", "bt.root_span_id")


def read(reading: Reading) -> bool:
    """Takes Braintrust's fields as they are; whatever other dialects say fills what they leave open."""
    bag = reading.bag
    before = len(bag)
    if COPIES in bag:
        _leave_out_copies(reading)
    for key, field in _JSON.items():
        if key in bag:
            _take_json(reading, key, field)
    for field in _VALUES:
        _take_value(reading, field)
    for field in _OBJECTS:
        _take_object(reading, field)
    if "braintrust.tags" in bag:
        _take_tags(reading)
    for key in _IDS:
        if isinstance(bag.get(key), str):
            reading.texts[key] = bag.pop(key)
    _take_kept(reading)
    _read_type(reading)
    return len(bag) < before


def _take_kept(reading: Reading) -> None:
    """Members, attributes and a status that a row has kept, and that had no place of their own as a span again."""
    extra = reading.bag.get("bt.extra")
    if isinstance(extra, str) and text.is_object(extra) and json_text(extra) is not None:
        members = text.members(extra)
        if members and _FIELDS.isdisjoint(members):
            reading.texts["extra"] = text.join(members)
            del reading.bag["bt.extra"]
    kept = {name: value_of(reading.bag.get(f"bt.{name}")) for name in ("members", "status", "attributes")}
    for name, value in kept.items():
        if isinstance(value, dict) and value:
            del reading.bag[f"bt.{name}"]
            if name == "attributes":
                reading.bag |= value
            else:
                reading.span.more[name] = value


def _read_type(reading: Reading) -> None:
    attributes = reading.texts.get("span_attributes")
    if text.is_object(attributes) and attributes:
        kind = text.decode(attributes).get("type")
        reading.type = kind if isinstance(kind, str) else ""


def _take_value(reading: Reading, field: str) -> None:
    """A payload that is a plain attribute, or flattened into several."""
    key = f"braintrust.{field}"
    if not reading.take_into(field, key) and field not in reading.texts:
        found = reading.take_nested(key)
        if found is not None:
            reading.put_value(field, found)


def _leave_out_copies(reading: Reading) -> None:
    """Attributes, events and links that say in other names what the row's fields say."""
    copies = reading.bag.pop(COPIES)
    for copy in copies if isinstance(copies, list) else ():
        if isinstance(copy, str):
            reading.bag.pop(copy, None)
    reading.events = [one for one in reading.events if COPY not in one.attributes]
    links = reading.span.links
    reading.span.links = [one for one in links if one.get("attributes", {}).get(PARENT_LINK) != "parent"]


def _take_json(reading: Reading, key: str, field: str) -> None:
    value = reading.bag[key]
    written = json_text(value) if isinstance(value, str) else text.encode(value)
    if written is None:
        reading.losses.append((key, "unparsed"))
    elif reading.put(field, one_line(written)):
        del reading.bag[key]


def _take_object(reading: Reading, field: str) -> None:
    """One attribute with the object's JSON, or one for each member, which then come on top."""
    key = f"braintrust.{field}"
    if key in reading.bag:
        _take_json(reading, key, field)
        if not (text.is_object(reading.texts.get(field)) or reading.texts.get(field) in (None, "null")):
            reading.bag[key] = reading.texts.pop(field)
            reading.losses.append((key, "unparsed"))
    members: dict[str, Any] = {}
    start = key + "."
    for name in [one for one in reading.bag if one.startswith(start)]:
        members[name[len(start) :]] = reading.bag.pop(name)
    if not members:
        return
    base = reading.texts.get(field)
    held = text.members(base) if text.is_object(base) and base else {}
    held.update({name: text.raw(text.encode(value)) for name, value in members.items()})
    reading.texts[field] = text.join(held)


def _take_tags(reading: Reading) -> None:
    tags = reading.bag["braintrust.tags"]
    if isinstance(tags, str):  # an SDK writes the list as JSON
        written = json_text(tags)
        tags = text.decode(written) if written and written[0] == "[" else [tags]
    if isinstance(tags, list):
        reading.tags.extend(tags)
        del reading.bag["braintrust.tags"]
