"""Where data goes: files that appear when complete, compression, refusals."""

import gzip
from pathlib import Path

import pytest

from bt_cli.cli.console import Console
from bt_cli.cli.output import Target, refuse_input
from bt_cli.errors import UsageError


def test_file_appears_at_the_end(tmp_path: Path) -> None:
    """While it is written, the file is not there."""
    path = tmp_path / "out"
    with Target(str(path), False, None).opened(Console()) as out:
        out.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"x"


def test_failed_run_leaves_the_old_file(tmp_path: Path) -> None:
    """An exception keeps what was there, and leaves no other file."""
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), Target(str(path), True, None).opened(Console()) as out:
        out.write(b"new")
        raise RuntimeError
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_existing_file_needs_force(tmp_path: Path) -> None:
    """Without --force an existing file is refused."""
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="exists"), Target(str(path), False, None).opened(Console()):
        pass


def test_gzip_is_the_same_each_time(tmp_path: Path) -> None:
    """The header has neither name nor time."""
    packed = []
    for name in ("a", "b"):
        with Target(str(tmp_path / name), False, "gzip").opened(Console()) as out:
            out.write(b"data")
        packed.append((tmp_path / name).read_bytes())
    assert packed[0] == packed[1] and gzip.decompress(packed[0]) == b"data"


def test_zstd(tmp_path: Path) -> None:
    """zstd output can be read back."""
    import zstandard

    path = tmp_path / "a.zst"
    with Target(str(path), False, "zstd").opened(Console()) as out:
        out.write(b"data")
    assert zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read() == b"data"


@pytest.mark.parametrize("given", ["a.jsonl", "*.jsonl", "."])
def test_input_is_refused_as_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """A file that is read by name, glob or folder can't be written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(UsageError):
        refuse_input(str(tmp_path / "a.jsonl"), [given], "-o")
