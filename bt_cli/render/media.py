"""Images and attachments in payloads: told by type and size instead of by their bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from bt_cli.render.amounts import size
from bt_cli.spans import text

_DATA_URL = re.compile(r'"data:([\w.+-]+\\?/[\w.+-]+)?((?:;[\w.=+-]+)*?);base64,([A-Za-z0-9+/=_\\-]*)"')
_BARE = re.compile(r'("(?:data|file_data|b64_json|base64|bytes)"\s*:\s*)"([A-Za-z0-9+/=_\\-]{256,})"')
_BARE_VALUE = re.compile(r'"[A-Za-z0-9+/=_\\-]{64,}"')
_ATTACHMENTS = ("braintrust_attachment", "external_attachment")

Members = dict[str, str]
"""The members of an object as JSON text."""


class Media(NamedTuple):
    """An image, sound or file: its media type, bytes where they are known, and its name or place."""

    type: str
    size: int | None = None
    name: str | None = None

    def __str__(self) -> str:
        parts = [self.type, *([size(self.size)] if self.size is not None else []), *([self.name] if self.name else [])]
        return f"[{', '.join(parts)}]"


def shortened(json: str) -> str:
    """JSON text with the bytes of data URLs replaced by their type and size."""
    if ";base64," in json:
        json = _DATA_URL.sub(lambda found: text.quote(str(_of_url(found))), json)
    if _BARE.search(json):
        json = _BARE.sub(lambda found: f'{found[1]}"[base64, {size(_decoded(found[2]))}]"', json)
    return json


def media_of(json: str) -> Media | None:
    """The medium that a JSON value is: a data URL, or an object as chat messages and Braintrust have them."""
    if found := _DATA_URL.fullmatch(json):
        return _of_url(found)
    value = members(json)
    kind = word(value.get("type"))
    if kind in _ATTACHMENTS:
        where = word(value.get("filename")) or word(value.get("url")) or word(value.get("key"))
        return Media(word(value.get("content_type")) or "attachment", _count(value.get("size")), where)
    return _KINDS[kind](value) if kind in _KINDS else None


def members(json: str | None) -> Members:
    """The members of an object; none where it is no object."""
    if json is None or json[:1] != "{":
        return {}
    try:
        return {key: text.text_of(value) for key, value in text.members(json).items()}
    except (msgspec.DecodeError, RecursionError):
        return {}


def items(json: str | None) -> list[str]:
    """The items of an array; none where it is no array."""
    if json is None or json[:1] != "[":
        return []
    try:
        return [text.text_of(value) for value in text.items(json)]
    except (msgspec.DecodeError, RecursionError):
        return []


def word(json: str | None) -> str | None:
    """The text of a JSON string; None for anything else."""
    value = text.decode(json) if json is not None and json[:1] == '"' else None
    return value if isinstance(value, str) else None


def _count(json: str | None) -> int | None:
    value = text.decode(json) if json else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _of_url(found: re.Match[str]) -> Media:
    return Media((found[1] or "text/plain").replace("\\", ""), _decoded(found[3]))


def _decoded(base64: str) -> int:
    """The bytes that some base64 stands for."""
    return len(base64.replace("\\", "").rstrip("=")) * 3 // 4


def _linked(url: str | None, kind: str, name: str | None = None) -> Media:
    """What a URL leads to: a data URL has its bytes, another its address."""
    found = _DATA_URL.fullmatch(url or "")
    if found:
        return _of_url(found)._replace(name=name)
    return Media(kind, None, name or word(url))


def _image_url(value: Members) -> Media:
    url = value.get("image_url")
    return _linked(members(url).get("url") or url, "image")


def _source(value: Members) -> Media:
    source = members(value.get("source"))
    kind = word(source.get("media_type")) or word(value.get("type")) or "image"
    data = source.get("data")
    if data and _BARE_VALUE.fullmatch(data):
        return Media(kind, _decoded(data[1:-1]), word(value.get("title")))
    return _linked(source.get("url"), kind, word(value.get("title")))


def _audio(value: Members) -> Media:
    sound = members(value.get("input_audio"))
    return Media(f"audio/{word(sound.get('format')) or '?'}", _decoded((sound.get("data") or '""')[1:-1]))


def _file(value: Members) -> Media:
    file = members(value.get("file")) or value
    name = word(file.get("filename")) or word(file.get("file_id"))
    return _linked(file.get("file_data"), "file", name)


_KINDS: dict[str | None, Callable[[Members], Media]] = {
    "image_url": _image_url,
    "input_image": _image_url,
    "image": _source,
    "document": _source,
    "input_audio": _audio,
    "file": _file,
    "input_file": _file,
}
