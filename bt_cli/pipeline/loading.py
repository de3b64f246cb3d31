"""Files and pipes that are looked at without an import: their traces in a store that ends with the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from bt_cli.pipeline.import_ import import_traces
from bt_cli.pipeline.options import ImportOptions, InputOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store

_TEMPORARY = "sqlite:"
"""A temporary file of SQLite's: what is small never leaves the memory."""


@contextmanager
def loaded(
    options: InputOptions, container: Container, progress: Callable[[Progress], None], stop: Callable[[], int]
) -> Iterator[tuple[Store, ImportReport]]:
    """A store that has the input's traces in ``container``, and what reading them came to.

    Raises InputError where an input does not exist.
    """
    with all_loaded([(options, container)], progress, stop) as (store, (report,)):
        yield store, report


@contextmanager
def all_loaded(
    inputs: Sequence[tuple[InputOptions, Container]], progress: Callable[[Progress], None], stop: Callable[[], int]
) -> Iterator[tuple[Store, list[ImportReport]]]:
    """A store that has the traces of each input in a container of its own, and what reading each came to.

    Raises InputError where an input does not exist.
    """
    with closing(open_store(_TEMPORARY, "write", stop)) as store:
        yield store, [import_traces(store, where, ImportOptions(one), progress, stop) for one, where in inputs]
