"""``bt import``: records → rows → store."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial

from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.importing import Importing
from bt_cli.pipeline.intake import Intake
from bt_cli.pipeline.options import ImportOptions, InputOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport
from bt_cli.pipeline.strict import checked_input
from bt_cli.pipeline.touched import Touched
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store


def import_traces(
    store: Store,
    container: Container,
    options: ImportOptions,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
    touched: Touched | None = None,
) -> ImportReport:
    """Imports all records of the input into one container; ``touched`` gets rows of the traces of them all.

    ``stop`` is asked between chunks and answers non-zero to end the run after a clean checkpoint.
    Raises InputError before anything is stored where an input does not exist, StoreError where the
    store gives up; what was committed before stays.
    """
    began = time.monotonic()
    report = ImportReport(told_apart=store.capabilities.knows_previous)
    with contextlib.ExitStack() as stack:
        findings = stack.enter_context(Findings(report, options.rejects))
        rehearse = partial(_rehearse, store, container, options, report, findings, stop)
        given = stack.enter_context(checked_input(options, report, stop, rehearse))
        if given is not None:
            intake = Intake(given, report, findings, stop, options.tee)
            importing = Importing(store, container, options, report, findings, intake.total_bytes, touched)
            stack.callback(importing.close)
            for chunk in intake.chunks(importing.recognise):
                importing.take(chunk)
                progress(intake.progress())
                if importing.too_many_errors:
                    report.stopped = "max_errors"
                    break
            importing.finish()
            progress(intake.progress())
            report.check_sums()
    report.elapsed = time.monotonic() - began
    return report


def _rehearse(
    store: Store,
    container: Container,
    options: ImportOptions,
    report: ImportReport,
    findings: Findings,
    stop: Callable[[], int],
    given: InputOptions,
) -> None:
    """Imports everything into a dry run of the store, for the problems that it finds.

    A store of this process alone can't be opened a second time: what is new in it is compared with nothing.
    """
    with contextlib.closing(open_store(store.url or ":memory:", "dry-run")) as dry:
        importing = Importing(dry, container, options, report, findings, None)
        with contextlib.closing(importing):
            for chunk in Intake(given, report, findings, stop).chunks():
                importing.take(chunk)
            importing.finish()
