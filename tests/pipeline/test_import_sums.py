"""Nothing is dropped in silence: what comes in is accounted for, in each file and in all."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path

from bt_cli.pipeline.report import Counts, ImportReport

Import = Callable[..., ImportReport]
Write = Callable[..., str]

BAD = b'{"id":"bad", "input": }'
NO_SPAN = b'{"children":5}'


def test_each_file_has_its_sum(importing: Import, write: Write) -> None:
    """A file's records are counted where they came from."""
    first = write({"id": "a"}, {"id": "b"}, BAD, name="first.jsonl")
    second = write({"id": "c"}, NO_SPAN, name="second.jsonl")
    report = importing(first, second)
    assert [(one.records, one.counts) for one in report.sources] == [
        (3, Counts(new=2, rejected=1)),
        (2, Counts(new=1, rejected=1)),
    ]


def test_all_files_together(importing: Import, write: Write) -> None:
    """The report's own sum is that of its files."""
    report = importing(write({"id": "a"}, BAD, name="1.jsonl"), write(NO_SPAN, {"id": "b"}, name="2.jsonl"))
    assert (report.records_in, report.records) == (4, Counts(new=2, rejected=2))


def test_a_record_in_two_files(importing: Import, write: Write) -> None:
    """The same id in two files is new once, and the other is accounted for."""
    first, second = write({"id": "a", "input": 1}, name="1.jsonl"), write({"id": "a", "output": 2}, name="2.jsonl")
    report = importing(first, second)
    assert (report.records.new, report.records.changed + report.records.folded) == (1, 1)


def test_spans_are_counted_beside_records(importing: Import, write: Write) -> None:
    """A tree is one record and one trace of all its spans."""
    report = importing(write({"id": "a", "children": [{}, {"children": [{}]}]}))
    assert (report.records.new, report.traces.new, report.spans.new) == (1, 1, 4)


def test_rows_are_counted_as_their_trace(importing: Import, write: Write) -> None:
    """Three rows of one trace are three records and one trace."""
    rows = [
        {"id": name, "span_id": name, "root_span_id": "a", "span_parents": [] if name == "a" else ["a"]}
        for name in "abc"
    ]
    report = importing(write(*rows))
    assert (report.records.new, report.traces.new, report.spans.new) == (3, 1, 3)


def test_a_folder_is_all_its_files(importing: Import, write: Write, tmp_path: Path) -> None:
    """The sum of a folder is that of the files in it."""
    (folder := tmp_path / "logs").mkdir()
    write({"id": "a"}, name="logs/1.jsonl")
    write({"id": "b"}, {"id": "c"}, name="logs/2.ndjson")
    report = importing(str(folder))
    assert [one.records for one in report.sources] == [1, 2]


def test_an_empty_file(importing: Import, write: Write) -> None:
    """No records at all is a sum too."""
    report = importing(write())
    assert (report.records_in, report.records) == (0, Counts())


def test_a_cut_archive_counts_what_was_read(importing: Import, tmp_path: Path) -> None:
    """What was read of a broken file is stored, and the failure is told."""
    noise = random.Random(1)
    lines = b"".join(b'{"id":"%d","input":"%s"}\n' % (n, noise.randbytes(200).hex().encode()) for n in range(3000))
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-2000])
    (source,) = importing(str(path)).sources
    assert source.failure and source.counts.new > 0


def test_a_file_after_a_broken_one_is_read(importing: Import, write: Write, tmp_path: Path) -> None:
    """One bad archive does not keep the next file out."""
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id":"a"}\n')[:-4])
    report = importing(str(path), write({"id": "b"}))
    assert report.sources[1].counts.new == 1
