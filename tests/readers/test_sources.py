"""Rule 5.2: which inputs a command line names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bt_cli.errors import InputError
from bt_cli.readers.sources import STDIN, find_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files to look for, and some to pass over."""
    seen = ("b.jsonl", "a.json.gz", "sub/c.ndjson.zst", "sub/e.json")
    for name in (*seen, "sub/.hidden.jsonl", ".git/d.jsonl", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
    return tmp_path / "in"


def names(*paths: str, below: Path) -> list[str]:
    """The sources' names, seen from a folder."""
    return [os.path.relpath(source.name, below) for source in find_sources(paths)]


def failure(path: object) -> InputError:
    """Why a path cannot be read."""
    with pytest.raises(InputError) as caught:
        find_sources([str(path)])
    return caught.value


def test_no_path_is_stdin() -> None:
    """As with any filter."""
    assert find_sources([]) == [STDIN]


def test_a_dash_is_stdin(folder: Path) -> None:
    """Among files too."""
    assert find_sources(["-", f"{folder}/b.jsonl"])[0] == STDIN


def test_files_in_the_order_given(folder: Path) -> None:
    """Whatever their suffix."""
    assert names(f"{folder}/notes.txt", f"{folder}/b.jsonl", below=folder) == ["notes.txt", "b.jsonl"]


def test_a_folder(folder: Path) -> None:
    """Trace files, recursive and sorted, hidden files and folders skipped."""
    assert names(str(folder), below=folder) == ["a.json.gz", "b.jsonl", "sub/c.ndjson.zst", "sub/e.json"]


def test_a_glob(folder: Path) -> None:
    """Sorted, files only."""
    assert names(f"{folder}/*", below=folder) == ["a.json.gz", "b.jsonl", "notes.txt"]


def test_a_recursive_glob(folder: Path) -> None:
    """Two stars reach into folders."""
    assert names(f"{folder}/**/*.json*", below=folder) == ["a.json.gz", "b.jsonl", "sub/e.json"]


def test_a_file_whose_name_looks_like_a_glob(tmp_path: Path) -> None:
    """The file wins."""
    (tmp_path / "a[1].jsonl").touch()
    (tmp_path / "a1.jsonl").touch()
    assert names(f"{tmp_path}/a[1].jsonl", below=tmp_path) == ["a[1].jsonl"]


def test_the_size(folder: Path) -> None:
    """For the progress of a run."""
    assert find_sources([f"{folder}/b.jsonl"])[0].size == 3


def test_a_named_pipe_is_not_opened(tmp_path: Path) -> None:
    """Opening and closing it would end its writer; its size is unknown."""
    os.mkfifo(tmp_path / "pipe")
    assert find_sources([str(tmp_path / "pipe")])[0].size is None


def test_a_missing_file(tmp_path: Path) -> None:
    """Named with the system's reason."""
    error = failure(tmp_path / "gone.jsonl")
    assert (error.exit_code, error.message) == (5, f"{tmp_path}/gone.jsonl: No such file or directory")


def test_a_missing_file_among_others(folder: Path) -> None:
    """Rule 5.2: before anything is read."""
    with pytest.raises(InputError):
        find_sources([f"{folder}/b.jsonl", f"{folder}/gone.jsonl"])


def test_a_glob_without_a_match(tmp_path: Path) -> None:
    """It is not an empty input."""
    assert failure(tmp_path / "*.jsonl").message.endswith("no file matches")


def test_a_folder_without_trace_files(tmp_path: Path) -> None:
    """The hint names what is looked for."""
    (tmp_path / "x.txt").touch()
    error = failure(tmp_path)
    assert (error.message, error.hint) == (
        f"{tmp_path}: the folder has no trace files",
        "bt looks for *.jsonl, *.ndjson, *.json (and .gz, .zst) in it",
    )


def test_a_broken_link_in_a_folder(tmp_path: Path) -> None:
    """It is named, not skipped."""
    (tmp_path / "a.jsonl").symlink_to("gone")
    assert failure(tmp_path).file == f"{tmp_path}/a.jsonl"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
@pytest.mark.parametrize("name", ["b.jsonl", "sub"])
def test_what_may_not_be_read(folder: Path, name: str) -> None:
    """Neither a file nor a folder below is skipped in silence."""
    (folder / name).chmod(0)
    try:
        assert failure(folder).message.endswith("Permission denied")
    finally:
        (folder / name).chmod(0o700)
