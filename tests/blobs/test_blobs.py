"""Attachments in files: what is kept, under which names, and what is left of what went wrong."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bt_cli.blobs.blobs import Blobs
from bt_cli.blobs.index import Index
from bt_cli.errors import StoreError

HOSTILE = ["../../escape", "/etc/passwd", "..", "a/b", "nul\x00byte", "ключ", "'; DROP TABLE attachments; --", "C:\\x"]


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "spans.db.blobs"))


def bring(blobs: Blobs, key: str, *chunks: bytes) -> str | None:
    """Announces an attachment, brings its content, and says its hash."""
    blobs.announce(key, "a.txt", "text/plain")
    with blobs.receiving() as incoming:
        for chunk in chunks:
            incoming.write(chunk)
        found = blobs.keep(key, incoming)
    return found and found.sha256


def files(blobs: Blobs) -> list[str]:
    """The files of the folder, but for the index."""
    found = (path for path in Path(blobs.folder).rglob("*") if path.is_file() and path.parent != Path(blobs.folder))
    return sorted(str(path.relative_to(blobs.folder)) for path in found)


def test_content_lies_under_its_hash(blobs: Blobs) -> None:
    """A file's name is the SHA-256 of its bytes, below a folder of its first two digits."""
    digest = hashlib.sha256(b"hello bytes").hexdigest()
    assert bring(blobs, "k", b"hello ", b"bytes") == digest
    assert files(blobs) == [f"{digest[:2]}/{digest}"]
    assert Path(blobs.path(digest)).read_bytes() == b"hello bytes"


def test_what_is_known_is_found_again(blobs: Blobs) -> None:
    """Another process reads what was said of an attachment, and its size."""
    made = blobs.announce("k", "photo.png", "image/png", "org")
    bring(blobs, "k", b"12345")
    blobs.announce("k", "photo.png", "image/png", "org")
    blobs.close()
    found = Blobs(blobs.folder).find("download", made.download)
    assert found
    assert (found.key, found.filename, found.content_type, found.org) == ("k", "photo.png", "image/png", "org")
    assert (found.status, found.error, found.size) == ("done", None, 5)


def test_looking_makes_nothing(blobs: Blobs) -> None:
    """The folder is made with the first attachment, not by asking for one."""
    assert blobs.find("key", "k") is None
    assert blobs.note("k", "done") is None
    assert not os.path.exists(blobs.folder)


def test_nobody_else_may_read(blobs: Blobs) -> None:
    """Folders have mode 0700, files 0600, whatever the umask allows."""
    before = os.umask(0)
    try:
        bring(blobs, "k", b"x")
    finally:
        os.umask(before)
    for path in [Path(blobs.folder), *Path(blobs.folder).rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_announcement_repeated_is_the_same(blobs: Blobs) -> None:
    """A client that lost the answer gets the same secrets; what it says of the file is what counts last."""
    first = blobs.announce("k", "a.txt", "text/plain")
    again = blobs.announce("k", "b.txt", "text/plain")
    assert (again.upload, again.download, again.filename) == (first.upload, first.download, "b.txt")
    assert len({first.upload, first.download}) == 2
    assert len(first.upload) >= 40


def test_equal_content_is_stored_once(blobs: Blobs) -> None:
    """Two keys with the same bytes share a file."""
    assert bring(blobs, "one", b"same") == bring(blobs, "two", b"same")
    assert len(files(blobs)) == 1


def test_content_brought_again_changes_nothing(blobs: Blobs) -> None:
    """An upload that is repeated leaves one file, and its key done."""
    bring(blobs, "k", b"same")
    bring(blobs, "k", b"same")
    found = blobs.find("key", "k")
    assert found
    assert (found.status, len(files(blobs))) == ("done", 1)


def test_other_content_takes_the_place_of_the_first(blobs: Blobs) -> None:
    """The last upload counts, and content that no key has any more is removed."""
    bring(blobs, "shared", b"first")
    bring(blobs, "k", b"first")
    second = bring(blobs, "k", b"second")
    assert len(files(blobs)) == 2
    bring(blobs, "shared", b"second")
    assert [one.rpartition("/")[2] for one in files(blobs)] == [second]


def test_what_does_not_arrive_whole_leaves_nothing(blobs: Blobs) -> None:
    """A connection that is cut leaves no file, and the attachment as it was."""
    blobs.announce("k", "a.txt", "text/plain")
    with pytest.raises(ConnectionError), blobs.receiving() as incoming:
        incoming.write(b"half")
        raise ConnectionError
    found = blobs.find("key", "k")
    assert found
    assert (found.status, found.sha256) == ("uploading", None)
    assert os.listdir(blobs.folder) == ["index.db"]


def test_content_without_a_key_is_not_kept(blobs: Blobs) -> None:
    """Bytes for a key that was not announced leave no file."""
    with blobs.receiving() as incoming:
        incoming.write(b"x")
        assert blobs.keep("nobody's", incoming) is None
    assert files(blobs) == []


def test_an_error_is_noted(blobs: Blobs) -> None:
    """What a client says of a failed upload is kept, until the content comes after all."""
    blobs.announce("k", "a.txt", "text/plain")
    blobs.note("k", "error", "disk on fire")
    failed = blobs.find("key", "k")
    assert failed
    assert (failed.status, failed.error) == ("error", "disk on fire")
    bring(blobs, "k", b"x")
    late = blobs.note("k", "error", "too late")
    assert late
    assert (late.status, late.error) == ("done", None)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_never_leave_the_folder(blobs: Blobs, name: str, tmp_path: Path) -> None:
    """Keys and file names are values of a table, and no part of a path."""
    blobs.announce(name, name, "text/plain")
    bring(blobs, name, b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert files(blobs) == [f"{digest[:2]}/{digest}"]
    assert os.listdir(tmp_path) == ["spans.db.blobs"]
    found = blobs.find("key", name)
    assert found
    assert found.key == name


def test_many_threads_at_once(blobs: Blobs) -> None:
    """Threads that bring the same and other contents under many keys lose nothing."""

    def work(number: int) -> str | None:
        return bring(blobs, f"key {number % 20}", b"content %d" % (number % 10))

    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(work, range(60)))
    assert len({*hashes}) == 10
    for number in range(20):
        found = blobs.find("key", f"key {number}")
        assert found
        assert found.sha256
        assert Path(blobs.path(found.sha256)).read_bytes().startswith(b"content ")


def test_size_is_no_matter_of_memory(blobs: Blobs) -> None:
    """64 MB in chunks take as good as no memory."""
    chunk = bytes(1 << 20)
    tracemalloc.start()
    try:
        blobs.announce("k", "big.bin", "application/octet-stream")
        with blobs.receiving() as incoming:
            for _ in range(64):
                incoming.write(chunk)
            blobs.keep("k", incoming)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_leftovers_of_a_crash_are_removed(blobs: Blobs) -> None:
    """Files that nobody has written to for a day go when the folder is opened; what is being received stays."""
    bring(blobs, "k", b"x")
    blobs.close()
    for name, age in (("incoming-old", 100_000), ("incoming-new", 10)):
        path = Path(blobs.folder, name)
        path.write_bytes(b"half")
        now = path.stat().st_mtime
        os.utime(path, (now - age, now - age))
    Blobs(blobs.folder).find("key", "k")
    assert {one for one in os.listdir(blobs.folder) if one.startswith("incoming")} == {"incoming-new"}


def test_an_index_that_is_none_is_an_error_of_the_store(blobs: Blobs) -> None:
    """A damaged index is told with its path."""
    os.makedirs(blobs.folder)
    Path(blobs.folder, "index.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match=r"index\.db cannot be used"):
        blobs.find("key", "k")


def test_a_failed_change_is_undone(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the content cannot take its place, the attachment is as before, and the index goes on working."""
    blobs.announce("k", "a.txt", "text/plain")
    with monkeypatch.context() as patch, blobs.receiving() as incoming:
        patch.setattr(os, "replace", _full)
        incoming.write(b"x")
        with pytest.raises(OSError, match="No space"):
            blobs.keep("k", incoming)
    found = blobs.find("key", "k")
    assert found
    assert found.sha256 is None
    assert bring(blobs, "k", b"x")
    with sqlite3.connect(f"{blobs.folder}/index.db") as db:
        assert db.execute("SELECT count(*) FROM attachments").fetchone() == (1,)
    db.close()


def test_content_is_removed_only_when_its_key_has_another(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an attachment's new content cannot be stored, the one that it has is still there."""
    digest = bring(blobs, "k", b"first")
    assert digest
    with monkeypatch.context() as patch:
        patch.setattr(Index, "put", _full)
        with blobs.receiving() as incoming, pytest.raises(OSError, match="No space"):
            incoming.write(b"second")
            blobs.keep("k", incoming)
    assert Path(blobs.path(digest)).read_bytes() == b"first"


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")
