"""Attachments that rows name: files that a store keeps apart from them, under a key (wire protocol section 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bt_cli.spans.peek import first_word, members, word
from bt_cli.spans.row import PAYLOAD, Row

_KEPT, _ELSEWHERE = "braintrust_attachment", "external_attachment"
_MARK = '_attachment"'
FLAT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(\{(?:[^{}"]|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+\})', re.DOTALL)
"""A string of JSON text, or an object that holds no other."""
_UNKNOWN = "application/octet-stream"


class Reference(NamedTuple):
    """What a row says of an attachment: a ``key`` of its store, or else the ``url`` of a place elsewhere."""

    filename: str
    content_type: str
    key: str | None = None
    url: str | None = None


class Located(NamedTuple):
    """An attachment that a row names, as far as its store knows of it."""

    reference: Reference
    size: int | None
    """Bytes, where they are known."""
    place: str | None
    """Where its content lies: the path of a file, or a URL."""
    lack: str | None
    """Why there is no content."""


def references_in(row: Row) -> Iterator[Reference]:
    """The attachments that a row names anywhere in its payload, in order, as often as it does."""
    for name in (*PAYLOAD, "extra"):
        json = getattr(row, name)
        if json is not None and _MARK in json:
            for found in FLAT.finditer(json):
                if found[1] and (reference := reference_of(found[1])):
                    yield reference


def reference_of(json: str) -> Reference | None:
    """The attachment that a JSON value is; None for anything else."""
    value = members(json)
    kind = word(value.get("type"))
    if kind not in (_KEPT, _ELSEWHERE):
        return None
    key = word(value.get("key")) if kind == _KEPT else None
    url = word(value.get("url")) if kind == _ELSEWHERE else None
    if not (key or url):
        return None
    name = first_word(value, "filename") or "attachment"
    return Reference(name, first_word(value, "content_type") or _UNKNOWN, key, url)
