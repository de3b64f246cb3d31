"""Files and pipes, plain or compressed → blocks of bytes."""

from __future__ import annotations

import gzip
import os
import random
import sys
import zlib
from pathlib import Path

import pytest
import zstandard

from bt_cli.errors import InputError
from bt_cli.readers.sources import Source
from bt_cli.readers.streams import BLOCK, Stream

TEXT = b'{"input":"hello"}\n' * 1000
NOISE = random.Random(1).randbytes(3 * BLOCK)


def gz(data: bytes) -> bytes:
    """Packed, and every time the same bytes."""
    return gzip.compress(data, mtime=0)


def zstd(data: bytes) -> bytes:
    """One frame."""
    return zstandard.ZstdCompressor().compress(data)


def stream(tmp_path: Path, data: bytes) -> Stream:
    """A stream of a file with these bytes."""
    path = tmp_path / "input"
    path.write_bytes(data)
    return Stream(Source(str(path), str(path)))


def content(tmp_path: Path, data: bytes) -> bytes:
    """What is read of a file with these bytes."""
    return b"".join(stream(tmp_path, data).blocks())


@pytest.mark.parametrize("data", [b"", b"{", b"{}\n", TEXT, NOISE])
def test_plain(tmp_path: Path, data: bytes) -> None:
    """Every byte, of any length."""
    assert content(tmp_path, data) == data


@pytest.mark.parametrize("data", [b"", TEXT, NOISE, b"x" * 5_000_000])
@pytest.mark.parametrize("pack", [gz, zstd])
def test_compressed(tmp_path: Path, data: bytes, pack: object) -> None:
    """Told by the first bytes, not by the name."""
    assert callable(pack)
    assert content(tmp_path, pack(data)) == data


@pytest.mark.parametrize("pack", [gz, zstd])
def test_several_members(tmp_path: Path, pack: object) -> None:
    """Concatenated archives are one text."""
    assert callable(pack)
    assert content(tmp_path, pack(TEXT) + pack(b"") + pack(NOISE) + pack(b"end")) == TEXT + NOISE + b"end"


def test_a_skippable_zstd_frame(tmp_path: Path) -> None:
    """It holds no text."""
    skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
    assert content(tmp_path, skippable + zstd(TEXT)) == TEXT


@pytest.mark.parametrize("zeros", [1, 512, 2 * BLOCK])
def test_zeros_after_gzip(tmp_path: Path, zeros: int) -> None:
    """Tapes pad with them, over block borders too."""
    assert content(tmp_path, gz(TEXT) + bytes(zeros)) == TEXT


@pytest.mark.parametrize("pack", [gz, zstd])
@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_cut(tmp_path: Path, pack: object, keep: float) -> None:
    """Rule 5.2: what was read is given, then the failure is told."""
    assert callable(pack)
    packed = pack(NOISE)
    read = b""
    with pytest.raises(InputError) as caught:
        for block in stream(tmp_path, packed[: int(len(packed) * keep)]).blocks():
            read += block
    assert (caught.value.code, NOISE.startswith(read), len(read) > BLOCK) == ("read_failed", True, True)


@pytest.mark.parametrize("data", [gz(TEXT)[:-3], zstd(TEXT)[:-1], zstd(TEXT) + b"\x28\xb5", b"\x1f\x8bXXXX"])
def test_cut_at_the_very_end(tmp_path: Path, data: bytes) -> None:
    """Not even a checksum may be missing."""
    with pytest.raises(InputError):
        content(tmp_path, data)


@pytest.mark.parametrize("pack", [gz, zstd])
def test_damaged(tmp_path: Path, pack: object) -> None:
    """A wrong byte inside."""
    assert callable(pack)
    packed = bytearray(pack(NOISE))
    packed[10:14] = b"\xff\xff\xff\xff"
    with pytest.raises(InputError):
        content(tmp_path, bytes(packed))


def test_a_compressed_text_comes_in_small_blocks(tmp_path: Path) -> None:
    """Rule 7.3: memory does not grow with what a small archive holds."""
    packed = [gzip.compress(bytes(30_000_000)), zstd(random.Random(2).randbytes(3000) * 10_000)]
    assert [max(map(len, stream(tmp_path, one).blocks())) <= 32 * BLOCK for one in packed] == [True, True]


def test_bytes_taken_are_those_of_the_file(tmp_path: Path) -> None:
    """For the progress of a run."""
    packed = gz(TEXT)
    given = stream(tmp_path, packed)
    list(given.blocks())
    assert given.taken == len(packed)


def test_a_missing_file(tmp_path: Path) -> None:
    """Gone since it was found."""
    with pytest.raises(InputError) as caught:
        list(Stream(Source("x", str(tmp_path / "x"))).blocks())
    assert caught.value.message == "x: No such file or directory"


class TestPipe:
    """Blocks come as they are written."""

    def test_until_it_is_closed(self) -> None:
        """Everything that was written."""
        assert b"".join(self.opened(TEXT).blocks()) == TEXT

    @pytest.mark.parametrize("data", [gz(TEXT), zstd(TEXT)])
    def test_compressed(self, data: bytes) -> None:
        """Like a file."""
        assert b"".join(self.opened(data).blocks()) == TEXT

    @pytest.mark.parametrize("data", [b"", b"{}\n", gz(b"{}\n"), zstd(b"{}\n")])
    def test_waiting(self, data: bytes) -> None:
        """An empty block for each moment without input."""
        reading, writing = os.pipe()
        os.write(writing, data)
        blocks = Stream(Source("pipe", f"/dev/fd/{reading}")).blocks()
        seen = [next(blocks)]
        while seen[-1]:
            seen.append(next(blocks))
        os.close(writing)
        os.close(reading)
        assert b"".join([*seen, *blocks]) == (b"{}\n" if data else b"")

    def test_until_told_to_stop(self) -> None:
        """What has arrived is still given."""
        reading, writing = os.pipe()
        given = Stream(Source("pipe", f"/dev/fd/{reading}"), stop=lambda: 1)
        assert b"".join(given.blocks()) == b""
        os.close(writing)
        os.close(reading)

    def test_stdin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is left open."""
        reading, writing = os.pipe()
        os.write(writing, TEXT[:100])
        os.close(writing)
        with os.fdopen(reading, "rb") as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            assert b"".join(Stream(Source("<stdin>", None)).blocks()) == TEXT[:100]
            assert not stdin.closed

    def test_a_failing_read(self, tmp_path: Path) -> None:
        """A folder opened as a pipe cannot be read."""
        with pytest.raises(InputError):
            list(Stream(Source("folder", str(tmp_path))).blocks())

    @staticmethod
    def opened(data: bytes) -> Stream:
        """A pipe with these bytes, closed behind them."""
        reading, writing = os.pipe()
        os.write(writing, data)
        os.close(writing)
        return Stream(Source("pipe", f"/dev/fd/{reading}"))


class TestFollow:
    """A growing file."""

    @staticmethod
    def followed(path: Path, *changes: object) -> bytes:
        """What is read while each change is made at a moment without input."""
        left = list(changes)

        def stop() -> int:
            return 0 if left else 1

        read = b""
        for block in Stream(Source(str(path), str(path)), follow=True, stop=stop).blocks():
            read += block
            if not block:
                change = left.pop(0)
                assert callable(change)
                change()
        return read

    def test_what_is_appended(self, tmp_path: Path) -> None:
        """Comes after what was there."""
        path = tmp_path / "log"
        path.write_bytes(b"{1}\n")

        def append() -> None:
            with path.open("ab") as file:
                file.write(b"{2}\n")

        assert self.followed(path, append) == b"{1}\n{2}\n"

    def test_a_replaced_file(self, tmp_path: Path) -> None:
        """Is read from its beginning."""
        path = tmp_path / "log"
        path.write_bytes(b"{1}\n")

        def rotate() -> None:
            path.rename(tmp_path / "log.1")
            path.write_bytes(b"{2}\n")

        assert self.followed(path, rotate) == b"{1}\n{2}\n"

    def test_a_truncated_file(self, tmp_path: Path) -> None:
        """Is read from its beginning too."""
        path = tmp_path / "log"
        path.write_bytes(b"{1}\n{1}\n")
        assert self.followed(path, lambda: path.write_bytes(b"{2}\n")) == b"{1}\n{1}\n{2}\n"

    def test_a_file_that_is_gone_for_a_while(self, tmp_path: Path) -> None:
        """Is waited for."""
        path = tmp_path / "log"
        path.write_bytes(b"{1}\n")
        assert self.followed(path, path.unlink, lambda: path.write_bytes(b"{2}\n")) == b"{1}\n{2}\n"


def test_gzip_without_end_of_member_is_cut(tmp_path: Path) -> None:
    """All text may have come, but nothing says that it is all."""
    packer = zlib.compressobj(wbits=31)
    open_ended = packer.compress(TEXT) + packer.flush(zlib.Z_SYNC_FLUSH)
    with pytest.raises(InputError, match="cut off"):
        content(tmp_path, open_ended)
