"""Images, sounds and files in payloads, as chat messages and Braintrust's attachments have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from bt_cli.spans.peek import Members, count, first_word, left, members, word

DATA_URL = re.compile(r'"data:([\w.+-]+\\?/[\w.+-]+)?((?:;[\w.=+-]+)*?);base64,([A-Za-z0-9+/=_\\-]*)"')
"""A JSON string that is a data URL: its media type, parameters and base64."""
_BASE64 = re.compile(r'"[A-Za-z0-9+/=_\\-]{64,}"')
_ATTACHMENTS = ("braintrust_attachment", "external_attachment")
_GEMINI = ("inlineData", "inline_data", "fileData")
_TYPES = ("media_type", "mediaType", "mimeType", "mime_type")
_SOURCES = ("image_url", "source", "input_audio", "file", "image", "data", "file_data", "file_url", *_GEMINI)
_TOLD = ("type", *_SOURCES, *_TYPES, "title", "filename", "content_type", "size", "key", "url")
"""Members of a part that a medium tells."""


class Media(NamedTuple):
    """An image, sound or file: its media type, bytes where they are known, and its name or place."""

    type: str
    size: int | None = None
    name: str | None = None


def media_of(json: str) -> Media | None:
    """The medium that a JSON value is: a data URL, or an object of a known kind."""
    if url := DATA_URL.fullmatch(json):
        return of_url(url)
    value = members(json)
    kind = word(value.get("type"))
    if kind in _ATTACHMENTS:
        return _attachment(value)
    if kind is None and (inner := next((found for name in _GEMINI if (found := members(value.get(name)))), None)):
        return _carried(inner, "file")
    return _KINDS[kind](value) if kind in _KINDS else None


def beside(json: str) -> str | None:
    """What the part of a message has beside its medium, such as the ``detail`` of an image."""
    value = members(json)
    if detail := left(members(value.get("image_url")), "url"):
        return left({**value, "image_url": detail}, *(name for name in _TOLD if name != "image_url"))
    return left(value, *_TOLD)


def of_url(found: re.Match[str]) -> Media:
    """The medium of a match of `DATA_URL`."""
    return Media((found[1] or "text/plain").replace("\\", ""), decoded_size(found[3]))


def decoded_size(base64: str) -> int:
    """The bytes that some base64 stands for."""
    return len(base64.replace("\\", "").rstrip("=")) * 3 // 4


def _attachment(value: Members) -> Media:
    """An attachment of Braintrust's, by its name and place."""
    named = [first_word(value, "filename"), first_word(value, "url", "key")]
    told = ", ".join(one for one in named if one) or None
    return Media(first_word(value, "content_type") or "attachment", count(value.get("size")), told)


def _linked(url: str | None, kind: str, name: str | None = None) -> Media:
    """What a URL leads to: a data URL has its bytes, another its address; an attachment stands for what it was."""
    found = DATA_URL.fullmatch(url or "")
    if found:
        return of_url(found)._replace(name=name)
    value = members(url)
    if word(value.get("type")) in _ATTACHMENTS:
        return _attachment(value)
    return Media(kind, None, name or word(url))


def _carried(value: Members, kind: str, name: str | None = None) -> Media:
    """A medium that carries its base64 beside its type, or the address of it."""
    kind = first_word(value, *_TYPES) or kind
    data = value.get("data") or value.get("image")
    if data and _BASE64.fullmatch(data):
        return Media(kind, decoded_size(data[1:-1]), name)
    return _linked(data or value.get("url") or value.get("fileUri"), kind, name)


def _image_url(value: Members) -> Media:
    url = value.get("image_url")
    return _linked(members(url).get("url") or url, "image")


def _source(value: Members) -> Media:
    source = members(value.get("source")) or value
    return _carried(source, word(value.get("type")) or "image", word(value.get("title")))


def _audio(value: Members) -> Media:
    sound = members(value.get("input_audio"))
    return Media(f"audio/{word(sound.get('format')) or '?'}", decoded_size((sound.get("data") or '""')[1:-1]))


def _file(value: Members) -> Media:
    file = members(value.get("file")) or value
    name = first_word(file, "filename", "file_id") or None
    if "data" in file:
        return _carried(file, "file", name)
    return _linked(file.get("file_data") or file.get("file_url"), "file", name)


_KINDS: dict[str | None, Callable[[Members], Media]] = {
    "image_url": _image_url,
    "input_image": _image_url,
    "image": _source,
    "document": _source,
    "input_audio": _audio,
    "file": _file,
    "input_file": _file,
}
