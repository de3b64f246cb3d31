"""Which inputs a command line names: files, globs, folders and stdin."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NoReturn

from msgspec import Struct

from bt_cli.errors import InputError

_SUFFIXES = tuple(f".{kind}{packed}" for kind in ("jsonl", "ndjson", "json") for packed in ("", ".gz", ".zst"))


class Source(Struct, frozen=True):
    """One input: a file's path, or None for stdin."""

    name: str
    path: str | None
    size: int | None = None


STDIN = Source("<stdin>", None)


def find_sources(paths: Sequence[str]) -> list[Source]:
    """The inputs that ``paths`` name, each readable, in the order given; folders and globs sorted.

    No path at all means stdin. Raises InputError for a missing or unreadable file, a glob without a
    match and a folder without trace files, before anything is read.
    """
    if not paths:
        return [STDIN]
    return [source for path in paths for source in _expand(path)]


def _expand(path: str) -> list[Source]:
    if path == "-":
        return [STDIN]
    if os.path.isdir(path):
        return _folder(path)
    if not os.path.exists(path) and any(mark in path for mark in "*?["):
        import glob

        found = sorted(one for one in glob.glob(path, recursive=True) if os.path.isfile(one))
        if not found:
            hint = "quote a glob so that bt sees it, and check the folder"
            raise InputError(f"{path}: no file matches", hint=hint, file=path)
        return [_file(one) for one in found]
    return [_file(path)]


def _folder(path: str) -> list[Source]:
    found = []
    for folder, folders, files in os.walk(path, onerror=_refuse):
        folders[:] = [one for one in folders if not one.startswith(".")]
        found += [os.path.join(folder, one) for one in files if one.endswith(_SUFFIXES) and not one.startswith(".")]
    if not found:
        kinds = ", ".join(f"*{suffix}" for suffix in _SUFFIXES if suffix.count(".") == 1)
        hint = f"bt looks for {kinds} (and .gz, .zst) in it"
        raise InputError(f"{path}: the folder has no trace files", hint=hint, file=path)
    return [_file(one) for one in sorted(found)]


def _file(path: str) -> Source:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return Source(path, path)  # a pipe cannot be opened twice
        with open(path, "rb"):
            return Source(path, path, status.st_size)
    except OSError as error:
        _refuse(error, path)


def _refuse(error: OSError, path: str = "") -> NoReturn:
    name = path or str(error.filename)
    raise InputError(f"{name}: {error.strerror}", hint="check the path and its permissions", file=name) from error
