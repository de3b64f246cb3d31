"""A record that is stored already is known by its source, and nobody decodes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bt_cli.pipeline.report import Counts, ImportReport
from bt_cli.spans.row import Row
from bt_cli.stores.base import Capabilities, Known, Outcome, Settlement, Submission

Import = Callable[..., ImportReport]
Write = Callable[..., str]


class _AllKnown:
    """A run of writes whose store knows every source, and is never given a record."""

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        return {source: Known(2, False, True, 1) for source in sources}

    def write(self, submissions: list[Submission]) -> list[list[Outcome]]:
        raise AssertionError("a known record was written")

    def drain(self) -> list[list[Outcome]]:
        return []

    def settle(self) -> Settlement:
        return Settlement()

    def close(self) -> None:
        return


class _StoreThatKnows:
    capabilities = Capabilities(True, True, True, True, answers_sql=False)
    name = "a store that knows everything"

    def writing(self, *_: object) -> _AllKnown:
        return _AllKnown()


def test_known_records_are_not_decoded(importing: Import, write: Write) -> None:
    """Records that no span could be made of are unchanged where their source is known."""
    path = write(b'{"children":5}', b'{"id":[]}')
    report = importing(path, into=_StoreThatKnows())
    assert (report.records, report.spans, report.problems) == (Counts(unchanged=2), Counts(unchanged=4), {})


def test_the_same_file_again(importing: Import, write: Write) -> None:
    """A second import finds every record unchanged, with all its spans."""
    path = write({"id": "a", "children": [{}]}, {"input": 1})
    importing(path)
    report = importing(path)
    assert (report.records, report.traces, report.spans) == (
        Counts(unchanged=2),
        Counts(unchanged=2),
        Counts(unchanged=3),
    )


def test_the_same_rows_again(importing: Import, write: Write) -> None:
    """Rows that are known count their trace as unchanged, and its loose ends are told again."""
    path = write({"id": "a", "span_id": "a", "span_parents": ["gone"], "root_span_id": "t"})
    importing(path)
    report = importing(path)
    assert (report.traces, report.orphans) == (Counts(unchanged=1), 1)


def test_the_same_bytes_under_another_name(importing: Import, write: Write) -> None:
    """A file's name is no part of what is remembered."""
    importing(write({"input": 1}, name="one.jsonl"))
    assert importing(write({"input": 1}, name="two.jsonl")).records == Counts(unchanged=1)


def test_white_space_around_a_record_does_not_count(importing: Import, write: Write) -> None:
    """BOM, indentation and line ends are no part of a record."""
    importing(write(b'{"input":1}'))
    assert importing(write(b'\xef\xbb\xbf  {"input":1} \r', name="two.jsonl")).records == Counts(unchanged=1)


def test_later_edits_survive(importing: Import, write: Write, stored: Callable[[], list[Row]]) -> None:
    """What was added to a stored span stays when its source comes again."""
    path = write({"id": "a", "children": [{"id": "b"}]})
    importing(path)
    importing(
        write(
            {"id": "b", "span_id": "b", "root_span_id": "a", "span_parents": ["a"], "scores": {"s": 1}},
            name="scores.jsonl",
        )
    )
    importing(path)
    assert stored()[1].scores == '{"s":1}'


def test_an_edited_record_is_not_known(importing: Import, write: Write) -> None:
    """One byte of difference is another version."""
    importing(write({"id": "a", "input": 1}))
    assert importing(write({"id": "a", "input": 2})).records == Counts(changed=1)


def test_other_options_are_another_source(bt: Callable[..., Any], write: Write) -> None:
    """Options that change what a record becomes make it worth another look."""
    path = write({"id": "a"})
    bt("import", path, "-p", "x").check()
    assert bt("import", path, "-p", "x", "--add-tag", "late", "--json").check().json["records"]["changed"] == 1


def test_another_container_knows_nothing_of_it(bt_here: Callable[..., Any], write: Write) -> None:
    """A record that one project has is new to another."""
    path = write({"id": "a"})
    bt_here("import", path, "-p", "one").check()
    assert bt_here("import", path, "-p", "two", "--json").check().json["records"]["new"] == 1
