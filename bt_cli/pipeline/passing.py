"""Complete rows on their way to a store that takes them as they are: recognised as they are read, counted by runs.

They need no conversion, no content hash and no objects of their own; all other records go the long way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.report import ImportReport, SourceReport
from bt_cli.readers.base import Recognise, Run
from bt_cli.stores.base import Outcome, Store


class Passed(NamedTuple):
    """Where a run of complete rows came from."""

    source: SourceReport
    run: Run


def recogniser(store: Store, conversion: Conversion) -> Recognise | None:
    """What tells which records are complete rows; None where none can be passed on as it is."""
    if not store.capabilities.takes_complete or conversion != Conversion():
        return None
    from bt_cli.pipeline.attaching import MARK
    from bt_cli.spans.complete import read_complete

    file = MARK.encode()
    return lambda line: None if file in line else read_complete(line)


def count_passed(passed: Passed, outcomes: Sequence[Outcome], report: ImportReport, findings: Findings) -> None:
    """Counts what became of a run, a record of one row at a time."""
    source, run = passed
    counted = Counter([one.status for one in outcomes])
    for status, number in counted.items():
        report.spans.add(status, number)
        if status != "rejected":
            report.count_records(source, False, status, number)
    for at, outcome in enumerate(outcomes if "rejected" in counted else ()):
        if outcome.problem is not None:
            findings.reject_record(source, run.record(at), outcome.problem)
