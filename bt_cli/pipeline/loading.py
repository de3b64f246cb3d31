"""Files and pipes that are looked at without an import: their traces in a store that ends with the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from bt_cli.pipeline.import_ import import_traces
from bt_cli.pipeline.options import ErrorLimit, ImportOptions, InputOptions
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
    with closing(open_store(_TEMPORARY, "write")) as store:
        yield store, import_traces(store, container, ImportOptions(options, limit=ErrorLimit()), progress, stop)
