"""Identical records: twins in one source, copies across sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bt_cli.pipeline.report import Counts, ImportReport
from bt_cli.pipeline.twins import _IN_MEMORY, Twins
from bt_cli.spans.ids import content_hash
from bt_cli.spans.row import Row

Import = Callable[..., ImportReport]
Write = Callable[..., str]
DATED = {"input": 1, "metrics": {"start": 1700000000, "end": 1700000001}}


def test_twins_in_one_file_are_traces_of_their_own(importing: Import, write: Write) -> None:
    """The same record three times in a file is three traces."""
    assert importing(write(*[{"input": 1}] * 3)).records == Counts(new=3)


def test_twins_are_known_again(importing: Import, write: Write) -> None:
    """A second import of the file finds all of them."""
    path = write(*[{"input": 1}] * 3)
    importing(path)
    assert importing(path).records == Counts(unchanged=3)


def test_one_twin_more(importing: Import, write: Write) -> None:
    """A longer version of the file brings the twins that were not there."""
    importing(write(*[{"input": 1}] * 2))
    assert importing(write(*[{"input": 1}] * 5)).records == Counts(new=3, unchanged=2)


def test_twins_with_an_id_are_one_span(importing: Import, write: Write, stored: Callable[[], list[Row]]) -> None:
    """A given id wins over the count of twins."""
    importing(write(*[{"id": "a"}] * 3))
    assert [one.id for one in stored()] == ["a"]


def test_twins_in_convert_are_those_of_import(bt: Callable[..., Any], write: Write) -> None:
    """The filter counts twins as the store does."""
    path = write(*[{"input": 1}] * 3)
    assert len({line["id"] for line in bt("convert", path).check().lines}) == 3


def test_the_same_record_in_two_files_is_one_trace(
    importing: Import, write: Write, stored: Callable[[], list[Row]]
) -> None:
    """Twins are counted within one source."""
    importing(write(DATED, name="1.jsonl"), write(DATED, name="2.jsonl"))
    assert len(stored()) == 1


def test_anonymous_repeats_are_told(importing: Import, write: Write) -> None:
    """Records without id and time that are stored already are counted for the report."""
    path = write({"input": 1}, {"input": 2})
    importing(path)
    assert importing(path).anonymous_repeats == 2


def test_anonymous_repeats_in_one_run_are_told(importing: Import, write: Write) -> None:
    """The same anonymous record in two files of one run is one trace, and that is said."""
    assert importing(write({"input": 1}, name="1.jsonl"), write({"input": 1}, name="2.jsonl")).anonymous_repeats == 1


@pytest.mark.parametrize("record", [{"id": "a"}, DATED])
def test_repeats_with_id_or_time_are_not(importing: Import, write: Write, record: object) -> None:
    """A record that says who or when it is needs no word."""
    path = write(record)
    importing(path)
    assert importing(path).anonymous_repeats == 0


def test_ordinals_count_from_nought() -> None:
    """The first of its kind has no ordinal of its own."""
    twins = Twins()
    assert [twins.ordinal(content_hash(text)) for text in (b"a", b"b", b"a", b"a", b"b")] == [0, 0, 1, 2, 1]


def test_ordinals_beyond_what_is_kept_in_memory() -> None:
    """Counts go on where memory ended."""
    twins = Twins()
    digests = [content_hash(b"%d" % (n % (_IN_MEMORY + 5000))) for n in range(2 * _IN_MEMORY + 15000)]
    assert Counter(map(twins.ordinal, digests)) == {0: _IN_MEMORY + 5000, 1: _IN_MEMORY + 5000, 2: 5000}
