"""Where data goes: stdout, or a file that appears under its name only when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal, cast

import typer
from msgspec import Struct

from bt_cli.errors import StoreError, UsageError
from bt_cli.writers import To

if TYPE_CHECKING:
    from bt_cli.cli.console import Console

PANEL = "Output"
Compression = Literal["gzip", "zstd"]

BINARY = ("otlp-proto", "parquet")
"""Formats that are no text."""

ToOption = Annotated[To, typer.Option("--to", help="What to write.", rich_help_panel=PANEL)]
OutOption = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write to FILE instead of stdout.", rich_help_panel=PANEL),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Overwrite FILE.", rich_help_panel=PANEL, show_default=False)
]
CompressOption = Annotated[
    Compression | None, typer.Option("--compress", help="Compress what is written.", rich_help_panel=PANEL)
]


class Target(Struct, frozen=True):
    """What ``-o``, ``--force`` and ``--compress`` say, checked against ``inputs`` (paths, globs, folders).

    ``option`` is the one that gave ``path``.
    """

    path: str | None
    force: bool
    compression: Compression | None
    inputs: Sequence[str] = ()
    option: str = "-o"
    binary: bool = False
    """What is written is no text."""

    @property
    def on_stdout(self) -> bool:
        """Whether data goes to stdout."""
        return self.path in (None, "-")

    @contextmanager
    def opened(self, console: Console, json: bool = False) -> Iterator[BinaryIO]:
        """The stream to write to; ``json`` says what. A failed run leaves no file, and an old one as it was.

        Raises UsageError for a file that may not be written, StoreError for a full disk.
        """
        with _disk_errors(self.path or "standard output"):
            if self.path is None or self.on_stdout:
                if (self.compression or self.binary) and console.out_is_terminal:
                    what = "compressed" if self.compression else "binary"
                    raise UsageError(f"{what} data is not for a terminal", hint="add -o FILE")
                with _compressed(console.json_out if json else console.out, self.compression) as out:
                    yield out
                console.out.flush()
                return
            refuse_input(self.path, self.inputs, self.option)
            with _file(Path(self.path), self.force) as raw, _compressed(raw, self.compression) as out:
                yield out


def refuse_input(path: str, inputs: Sequence[str], option: str) -> None:
    """Raises UsageError if ``path``, the value of ``option``, is among the files that ``inputs`` name."""
    target = Path(path)
    if (not inputs or "-" in inputs) and _is_stdin(target):
        raise UsageError(f"{option} {path} is also standard input", hint="name another file", file=path)
    for one in inputs:
        if any(_same(target, Path(name)) for name in (one, *_globbed(one))) or _inside(target, Path(one)):
            raise UsageError(f"{option} {path} is also an input", hint="name another file", file=path)


def _is_stdin(target: Path) -> bool:
    try:
        return target.is_file() and os.path.samestat(target.stat(), os.fstat(0))
    except OSError:
        return False


def _globbed(pattern: str) -> Iterator[str]:
    if not any(sign in pattern for sign in "*?["):
        return iter(())
    from glob import iglob

    return iglob(pattern, recursive=True)  # Path.glob takes no absolute pattern


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


def _inside(target: Path, folder: Path) -> bool:
    """Whether an existing file would be read as part of a folder."""
    return folder.is_dir() and target.is_file() and target.resolve().is_relative_to(folder.resolve())


@contextmanager
def _file(path: Path, force: bool) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file in it", file=str(path))
    if path.exists() and not path.is_file():  # a pipe or a device: nothing to rename
        with _opened(path) as raw:
            yield raw
        return
    if path.exists() and not force:
        raise UsageError(f"{path} exists", hint="add --force to overwrite it", file=str(path))
    # Through a link, what it points to is replaced, not the link.
    place = path.resolve()
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with _opened(part) as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be written to: {error.strerror}", file=str(path)) from error


@contextmanager
def _compressed(raw: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    if compression == "gzip":
        from gzip import GzipFile

        # No name and no time in the header: the same data gives the same bytes.
        with GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
            yield cast(BinaryIO, packed)
    elif compression == "zstd":
        from zstandard import ZstdCompressor

        with ZstdCompressor().stream_writer(raw, closefd=False) as writer:
            yield cast(BinaryIO, writer)
    else:
        yield raw


@contextmanager
def _disk_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (ENOSPC, EDQUOT, EFBIG, EIO):
            raise
        raise StoreError(f"{name} cannot be written: {error.strerror}", code="disk_full", file=name) from error
