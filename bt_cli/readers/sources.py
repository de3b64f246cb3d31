"""Which inputs a command line names: files, globs, folders and stdin."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bt_cli.errors import InputError

_SUFFIXES = tuple(f".{kind}{packed}" for kind in ("jsonl", "ndjson", "json") for packed in ("", ".gz", ".zst"))


@dataclass(frozen=True)
class Source:
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
    if not os.path.exists(path) and glob.has_magic(path):
        found = sorted(one for one in glob.glob(path, recursive=True) if os.path.isfile(one))
        if not found:
            raise InputError(f"{path}: no file matches", hint="quote a glob so that bt sees it, and check the folder", file=path)
        return [_file(one) for one in found]
    return [_file(path)]


def _folder(path: str) -> list[Source]:
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = [one for one in folders if not one.startswith(".")]
        found += [os.path.join(folder, one) for one in files if one.endswith(_SUFFIXES) and not one.startswith(".")]
    if not found:
        kinds = ", ".join(f"*{suffix}" for suffix in _SUFFIXES if suffix.count(".") == 1)
        raise InputError(f"{path}: the folder has no trace files", hint=f"bt looks for {kinds} (and .gz, .zst) in it", file=path)
    return [_file(one) for one in sorted(found)]


def _file(path: str) -> Source:
    try:
        with open(path, "rb"):
            status = os.stat(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check the path and its permissions", file=path) from error
    return Source(path, path, status.st_size if Path(path).is_file() else None)
