"""Files that rows name as attachments: brought to a store that takes them, and named by their key from then on.

Only files below the working directory or beside the input are opened: a trace that somebody sends must
not make us send what else lies on this machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from mimetypes import guess_type
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import orjson
from msgspec import Raw

from bt_cli.errors import BtError
from bt_cli.spans import text
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import PAYLOAD, Row
from bt_cli.stores.base import TakesFiles

MARK = '"file:'
"""What JSON text has in it that may name a file."""
_TYPES = ("braintrust_attachment", "external_attachment", "inline_attachment")
_MOST_BYTES = 64 << 20


class _Kept(Exception):  # noqa: N818 - control flow: the reference stays as it is
    """Why a file is not attached."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, message)


class Attaching:
    """The attachments of one run; each file is brought once."""

    def __init__(self, store: TakesFiles, inputs: Sequence[str]) -> None:
        self._store = store
        self._folders = [os.path.realpath(one) for one in _folders(inputs)]
        self._done: dict[str, str | Problem] = {}

    def attach(self, rows: Iterable[Row]) -> list[Problem]:
        """Brings the files that rows name, and puts their keys in; what could not be brought stays, with a problem."""
        problems: list[Problem] = []
        for row in rows:
            for name in (*PAYLOAD, "extra"):
                value = getattr(row, name)
                if value is not None and MARK in value:
                    try:
                        setattr(row, name, self._replaced(value, "", problems))
                    except RecursionError:  # nested deeper than anything that has attachments
                        continue
        return problems

    def _replaced(self, value: str, key: str, problems: list[Problem]) -> str:
        """A JSON value with its attachments replaced; what holds none keeps its text. ``key`` is its name."""
        value = value.strip()
        if MARK not in value:
            return value
        if value[0] == "{":
            members = text.members(value)
            found = _attachment(members, key)
            if found is not None:
                return self._reference(value, found, problems)
            return text.join(
                {name: text.raw(self._replaced(text.text_of(one), name, problems)) for name, one in members.items()}
            )
        if value[0] == "[":
            parts = [self._replaced(text.text_of(one), "", problems) for one in text.items(value)]
            return f"[{','.join(parts)}]"
        return value

    def _reference(self, value: str, found: _Named, problems: list[Problem]) -> str:
        reference = self._done.get(found.url)
        if reference is None:
            reference = self._done[found.url] = self._brought(found)
        if isinstance(reference, Problem):
            problems.append(reference)
            return value
        if found.within is None:
            return reference
        return text.join({**found.within, "url": text.raw(reference)})

    def _brought(self, found: _Named) -> str | Problem:
        try:
            path = self._allowed(found.url)
            name = found.filename or os.path.basename(path)
            content_type = found.content_type or guess_type(name)[0] or "application/octet-stream"
            key = self._store.attach(_content(path), name, content_type)
        except _Kept as kept:
            return kept.problem
        except BtError as error:
            return Problem("attachment_failed", f"{found.url} could not be attached: {error.message}")
        about = {"type": "braintrust_attachment", "filename": name, "content_type": content_type, "key": key}
        return orjson.dumps(about).decode()

    def _allowed(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost"):
            raise _Kept("attachment_elsewhere", f"{url} names another machine; write file:///PATH")
        path = os.path.realpath(unquote(parts.path))
        if not any(os.path.commonpath((path, folder)) == folder for folder in self._folders):
            raise _Kept("attachment_outside", f"{url} lies neither below the working directory nor beside the input")
        return path


class _Named(NamedTuple):
    """A file that an object names, and what the object says of it."""

    url: str
    filename: str | None = None
    content_type: str | None = None
    within: dict[str, Raw] | None = None
    """The object that keeps its other members; else the reference takes its place."""


def _attachment(members: dict[str, Raw], key: str) -> _Named | None:
    """What an object names that is an attachment, or the ``image_url`` of a message; None for any other."""
    url = _word(members.get("url")) or _word(members.get("src"))
    if url is None or not url.startswith("file:"):
        return None
    if _word(members.get("type")) in _TYPES:
        return _Named(url, _word(members.get("filename")), _word(members.get("content_type")))
    return _Named(url, within=members) if key == "image_url" else None


def _word(value: Raw | None) -> str | None:
    found = None if value is None else text.decode(text.text_of(value))
    return found if isinstance(found, str) else None


def _folders(inputs: Sequence[str]) -> list[str]:
    """The working directory, and the folders of the files that are read."""
    named = [one if os.path.isdir(one) else os.path.dirname(one) or "." for one in inputs if one != "-"]
    return [".", *named]


def _content(path: str) -> bytes:
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise _Kept("attachment_no_file", f"{path} is no file")
        if found.st_size > _MOST_BYTES:
            raise _Kept("attachment_too_large", f"{path} has more than {_MOST_BYTES >> 20} MiB")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _Kept("attachment_missing", f"{path} cannot be read: {error.strerror}") from error
