"""Files inside requests and answers, as base64 text → attachments."""

from __future__ import annotations

import binascii
import mimetypes
import re
from base64 import b64decode
from typing import Any

from bt_cli.tracing.attachments import Attachment

_DATA_URL = re.compile(r"data:([^;]+);base64,(.+)")
_EXTENSIONS = {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx"}
"""Those that differ from system to system."""
_AUDIO = {"mp3": "audio/mpeg", "pcm16": "audio/pcm"}


def with_attachments(value: Any) -> Any:
    """A copy of messages, or of any JSON in them, whose images and files in data URLs are attachments.

    An ``input_image`` of the responses API becomes an ``image_url``, in which Braintrust shows attachments.
    """
    if isinstance(value, list):
        return [with_attachments(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if kind == "input_image":
        return _input_image(value)
    if kind == "image_url":
        return _within(value, "image_url", "url")
    if kind == "file":
        return _within(value, "file", "file_data")
    return {key: with_attachments(one) for key, one in value.items()}


def _input_image(part: dict[str, Any]) -> dict[str, Any]:
    found = _of_data_url(part.get("image_url"))
    if found is None:
        return part
    image = {"url": found, **{key: part[key] for key in ("detail",) if key in part}}
    others = {key: one for key, one in part.items() if key != "detail"}
    return {**others, "type": "image_url", "image_url": image}


def _within(part: dict[str, Any], outer: str, inner: str) -> dict[str, Any]:
    inside = part.get(outer)
    if not isinstance(inside, dict):
        return {key: with_attachments(one) for key, one in part.items()}
    found = _of_data_url(inside.get(inner), inside.get("filename"))
    return part if found is None else {**part, outer: {**inside, inner: found}}


def _of_data_url(url: object, filename: object = None) -> Attachment | None:
    parts = _DATA_URL.fullmatch(url) if isinstance(url, str) and url.startswith("data:") else None
    content = None if parts is None else bytes_of(parts[2])
    if parts is None or content is None:
        return None
    kind = parts[1]
    name = filename if isinstance(filename, str) and filename else _name(kind, "image" if _is_image(kind) else "file")
    return Attachment(data=content, filename=name, content_type=kind)


def bytes_of(text: str) -> bytes | None:
    """What base64 text stands for; None for text that is none."""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def audio_output(audio: dict[str, Any], form: str | None) -> dict[str, Any]:
    """The spoken part of an answer, its ``data`` an attachment; ``form`` as asked for: mp3, wav …"""
    data = audio.get("data")
    content = bytes_of(data) if isinstance(data, str) else data
    if not isinstance(content, bytes):
        return audio
    kind = _AUDIO.get(form.lower(), f"audio/{form.lower()}") if form else "application/octet-stream"
    name = _name(kind, "generated_audio")
    said = {key: value for key, value in audio.items() if key != "data"}
    file = {"file_data": Attachment(data=content, filename=name, content_type=kind), "filename": name}
    return {**said, "mime_type": kind, "audio_size_bytes": len(content), "file": file}


def _is_image(kind: str) -> bool:
    return kind.startswith("image/")


def _name(kind: str, stem: str) -> str:
    subtype = kind.partition("/")[2].partition("+")[0] or "bin"
    return stem + (_EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or f".{subtype}")
